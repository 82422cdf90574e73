"""Filters of campaigns and of exclusion requests."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignScope, CampaignState, ExclusionReason, ExclusionState
from inventory.filters.entries import institutions
from inventory.models import Campaign, Exclusion
from portal.lists.words import SearchFilter


class CampaignFilter(django_filters.FilterSet):
    q = SearchFilter(field_name="name", lookup_expr="icontains", label=_("Name"))
    state = django_filters.ChoiceFilter(choices=CampaignState.choices, label=_("State"))
    scope = django_filters.ChoiceFilter(choices=CampaignScope.choices, label=_("Scope"))

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()


class ExclusionFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=ExclusionState.choices, label=_("State"))
    reason = django_filters.ChoiceFilter(choices=ExclusionReason.choices, label=_("Reason"))
    institution = django_filters.ModelChoiceFilter(
        queryset=institutions, field_name="entry__institution", label=_("Institution")
    )

    class Meta:
        model = Exclusion
        fields: tuple[str, ...] = ()
