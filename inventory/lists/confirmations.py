"""Confirmation sheets of units, as far as one may see them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.confirmations import ConfirmationFilter
from inventory.models import UnitConfirmation
from portal.choices import OFFICIAL_ROLES, Role
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
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


def _standing(sheet: UnitConfirmation) -> list[Badge]:
    if sheet.is_void:  # type: ignore[attr-defined]
        return [("confirmation", "void", _("Void"))]
    return [("confirmation", sheet.state, cells.word_of(sheet, "state"))]


COLUMNS: tuple[Column, ...] = (
    Column("number", _("Number"), lambda c: c.number, cells.CODE),
    Column("campaign", _("Campaign"), lambda c: c.campaign.name, cells.LONG, filter="campaign"),
    Column("institution", _("Institution"), lambda c: c.institution.name, filter="institution"),
    Column("unit", _("Unit"), lambda c: c.unit.name, filter="unit"),
    Column("count", _("Dossiers"), lambda c: c.count, cells.NUMBER),
    Column("state", _("State"), _standing, cells.BADGES, filter="standing"),
    Column("made", _("Made"), lambda c: c.made_at, cells.MOMENT),
    Column("by", _("Made by"), lambda c: c.made_by.user),
)

CONFIRMATIONS = ListSpec(
    name="inventory.confirmations",
    label=_("Confirmation sheets"),
    url_name="inventory:confirmation-list",
    rows=_rows,
    filterset=ConfirmationFilter,
    orderings=ORDERINGS,
    columns=COLUMNS,
    may_open=may_open,
    link=UnitConfirmation.get_absolute_url,
    empty=Empty(
        "file-certificate",
        _("No confirmation sheet here"),
        _("A unit makes one when it has approved its dossiers."),
    ),
    is_stacked=True,
)
