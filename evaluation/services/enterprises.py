"""What is known of an enterprise: what it says about itself, and what the city's lists say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from evaluation.models import EnterpriseProfile
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.models import Membership, Organisation


@transaction.atomic
def save_profile(
    *, categories: Sequence[str], sections: Sequence[str], seen_version: int, actor: Membership
) -> EnterpriseProfile:
    """Store categories and industries of the actor's own enterprise; version 0 means there was none yet."""
    stored = _locked(actor.organisation)
    check_version(seen_version, stored.version)
    changes = _store(stored, {"categories": categories, "sections": sections})
    audit.record(actor=actor, action=AuditAction.CHANGE, target=stored, changes=changes)
    return stored


@transaction.atomic
def record_profile(
    *,
    enterprise: Organisation,
    values: Mapping[str, Sequence[str]],
    actor: Membership,
    owner: Organisation | None = None,
    reason: str = "",
) -> EnterpriseProfile:
    """Store what a list of the city says of an enterprise; `values` are its categories and sections.

    `owner` is whose trail tells of it, by default the enterprise's (see organisations.create_organisation).
    """
    stored = _locked(enterprise)
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=stored,
        owner=owner or enterprise,
        changes=_store(stored, values),
        reason=reason,
        version=stored.version,
    )
    return stored


@transaction.atomic
def withdraw_profile(
    *, profile: EnterpriseProfile, actor: Membership, owner: Organisation | None, reason: str
) -> None:
    """Take a profile off again that a list brought by mistake."""
    before = {"categories": profile.categories, "sections": profile.sections}
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=profile,
        owner=owner or profile.organisation,
        changes=audit.changes_of(before, {"categories": [], "sections": []}),
        reason=reason,
    )
    profile.delete()


def _locked(enterprise: Organisation) -> EnterpriseProfile:
    EnterpriseProfile.objects.get_or_create(organisation=enterprise, defaults={"version": 0})
    return EnterpriseProfile.objects.select_for_update().get(organisation=enterprise)


def _store(
    stored: EnterpriseProfile, values: Mapping[str, Sequence[str]]
) -> dict[str, list[object]]:
    """Write what is given into a locked profile; the changes as the trail keeps them."""
    before = {"categories": stored.categories, "sections": stored.sections}
    stored.categories = sorted(set(values["categories"]))
    stored.sections = sorted(set(values["sections"]))
    stored.version += 1
    stored.save(update_fields=["categories", "sections", "version"])
    return audit.changes_of(before, {"categories": stored.categories, "sections": stored.sections})
