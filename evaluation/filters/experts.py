"""Filters of the expert pool."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from evaluation.choices import ExpertState
from evaluation.models import Expert
from inventory.classification.strategic import STRATEGIC
from portal import clock
from portal.lists.words import SearchFilter, contains
from portal.text import fold


class ExpertFilter(django_filters.FilterSet):
    q = SearchFilter(method="by_words", label=_("Name, pinyin, employer or product"))
    state = django_filters.ChoiceFilter(choices=ExpertState.choices, label=_("State"))
    strategic = django_filters.ChoiceFilter(
        method="by_strategic",
        choices=[(one.code, f"{one.code} {one.name}") for one in STRATEGIC.values() if one.parent],
        label=_("Strategic emerging industry"),
    )
    ipc = django_filters.CharFilter(method="by_ipc", label=_("IPC subclass, e.g. H01L"))
    term = django_filters.ChoiceFilter(
        method="by_term",
        choices=[("over", _("Term is over")), ("running", _("Term is running"))],
        label=_("Term of appointment"),
    )

    class Meta:
        model = Expert
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Expert], name: str, value: str) -> QuerySet[Expert]:
        return queryset.filter(
            contains("name", value)
            | Q(name_key__startswith=fold(value))
            | contains("employer", value)
            | contains("products", value)
        )

    def by_strategic(self, queryset: QuerySet[Expert], name: str, value: str) -> QuerySet[Expert]:
        """The group, or the branch it belongs to."""
        return queryset.filter(technical_fields__overlap=[value, STRATEGIC[value].parent])

    def by_ipc(self, queryset: QuerySet[Expert], name: str, value: str) -> QuerySet[Expert]:
        return queryset.filter(technical_fields__contains=[value.strip().upper()[:4]])

    def by_term(self, queryset: QuerySet[Expert], name: str, value: str) -> QuerySet[Expert]:
        today = clock.today()
        if value == "over":
            return queryset.filter(term_until__lt=today)
        return queryset.filter(Q(term_until__gte=today) | Q(term_until=None), term_from__lte=today)
