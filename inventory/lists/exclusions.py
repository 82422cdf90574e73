"""Requests to take entries off the base list."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.filters.campaigns import ExclusionFilter
from inventory.models import Exclusion
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-pk",)),
    "oldest": Ordering(_("Oldest first"), ("pk",)),
}
RELATED = ("entry__patent", "entry__institution", "requested_by__user", "decided_by__user")


def _rows(asked: Asked) -> QuerySet[Exclusion]:
    return Exclusion.objects.visible_to(asked.membership).select_related(*RELATED)


def _link(exclusion: Exclusion) -> str:
    return reverse("inventory:exclusion-detail", args=[exclusion.pk])


COLUMNS: tuple[Column, ...] = (
    Column("number", _("Application number"), lambda e: e.entry.patent.number, cells.CODE),
    Column("title", _("Title"), lambda e: e.entry.patent.title, cells.LONG),
    Column(
        "institution",
        _("Institution"),
        lambda e: e.entry.institution.name,
        filter="institution",
    ),
    Column("reason", _("Reason"), lambda e: e.get_reason_display(), filter="reason"),
    Column("effective", _("Effective on"), lambda e: e.effective_on, cells.DAY),
    Column(
        "state",
        _("State"),
        lambda e: [("exclusion", e.state, e.get_state_display())],
        cells.BADGES,
        filter="state",
    ),
    Column("requested", _("Requested on"), lambda e: e.requested_at, cells.DAY),
    Column("explanation", _("Explanation"), lambda e: e.explanation, cells.LONG, is_default=False),
    Column("decided", _("Decided on"), lambda e: e.decided_at, cells.DAY, is_default=False),
)

EXCLUSIONS = ListSpec(
    name="inventory.exclusions",
    label=_("Exclusions"),
    url_name="inventory:exclusion-list",
    rows=_rows,
    filterset=ExclusionFilter,
    orderings=ORDERINGS,
    columns=COLUMNS,
    link=_link,
    empty=Empty(
        "circle-off",
        _("No exclusions here"),
        _("An institution asks for one from the page of a dossier."),
    ),
    has_drawer=True,
    is_stacked=True,
)
