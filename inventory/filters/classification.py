"""Filters of the rows of a loaded classification table."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import ClassificationCode, ConcordanceRule
from inventory.models.classification import RuleEffect
from portal.lists.words import SearchFilter
from portal.text import fold


class RuleFilter(django_filters.FilterSet):
    """Code, class symbol or keyword; what the rule does."""

    q = SearchFilter(method="by_words", label=_("Code, class or keyword"))
    effect = django_filters.ChoiceFilter(
        method="by_effect", choices=RuleEffect.choices, label=_("Effect")
    )

    class Meta:
        model = ConcordanceRule
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(
            Q(code__startswith=value.upper())
            | Q(pattern__istartswith=value)
            | Q(keyword__contains=fold(value))
        )

    def by_effect(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == RuleEffect.EXCLUDED:
            return queryset.filter(is_exclusion=True)
        leading = queryset.filter(is_exclusion=False)
        is_sure = value == RuleEffect.BELONGS
        return leading.filter(keyword="") if is_sure else leading.exclude(keyword="")


class CodeFilter(django_filters.FilterSet):
    """Code or name."""

    q = SearchFilter(method="by_words", label=_("Code or name"))

    class Meta:
        model = ClassificationCode
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(code__startswith=value.upper()) | Q(name__contains=value))
