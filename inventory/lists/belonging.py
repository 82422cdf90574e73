"""Patents nobody looks after, and those that units pass on to each other."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.filters.belonging import TransferFilter, UnassignedFilter
from inventory.models import Dossier, UnitTransfer
from inventory.permissions import can_see_unassigned
from inventory.queries.unassigned import unassigned, with_rows
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering


def _unassigned(asked: Asked) -> QuerySet[Dossier]:
    return with_rows(unassigned(asked.membership))


def _transfers(asked: Asked) -> QuerySet[UnitTransfer]:
    return UnitTransfer.objects.visible_to(asked.membership).with_names()


UNASSIGNED = ListSpec(
    name="inventory.unassigned",
    label=_("Unassigned patents"),
    url_name="inventory:unassigned-list",
    rows=_unassigned,
    filterset=UnassignedFilter,
    orderings={
        "listed": Ordering(_("As listed"), ("pk",)),
        "number": Ordering(_("Application number"), ("patent__application_number",)),
    },
    may_open=can_see_unassigned,
)
TRANSFERS = ListSpec(
    name="inventory.transfers",
    label=_("Between units"),
    url_name="inventory:transfer-list",
    rows=_transfers,
    filterset=TransferFilter,
    orderings={"newest": Ordering(_("Newest first"), ("-pk",))},
    columns=(
        Column("number", _("Application number"), lambda t: t.dossier.patent.number, cells.CODE),
        Column("title", _("Title"), lambda t: t.dossier.patent.title, cells.LONG),
        Column("from", _("From"), lambda t: t.from_unit, cells.NAME),
        Column("to", _("To"), lambda t: t.to_unit, cells.NAME),
        Column("reason", _("Reason"), lambda t: (t.reason, t.answer), cells.PAIR),
        Column(
            "state",
            _("State"),
            lambda t: [("transfer", t.state, t.get_state_display())],
            cells.BADGES,
            filter="state",
        ),
        Column("asked", _("Asked"), lambda t: t.asked_at, cells.DAY, "newest", "waiting"),
    ),
    link=lambda transfer: reverse("inventory:transfer-detail", args=[transfer.pk]),
    tone=lambda transfer: "" if transfer.is_open else "is-muted",
    empty=Empty(
        "arrows-exchange",
        _("Nothing is being passed on"),
        _("On the page of a dossier, “Not ours” offers it to another unit."),
    ),
    is_stacked=True,
    may_open=can_see_unassigned,
)
