"""Filters of upload batches and of the patents in one."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import ItemOutcome, UploadState
from inventory.filters.entries import campaigns, institutions
from inventory.models import UploadBatch, UploadItem, patents
from portal.lists.words import SearchFilter
from portal.text import fold


class UploadFilter(django_filters.FilterSet):
    q = SearchFilter(method="by_words", label=_("Number of the batch, or who prepared or signed"))
    state = django_filters.ChoiceFilter(choices=UploadState.choices, label=_("State"))
    campaign = django_filters.ModelChoiceFilter(queryset=campaigns, label=_("Campaign"))
    institution = django_filters.ModelChoiceFilter(queryset=institutions, label=_("Institution"))

    class Meta:
        model = UploadBatch
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        people = Q(prepared_by__user__name__icontains=value)
        people |= Q(signed_by__user__name__icontains=value)
        is_number = value.isdecimal() and len(value) <= 9
        return queryset.filter(Q(number=value) if is_number else people)


class UploadItemFilter(django_filters.FilterSet):
    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    outcome = django_filters.ChoiceFilter(choices=ItemOutcome.choices, label=_("Outcome"))
    doubtful = django_filters.ChoiceFilter(
        method="with_doubts", choices=(("yes", _("Doubtful ones")),), label=_("Doubts")
    )
    changed = django_filters.ChoiceFilter(
        method="differing",
        choices=(("yes", _("Approved differently since")),),
        label=_("Content"),
    )

    class Meta:
        model = UploadItem
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="dossier__patent__")

    def with_doubts(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(doubt_count__gt=0)

    def differing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those whose approved content is not any more what the batch holds."""
        kept = queryset.exclude(outcome=ItemOutcome.LEFT_OUT)
        return kept.exclude(dossier__approved_digest=F("digest"))
