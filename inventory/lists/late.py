"""Who is late with a campaign, to be urged: institutions, units or people, as the role is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from inventory import permissions
from inventory.filters.late import LateFilter
from inventory.models import Campaign
from inventory.queries.late import Target, as_targets, late_rows, open_campaigns, with_milestones
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering


def campaign_of(asked: Asked) -> Campaign | None:
    """The campaign that the address names, the latest open one where it names none that is open to this reader."""
    campaigns = list(open_campaigns(asked.membership))
    chosen = asked.GET.get("campaign", "")
    return next((c for c in campaigns if str(c.pk) == chosen), next(iter(campaigns), None))


def _rows(asked: Asked) -> QuerySet[Any]:
    return late_rows(asked.membership, campaign_of(asked))


def _targets(rows: list[Any], asked: Asked) -> list[Target]:
    targets = as_targets(rows, asked.membership)
    campaign = campaign_of(asked)
    if campaign is None or not asked.membership.is_official:
        return targets
    return with_milestones(targets, campaign)


def _milestones(target: Target) -> list[Badge]:
    found: list[Badge] = []
    for each in target.late_against:
        text = ngettext(
            "%(name)s: late by %(days)s day", "%(name)s: late by %(days)s days", each.days_late
        )
        found.append(("tone", "danger", text % {"name": each.name, "days": each.days_late}))
    return found


LATE = ListSpec(
    name="inventory.late",
    label=_("Who is late"),
    url_name="inventory:urge-targets",
    rows=_rows,
    filterset=LateFilter,
    orderings={
        "open": Ordering(_("Most open first"), ("-open_count", "pk")),
        "total": Ordering(_("To be stock-taken"), ("-total_count",)),
        "due": Ordering(_("Due first"), ("first_due",)),
        "urged": Ordering(_("Urged last"), ("urged_at",)),
        "name": Ordering(_("Name"), ("name_key",)),
    },
    columns=(
        Column("name", _("Name"), lambda t: t.name, order="name"),
        Column(
            "milestones",
            _("Milestones missed"),
            _milestones,
            cells.BADGES,
            shown_to=lambda membership: membership.is_official,
        ),
        Column("open", _("Not complete"), lambda t: t.open, cells.NUMBER, "open"),
        Column("total", _("To be stock-taken"), lambda t: t.total, cells.NUMBER, "total"),
        Column("share", _("Complete"), lambda t: t.share, cells.RATE),
        Column("due", _("Due on"), lambda t: (t.due_on, True), cells.DEADLINE, "due", "late"),
        Column("urged", _("Urged last"), lambda t: t.last_urged_at, cells.MOMENT, "urged", "urged"),
        Column("act", _("Acts"), lambda t: t, template="inventory/urge_act.html"),
    ),
    dress=_targets,
    pick=lambda target: str(target.key),
    tone=lambda target: "is-late" if target.days_late > 0 else "",
    empty=Empty(
        "checks",
        _("Nobody is late"),
        _("In this campaign nothing is left to be done."),
    ),
    is_stacked=True,
    may_open=permissions.can_urge,
)
