"""Filters of the city pool."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import PatentKind, PoolState, Stars
from inventory.classification.industries import SECTION_NAMES
from inventory.filters.entries import SEVERAL, institutions
from inventory.models import PoolEntry, patents
from inventory.models.pool import PoolEntryQuerySet
from portal.lists.words import SearchFilter
from portal.text import fold


class PoolFilter(django_filters.FilterSet):
    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    institution = django_filters.ModelChoiceFilter(queryset=institutions, label=_("Institution"))
    state = django_filters.ChoiceFilter(choices=PoolState.choices, label=_("State"))
    kind = django_filters.ChoiceFilter(
        field_name="patent__kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    stars = django_filters.MultipleChoiceFilter(
        distinct=False, choices=Stars.choices, label=_("Own rating"), widget=SEVERAL
    )
    industry = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__industry",
        choices=[(code, f"{code} {name}") for code, name in SECTION_NAMES.items()],
        label=_("Industry section"),
        widget=SEVERAL,
    )
    months = django_filters.RangeFilter(field_name="months_left", label=_("Months left"))
    ended = django_filters.ChoiceFilter(
        method="of_ended_rights", choices=(("yes", _("The right has ended")),), label=_("Right")
    )
    is_key_industry = django_filters.BooleanFilter(label=_("Strategic emerging industry"))

    class Meta:
        model = PoolEntry
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="patent__")

    def of_ended_rights(
        self, queryset: PoolEntryQuerySet, name: str, value: str
    ) -> PoolEntryQuerySet:
        return queryset.of_ended_rights()
