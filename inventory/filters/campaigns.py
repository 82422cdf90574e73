"""Filters of campaigns."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignScope, CampaignState
from inventory.models import Campaign
from portal.lists.words import SearchFilter


class CampaignFilter(django_filters.FilterSet):
    q = SearchFilter(field_name="name", label=_("Name"))
    state = django_filters.ChoiceFilter(choices=CampaignState.choices, label=_("State"))
    scope = django_filters.ChoiceFilter(choices=CampaignScope.choices, label=_("Scope"))

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()
