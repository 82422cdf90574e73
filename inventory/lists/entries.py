"""The work list of everybody: base list entries with the state of their dossiers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.filters.entries import EntryFilter
from inventory.lists.editable import editable
from inventory.models import BaseListEntry, Dossier
from inventory.permissions import can_assign_dossiers, can_edit_dossier, can_read_confidential
from portal import clock
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {
    # key industries and strong disciplines first
    "priority": Ordering(_("Priority"), ("priority", "patent_id")),
    "listed": Ordering(_("As listed"), ("pk",)),
    "number": Ordering(_("Application number"), ("patent__application_number",)),
    "state": Ordering(_("State"), ("dossier__state",)),
    "due": Ordering(_("Due"), ("due_on",)),
    "changed": Ordering(_("Last changed"), ("-dossier__updated_at",)),
}


def entries_of(asked: Asked) -> QuerySet[BaseListEntry]:
    """The entries a person may see, with what a row shows."""
    return (
        BaseListEntry.objects.visible_to(asked.membership)
        .select_related(
            "patent",
            "dossier__unit",
            "dossier__responsible",
            "dossier__participation",
            "institution",
            "campaign",
        )
        # not shown, and deciphering them takes as long as finding the rows
        .defer("dossier__responsible__email", "dossier__responsible__phone")
    )


def _watches_many(membership: Membership) -> bool:
    return not membership.is_of_institution


def _dressed(entries: list[BaseListEntry], asked: Asked) -> list[BaseListEntry]:
    """Each row knows whether this person may edit it in place."""
    for entry in entries:
        may_edit = can_edit_dossier(asked.membership, entry.dossier)
        entry.may_assign = may_edit and can_assign_dossiers(asked.membership)  # type: ignore[attr-defined]
        entry.may_read = can_read_confidential(asked.membership, entry.dossier)  # type: ignore[attr-defined]
        entry.may_edit = may_edit and entry.dossier.is_editable  # type: ignore[attr-defined]
    return entries


def _price(entry: Any) -> tuple[Dossier, bool] | None:
    """The price is for the filing institution's own people."""
    return _content(entry) if getattr(entry, "may_read", False) else None


def _assignment(entry: Any) -> tuple[Dossier, bool]:
    return entry.dossier, getattr(entry, "may_assign", False)


def _content(entry: Any) -> tuple[Dossier, bool]:
    return entry.dossier, getattr(entry, "may_edit", False)


def _state(entry: BaseListEntry) -> list[Badge]:
    dossier = entry.dossier
    found: list[Badge] = [("dossier", dossier.state, cells.word_of(dossier, "state"))]
    if entry.is_to_confirm:
        found = [("tone", "waiting", gettext("To be confirmed"))]
    return found if entry.is_included else [*found, ("tone", "neutral", gettext("Excluded"))]


def _tone(entry: BaseListEntry) -> str:
    if not entry.is_included:
        return "is-muted"
    return "is-late" if entry.is_overdue(clock.today()) else ""


def _pick(entry: BaseListEntry) -> str:
    return f"{entry.dossier_id}-{entry.dossier.version}"


def _link(entry: BaseListEntry) -> str:
    return entry.dossier.get_absolute_url()


COLUMNS: tuple[Column, ...] = (
    Column("number", _("Application number"), lambda e: e.patent.number, cells.CODE, "number"),
    Column("title", _("Title"), lambda e: e.patent.title, cells.LONG),
    Column(
        "kind", _("Kind"), lambda e: cells.word_of(e.patent, "kind"), cells.SHORT, filter="kind"
    ),
    Column(
        "institution",
        _("Institution"),
        lambda e: e.institution.name,
        cells.NAME,
        filter="institution",
        shown_to=_watches_many,
    ),
    Column("unit", _("Unit"), _assignment, editable("unit"), filter="unit"),
    Column(
        "responsible",
        _("Responsible person"),
        _assignment,
        editable("responsible"),
        filter="responsible",
    ),
    Column("state", _("State"), _state, cells.BADGES, "state", "state"),
    Column("stars", _("Own rating"), _content, editable("stars"), filter="stars"),
    Column("granted", _("Granted"), lambda e: e.patent.granted_on, cells.DAY),
    Column("due", _("Due"), lambda e: e.due_on, cells.DAY, "due", "late"),
    Column("changed", _("Last changed"), lambda e: e.dossier.updated_at, cells.DAY, "changed"),
    Column(
        "campaign",
        _("Campaign"),
        lambda e: e.campaign.name,
        cells.NAME,
        filter="campaign",
        is_default=False,
    ),
    Column(
        "legal",
        _("Legal status"),
        lambda e: [("legal", e.patent.simple_status, cells.word_of(e.patent, "simple_status"))],
        cells.BADGES,
        is_default=False,
    ),
    Column("filed", _("Filing day"), lambda e: e.patent.filed_on, cells.DAY, is_default=False),
    Column("expires", _("Term end"), lambda e: e.patent.expires_on, cells.DAY, is_default=False),
    Column(
        "maturity",
        _("Maturity"),
        _content,
        editable("maturity"),
        is_default=False,
    ),
    Column(
        "price",
        _("Price expected"),
        _price,
        editable("price_band"),
        is_default=False,
        shown_to=can_assign_dossiers,
    ),
    Column(
        "upload",
        _("National platform"),
        lambda e: [
            ("upload", e.dossier.upload_standing, cells.word_of(e.dossier, "upload_standing"))
        ],
        cells.BADGES,
        filter="upload",
        is_default=False,
    ),
    Column(
        "priority",
        _("Priority"),
        lambda e: cells.word_of(e.dossier, "priority"),
        cells.SHORT,
        "priority",
        "priority",
        is_default=False,
    ),
    Column("listed", _("Listed on"), lambda e: e.listed_on, cells.DAY, is_default=False),
)

# further words for filters in the search box
WORDS = {
    "unit": _("school,department,laboratory"),
    "kind": _("type"),
    "stars": _("stars,rating"),
    "responsible": _("person in charge,owner"),
    "institution": _("holder"),
}

ENTRIES = ListSpec(
    name="inventory.entries",
    label=_("Work list"),
    url_name="inventory:entry-list",
    rows=entries_of,
    dress=_dressed,
    filterset=EntryFilter,
    orderings=ORDERINGS,
    columns=COLUMNS,
    link=_link,
    pick=_pick,
    tone=_tone,
    empty=Empty(
        "file-search",
        _("There are no patents here yet"),
        _("They appear as soon as the institution has imported its base list."),
    ),
    has_drawer=True,
    words=WORDS,
)
