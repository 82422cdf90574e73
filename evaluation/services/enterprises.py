"""What an enterprise says about itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from evaluation.models import EnterpriseProfile
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.models import Membership


@transaction.atomic
def save_profile(
    *, categories: Sequence[str], sections: Sequence[str], seen_version: int, actor: Membership
) -> EnterpriseProfile:
    """Store categories and industries of the actor's own enterprise; version 0 means there was none yet."""
    EnterpriseProfile.objects.get_or_create(
        organisation=actor.organisation, defaults={"version": 0}
    )
    stored = EnterpriseProfile.objects.select_for_update().get(organisation=actor.organisation)
    check_version(seen_version, stored.version)
    before = {"categories": stored.categories, "sections": stored.sections}
    stored.categories, stored.sections = sorted(set(categories)), sorted(set(sections))
    stored.version += 1
    stored.save(update_fields=["categories", "sections", "version"])
    after = {"categories": stored.categories, "sections": stored.sections}
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=stored,
        changes=audit.changes_of(before, after),
    )
    return stored
