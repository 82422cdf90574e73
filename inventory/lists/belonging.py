"""Patents nobody looks after, and those that units pass on to each other."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from inventory.filters.belonging import TransferFilter, UnassignedFilter
from inventory.lists.entries import WORDS
from inventory.lists.proposed import PROPOSED, Waiting, waiting
from inventory.models import Dossier, UnitTransfer
from inventory.permissions import can_see_unassigned
from inventory.queries.unassigned import unassigned, with_rows
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering


def _unassigned(asked: Asked) -> QuerySet[Dossier]:
    return with_rows(unassigned(asked.membership))


def _dressed(dossiers: list[Dossier], asked: Asked) -> list[Waiting]:
    return waiting(dossiers, asked.membership)


def _inventors(row: Waiting) -> str:
    return "、".join(one.name for one in row.inventors)


def _unit(row: Waiting) -> tuple[str, str]:
    """The unit, and who of it looked after the patent until leaving."""
    unit, person = row.dossier.unit, row.dossier.responsible
    gone = gettext("%(name)s has left") % {"name": person.name} if person else ""
    return unit.name if unit else "", gone


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
    columns=(
        Column(
            "number",
            _("Application number"),
            lambda w: w.dossier.patent.number,
            cells.CODE,
            "number",
        ),
        Column("title", _("Title"), lambda w: w.dossier.patent.title, cells.LONG),
        Column(
            "kind",
            _("Kind"),
            lambda w: cells.word_of(w.dossier.patent, "kind"),
            filter="kind",
            is_default=False,
        ),
        Column(
            "campaign",
            _("Campaign"),
            lambda w: w.dossier.participation.campaign,
            filter="campaign",
            is_default=False,
        ),
        Column("inventors", _("Inventors"), _inventors, cells.LONG),
        Column("unit", _("Unit"), _unit, cells.PAIR, filter="unit"),
        Column("proposed", _("Proposed"), lambda w: w, PROPOSED),
    ),
    dress=_dressed,
    link=lambda row: row.dossier.get_absolute_url(),
    pick=lambda row: f"{row.dossier.pk}-{row.dossier.version}",
    empty=Empty("circle-check", _("Every open patent has somebody who looks after it")),
    has_drawer=True,
    is_stacked=True,
    page_size=25,
    words=WORDS,
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
        Column("from", pgettext_lazy("unit", "From"), lambda t: t.from_unit, cells.NAME),
        Column("to", pgettext_lazy("unit", "To"), lambda t: t.to_unit, cells.NAME),
        Column("reason", _("Reason"), lambda t: (t.reason, t.answer), cells.PAIR),
        Column(
            "state",
            _("State"),
            lambda t: [("transfer", t.state, cells.word_of(t, "state"))],
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
