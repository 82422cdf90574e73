"""What is in the city pool, and what a rule would nominate."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.choices import POOL_OUT
from inventory.filters.entries import ReviewFilter
from inventory.filters.pool import PoolFilter
from inventory.models import Dossier, PoolEntry
from inventory.services import pool
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-pk",)),
    "stars": Ordering(_("Most stars first"), ("-stars",)),
    "term": Ordering(_("Longest term first"), ("-months_left",)),
}
# what a row shows
RELATED = ("patent", "dossier", "institution", "rule", "nominated_by__user")


def _rows(asked: Asked) -> QuerySet[PoolEntry]:
    return PoolEntry.objects.visible_to(asked.membership).select_related(*RELATED)


def _reason(entry: PoolEntry) -> str:
    """Why a patent qualified, as it was when nominated."""
    words = gettext("Rule v%(number)s: %(stars)s stars, %(kind)s, %(months)s months left") % {
        "number": entry.rule.number,
        "stars": entry.stars,
        "kind": cells.word_of(entry.patent, "kind"),
        "months": entry.months_left,
    }
    key = gettext(", strategic emerging industry") if entry.is_key_industry else ""
    return f"{words}{key}" + (f" · {entry.note}" if entry.note else "")


def _link(entry: PoolEntry) -> str:
    return reverse("inventory:pool-detail", args=[entry.pk])


def _tone(entry: PoolEntry) -> str:
    if entry.state in POOL_OUT:
        return "is-muted"
    return "is-late" if entry.is_over else ""


def _pick(entry: PoolEntry) -> str:
    """What is out of the pool cannot be ticked."""
    return "" if entry.state in POOL_OUT else f"{entry.pk}-{entry.version}"


def _state(entry: PoolEntry) -> list[Badge]:
    found: list[Badge] = [("pool", entry.state, cells.word_of(entry, "state"))]
    return [*found, ("tone", "danger", gettext("The right has ended"))] if entry.is_over else found


COLUMNS: tuple[Column, ...] = (
    Column("number", _("Application number"), lambda e: e.patent.number, cells.CODE),
    Column("title", _("Title"), lambda e: e.patent.title, cells.LONG),
    Column(
        "kind",
        _("Kind"),
        lambda e: cells.word_of(e.patent, "kind"),
        filter="kind",
        is_default=False,
    ),
    Column(
        "institution",
        _("Institution"),
        lambda e: e.institution.name,
        cells.NAME,
        filter="institution",
    ),
    Column("state", _("State"), _state, cells.BADGES, filter="state"),
    Column("stars", _("Own rating"), lambda e: e.stars, cells.STARS, "stars", "stars"),
    Column("reason", _("Why it qualified"), _reason, cells.LONG, filter="is_key_industry"),
    Column("nominated", _("Nominated on"), lambda e: e.nominated_at, cells.DAY),
    Column("decided", _("Decided"), lambda e: e.decided_at, cells.DAY),
    Column("why", _("Reason"), lambda e: e.outcome_reason, cells.LONG),
    Column("tier", _("Tier"), lambda e: gettext("Not assigned yet"), cells.SHORT),
    Column(
        "expires", _("Term end"), lambda e: e.patent.expires_on, cells.DAY, "term", is_default=False
    ),
)

POOL = ListSpec(
    name="inventory.pool",
    label=_("City pool"),
    url_name="inventory:pool-list",
    rows=_rows,
    filterset=PoolFilter,
    orderings=ORDERINGS,
    columns=COLUMNS,
    link=_link,
    pick=_pick,
    tone=_tone,
    empty=Empty(
        "database",
        _("Nothing in the pool yet"),
        _("Institutions nominate complete dossiers that meet the rule."),
    ),
    has_drawer=True,
    is_stacked=True,
)


# --- what the rule nominates ------------------------------------------------------------------------


def _nominees(asked: Asked) -> QuerySet[Dossier]:
    """Dossiers of the own institution that meet the rule in force and were never declined."""
    rule = pool.current_rule()
    if rule is None:
        return Dossier.objects.none()
    found = pool.new_ones(rule, asked.membership.organisation_id)
    return found.select_related("patent", "unit")


def may_nominate(membership: Membership) -> bool:
    return permissions.can_nominate(membership, membership.organisation_id)


NOMINEES = ListSpec(
    name="inventory.pool_nominees",
    label=_("Nominate to the city pool"),
    url_name="inventory:pool-preview",
    rows=_nominees,
    filterset=ReviewFilter,
    orderings={
        "stars": Ordering(_("Most stars first"), ("-stars",)),
        "number": Ordering(_("Application number"), ("patent__application_number",)),
        "term": Ordering(_("Longest term first"), ("-patent__expires_on",)),
    },
    columns=(
        Column("number", _("Application number"), lambda d: d.patent.number, cells.CODE, "number"),
        Column("title", _("Title"), lambda d: d.patent.title, cells.LONG),
        Column("kind", _("Kind"), lambda d: cells.word_of(d.patent, "kind"), filter="kind"),
        Column("unit", _("Unit"), lambda d: d.unit, filter="unit"),
        Column("stars", _("Own rating"), lambda d: d.stars, cells.STARS, "stars", "stars"),
        Column("expires", _("Term end"), lambda d: d.patent.expires_on, cells.DAY, "term"),
    ),
    may_open=may_nominate,
    link=Dossier.get_absolute_url,
    pick=lambda d: f"{d.pk}-{d.version}",
    empty=Empty(
        "circle-check",
        _("No further dossier qualifies now"),
        _("As soon as more dossiers are complete, they appear here."),
    ),
    has_drawer=True,
    is_stacked=True,
)
