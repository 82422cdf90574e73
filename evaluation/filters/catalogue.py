"""Filters of the catalogue."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from evaluation.models import CatalogueEntry
from inventory.choices import Maturity, PatentKind, Stars
from inventory.classification.industries import SECTION_NAMES
from inventory.models import patents
from portal.lists.words import SearchFilter
from portal.text import fold


class CatalogueFilter(django_filters.FilterSet):
    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    section = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__industry",
        choices=[(code, f"{code} {name}") for code, name in SECTION_NAMES.items()],
        label=_("Industry section"),
    )
    kind = django_filters.ChoiceFilter(
        field_name="patent__kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    maturity = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__maturity",
        choices=Maturity.choices,
        label=_("Maturity"),
    )
    stars = django_filters.MultipleChoiceFilter(
        distinct=False, choices=Stars.choices, label=_("Own rating")
    )

    class Meta:
        model = CatalogueEntry
        fields: tuple[str, ...] = ()

    def containing(
        self, queryset: QuerySet[CatalogueEntry], name: str, value: str
    ) -> QuerySet[CatalogueEntry]:
        return patents.containing(queryset, fold(value), path="patent__")
