"""Campaigns as a list."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.campaigns import CampaignFilter
from inventory.models import Campaign
from portal.lists.spec import Asked, ListSpec, Ordering

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-opens_on",)),
    "due": Ordering(_("Due"), ("due_on",)),
    "name": Ordering(_("Name"), ("name",)),
}


def _rows(asked: Asked) -> QuerySet[Campaign]:
    return Campaign.objects.visible_to(asked.membership)


CAMPAIGNS = ListSpec(
    name="inventory.campaigns",
    label=_("Campaigns"),
    url_name="inventory:campaign-list",
    rows=_rows,
    filterset=CampaignFilter,
    orderings=ORDERINGS,
)
