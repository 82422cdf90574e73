"""Filters of campaigns, of exclusion requests and of the city pool."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    CampaignScope,
    CampaignState,
    ExclusionReason,
    ExclusionState,
    PatentKind,
    PoolState,
    Stars,
)
from inventory.filters.entries import SEVERAL, institutions
from inventory.models import Campaign, Exclusion, PoolEntry, patents
from portal.text import fold


class CampaignFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", label=_("Name"))
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


class PoolFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="containing", label=_("Number, title, holder or inventor"))
    institution = django_filters.ModelChoiceFilter(queryset=institutions, label=_("Institution"))
    state = django_filters.ChoiceFilter(choices=PoolState.choices, label=_("State"))
    kind = django_filters.ChoiceFilter(
        field_name="patent__kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    stars = django_filters.MultipleChoiceFilter(
        distinct=False, choices=Stars.choices, label=_("Own rating"), widget=SEVERAL
    )
    is_key_industry = django_filters.BooleanFilter(label=_("Strategic emerging industry"))

    class Meta:
        model = PoolEntry
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="patent__")
