"""Filters of dossiers (my patents, API) and of patents (API)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import DossierState, PatentKind, SimpleStatus
from inventory.filters.entries import ReviewFilter
from inventory.models import Patent, patents
from portal.text import fold


class DossierFilter(ReviewFilter):
    """The filters of the review queue, and the state."""

    state = django_filters.MultipleChoiceFilter(choices=DossierState.choices, label=_("State"))


class PatentFilter(django_filters.FilterSet):
    """Words, kind, legal status, grant day."""

    q = django_filters.CharFilter(method="containing", label=_("Number, title, holder or inventor"))
    kind = django_filters.ChoiceFilter(choices=PatentKind.choices, label=_("Kind of patent"))
    simple_status = django_filters.ChoiceFilter(
        choices=SimpleStatus.choices, label=_("Legal status")
    )
    granted = django_filters.DateFromToRangeFilter(
        field_name="granted_on", label=_("Grant announcement day")
    )

    class Meta:
        model = Patent
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value))
