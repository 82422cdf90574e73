"""Filters of the offers. None of them looks at price or fee: a filter would tell what a row hides."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import IntentLevel1, IntentLevel2, Maturity, PatentKind, Stars
from inventory.filters.entries import institutions
from inventory.models import patents
from matching.models import SupplyIntent
from portal.lists.words import SearchFilter
from portal.text import fold


class SupplyFilter(django_filters.FilterSet):
    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    level1 = django_filters.ChoiceFilter(
        choices=[(v, label) for v, label in IntentLevel1.choices if v != IntentLevel1.SELF_USE],
        label=_("Intent"),
    )
    level2 = django_filters.MultipleChoiceFilter(
        distinct=False, choices=IntentLevel2.choices, label=_("Intent in detail")
    )
    institution = django_filters.ModelChoiceFilter(
        queryset=institutions,
        field_name="dossier__participation__institution",
        label=_("Institution"),
    )
    kind = django_filters.ChoiceFilter(
        field_name="dossier__patent__kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    maturity = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__maturity",
        choices=Maturity.choices,
        label=_("Maturity"),
    )
    stars = django_filters.MultipleChoiceFilter(
        distinct=False, field_name="dossier__stars", choices=Stars.choices, label=_("Own rating")
    )

    class Meta:
        model = SupplyIntent
        fields: tuple[str, ...] = ()

    def containing(
        self, queryset: QuerySet[SupplyIntent], name: str, value: str
    ) -> QuerySet[SupplyIntent]:
        return patents.containing(queryset, fold(value), path="dossier__patent__")
