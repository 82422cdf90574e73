"""Narrowing the rows of a figure."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import PatentKind
from inventory.models import Patent
from inventory.models.patents import containing
from portal.lists.words import SearchFilter
from portal.text import fold


class CoverageRowFilter(django_filters.FilterSet):
    """Words and kind; which figure it is stands in the address."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    kind = django_filters.ChoiceFilter(choices=PatentKind.choices, label=_("Kind of patent"))

    class Meta:
        model = Patent
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Patent], name: str, value: str) -> QuerySet[Patent]:
        return containing(queryset, fold(value))
