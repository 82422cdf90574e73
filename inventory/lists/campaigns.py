"""Campaigns as a list."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignState
from inventory.filters.campaigns import CampaignFilter
from inventory.models import Campaign
from portal import clock
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-opens_on",)),
    "due": Ordering(_("Due"), ("due_on",)),
    "name": Ordering(_("Name"), ("name",)),
}


def _rows(asked: Asked) -> QuerySet[Campaign]:
    return Campaign.objects.visible_to(asked.membership)


def _link(campaign: Campaign) -> str:
    return reverse("inventory:campaign-detail", args=[campaign.pk])


def _tone(campaign: Campaign) -> str:
    is_open = campaign.state == CampaignState.OPEN and not campaign.is_rolling
    return "is-late" if is_open and campaign.due_on < clock.today() else ""


COLUMNS: tuple[Column, ...] = (
    Column("name", _("Name"), lambda c: c.name, order="name"),
    Column(
        "state",
        _("State"),
        lambda c: [("campaign", c.state, cells.word_of(c, "state"))],
        cells.BADGES,
        filter="state",
    ),
    Column("kind", _("Kind"), lambda c: cells.word_of(c, "kind")),
    Column("scope", _("Scope"), lambda c: cells.word_of(c, "scope"), filter="scope"),
    Column("cutoff", _("Granted up to"), lambda c: c.cutoff_on, cells.DAY),
    Column("base", _("Base day"), lambda c: c.base_day, cells.DAY),
    Column("opens", _("Opens"), lambda c: c.opens_on, cells.DAY, "newest"),
    Column("due", _("Due"), lambda c: c.due_on, cells.DAY, "due"),
)

CAMPAIGNS = ListSpec(
    name="inventory.campaigns",
    label=_("Campaigns"),
    url_name="inventory:campaign-list",
    rows=_rows,
    filterset=CampaignFilter,
    orderings=ORDERINGS,
    columns=COLUMNS,
    link=_link,
    tone=_tone,
    empty=Empty(
        "calendar",
        _("No campaign yet"),
        _("Campaigns of your organisation appear here when the city opens them."),
    ),
    is_stacked=True,
)
