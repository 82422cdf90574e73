"""Confirmation sheets of units, as far as one may see them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.confirmations import ConfirmationFilter
from inventory.models import UnitConfirmation
from portal.choices import OFFICIAL_ROLES, Role
from portal.lists.spec import Asked, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {"newest": Ordering(_("Newest first"), ("-pk",))}
READERS = frozenset({*OFFICIAL_ROLES, Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER, Role.AUDITOR})


def confirmations_of(membership: Membership) -> QuerySet[UnitConfirmation]:
    """The sheets with what a row shows and whether they are void."""
    return (
        UnitConfirmation.objects.visible_to(membership)
        .with_standing()
        .select_related("campaign", "institution", "unit", "made_by__user")
    )


def may_open(membership: Membership) -> bool:
    return membership.role in READERS


def _rows(asked: Asked) -> QuerySet[UnitConfirmation]:
    return confirmations_of(asked.membership)


CONFIRMATIONS = ListSpec(
    name="inventory.confirmations",
    label=_("Confirmation sheets"),
    url_name="inventory:confirmation-list",
    rows=_rows,
    filterset=ConfirmationFilter,
    orderings=ORDERINGS,
    may_open=may_open,
)
