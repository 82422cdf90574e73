"""Filters of those who are late with a campaign."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import Campaign
from inventory.queries.late import open_campaigns
from portal import clock
from portal.access import membership_of
from portal.lists.words import SearchFilter, contains
from portal.text import fold


def _campaigns(request: Any) -> QuerySet[Campaign]:
    return open_campaigns(membership_of(request))


class LateFilter(django_filters.FilterSet):
    """Name, campaign (the rows are made for it; the latest open one where none is chosen), due and urged."""

    q = SearchFilter(method="by_words", label=_("Name of the late one, or its pinyin"))
    campaign = django_filters.ModelChoiceFilter(
        queryset=_campaigns, method="as_asked", label=_("Campaign")
    )
    late = django_filters.ChoiceFilter(
        method="by_day",
        choices=(("yes", _("Late")), ("no", _("Still in time"))),
        label=_("Due day"),
    )
    urged = django_filters.ChoiceFilter(
        method="by_urging",
        choices=(
            ("no", _("Not urged yet")),
            ("today", _("Urged today")),
            ("before", _("Urged before today")),
        ),
        label=_("Urged"),
    )

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(contains("name", value) | Q(name_key__startswith=fold(value)))

    def as_asked(self, queryset: QuerySet[Any], name: str, value: Campaign) -> QuerySet[Any]:
        return queryset

    def by_day(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        is_late = Q(first_due__lt=clock.today())
        return queryset.filter(is_late if value == "yes" else ~is_late)

    def by_urging(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "no":
            return queryset.filter(urged_at__isnull=True)
        is_today = Q(urged_at__date=clock.today())
        return queryset.filter(urged_at__isnull=False).filter(
            is_today if value == "today" else ~is_today
        )
