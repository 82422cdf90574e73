"""The review queue: dossiers that wait for one's decision."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.entries import QueueFilter
from inventory.models import Dossier
from portal.choices import Role
from portal.lists.spec import Asked, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {
    "findings": Ordering(_("Findings first"), ("-finding_weight", "updated_at")),
    "waiting": Ordering(_("Longest waiting first"), ("updated_at",)),
    "number": Ordering(_("Application number"), ("patent__application_number",)),
}


def queue_of(membership: Membership) -> QuerySet[Dossier]:
    """Dossiers waiting for this person's review, with what a row shows."""
    return (
        Dossier.objects.visible_to(membership)
        .waiting_for(membership)
        .select_related("patent", "unit", "responsible", "participation")
        .prefetch_related("status_marks", "intent_marks", "findings")
    )


def is_reviewer(membership: Membership) -> bool:
    return membership.role in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER)


def _rows(asked: Asked) -> QuerySet[Dossier]:
    return queue_of(asked.membership)


REVIEWS = ListSpec(
    name="inventory.reviews",
    label=_("Review"),
    url_name="inventory:review-queue",
    rows=_rows,
    filterset=QueueFilter,
    orderings=ORDERINGS,
    may_open=is_reviewer,
)
