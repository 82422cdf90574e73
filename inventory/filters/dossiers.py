"""Filters of dossiers (my patents, API) and of patents (API)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import DossierState, PatentKind, SimpleStatus
from inventory.filters.entries import RETURNED, ReviewFilter, campaigns
from inventory.models import Patent, patents
from inventory.models.dossiers import DossierQuerySet
from inventory.queries import uploads
from portal.access import membership_of
from portal.lists.words import SearchFilter
from portal.text import fold


class DossierFilter(ReviewFilter):
    """The filters of the review queue, the state, the campaign, one's own, returned ones."""

    state = django_filters.MultipleChoiceFilter(choices=DossierState.choices, label=_("State"))
    campaign = django_filters.ModelChoiceFilter(
        field_name="participation__campaign", queryset=campaigns, label=_("Campaign")
    )
    mine = django_filters.ChoiceFilter(
        method="one_is_responsible",
        choices=(("yes", _("Those I am responsible for")),),
        label=_("Responsible person"),
    )
    returned = django_filters.ChoiceFilter(
        method="was_returned",
        choices=(("yes", _("Returned, to be mended")), ("no", _("Not returned"))),
        label=_("Returned or not"),
    )
    platform = django_filters.ChoiceFilter(
        method="returned_by_platform", choices=RETURNED, label=_("Returned by the platform")
    )

    def returned_by_platform(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return uploads.returned(queryset, value)

    def one_is_responsible(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(responsible=membership_of(self.request).user_id)

    def was_returned(self, queryset: DossierQuerySet, name: str, value: str) -> DossierQuerySet:
        return queryset.with_return().filter(Q(is_returned=value == "yes"))


class PatentFilter(django_filters.FilterSet):
    """Words, kind, legal status, grant day."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
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
