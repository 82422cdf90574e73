"""My patents: what a person has to fill in."""

from __future__ import annotations

from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.filters.dossiers import DossierFilter
from inventory.lists.entries import WORDS
from inventory.models import Dossier
from inventory.queries.dossiers import filled_by
from portal import clock
from portal.choices import Role
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {
    "due": Ordering(
        _("Deadline"), ("participation__campaign__due_on", "patent__granted_on", "priority", "pk")
    ),
    "priority": Ordering(_("Priority"), ("priority", "pk")),
    "number": Ordering(_("Application number"), ("patent__application_number",)),
    "state": Ordering(_("State"), ("state",)),
}


def my_dossiers(membership: Membership) -> QuerySet[Dossier]:
    """An inventor's own, with those that a co-inventor fills in (`is_own` false); else what one is responsible for."""
    mine = Dossier.objects.visible_to(membership)
    own = filled_by(membership)
    if membership.role != Role.INVENTOR:
        mine = mine.filter(own)
    mine = mine.annotate(is_own=ExpressionWrapper(own, output_field=BooleanField()))
    return mine.with_due_day().select_related(
        "patent", "participation__campaign", "unit", "responsible"
    )


def _is_to_fill(dossier: Dossier) -> bool:
    return dossier.is_editable and dossier.is_own  # type: ignore[attr-defined]  # of my_dossiers


def _rows(asked: Asked) -> QuerySet[Dossier]:
    return my_dossiers(asked.membership)


def _deadline(dossier: Dossier) -> tuple[date, bool]:
    return dossier.due_on, _is_to_fill(dossier)  # type: ignore[attr-defined]  # of with_due_day


def _link(dossier: Dossier) -> str:
    if _is_to_fill(dossier):
        return reverse("inventory:dossier-edit", args=[dossier.pk])
    return dossier.get_absolute_url()


def _tone(dossier: Dossier) -> str:
    due_on, is_open = _deadline(dossier)
    return "is-late" if is_open and due_on < clock.today() else ""


COLUMNS: tuple[Column, ...] = (
    Column("number", _("Application number"), lambda d: d.patent.number, cells.CODE, "number"),
    Column("title", _("Title"), lambda d: d.patent.title, cells.LONG),
    Column(
        "kind",
        _("Kind"),
        lambda d: cells.word_of(d.patent, "kind"),
        filter="kind",
        is_default=False,
    ),
    Column("unit", _("Unit"), lambda d: d.unit, filter="unit"),
    Column(
        "state",
        _("State"),
        lambda d: [("dossier", d.state, cells.word_of(d, "state"))],
        cells.BADGES,
        "state",
        "state",
    ),
    Column("stars", _("Own rating"), lambda d: d.stars, cells.STARS, filter="stars"),
    Column("due", _("Deadline"), _deadline, cells.DEADLINE, "due"),
    Column("act", _("View"), _link, template="inventory/my_patent_act.html"),
)


MINE = ListSpec(
    name="inventory.mine",
    label=_("My patents"),
    url_name="inventory:my-patents",
    rows=_rows,
    filterset=DossierFilter,
    orderings=ORDERINGS,
    columns=COLUMNS,
    link=_link,
    tone=_tone,
    empty=Empty(
        "circle-check",
        _("No patent is assigned to you"),
        _("As soon as your institution assigns one to you, it appears here."),
    ),
    words=WORDS,
    is_stacked=True,
)
