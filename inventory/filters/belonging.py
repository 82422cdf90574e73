"""Filters of the unassigned patents and of the transfers between units."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import PatentKind, TransferState
from inventory.filters.entries import campaigns, units
from inventory.models import Dossier, UnitTransfer, patents
from portal.access import membership_of
from portal.lists.words import SearchFilter
from portal.models import Unit
from portal.text import fold


class UnassignedFilter(django_filters.FilterSet):
    """Words, unit, kind, campaign, and why nobody looks after it."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    unit = django_filters.ModelChoiceFilter(
        queryset=units, method="below_unit", label=_("Unit and below")
    )
    campaign = django_filters.ModelChoiceFilter(
        queryset=campaigns, field_name="participation__campaign", label=_("Campaign")
    )
    kind = django_filters.ChoiceFilter(
        field_name="patent__kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    why = django_filters.ChoiceFilter(
        method="by_why",
        choices=[
            ("none", _("Nobody responsible yet")),
            ("left", _("Responsible person has left")),
            ("no_unit", _("Without a unit, too")),
        ],
        label=_("Why"),
    )

    class Meta:
        model = Dossier
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="patent__")

    def below_unit(self, queryset: QuerySet[Any], name: str, value: Unit | None) -> QuerySet[Any]:
        return queryset.filter(unit__in=Unit.objects.below(value)) if value else queryset

    def by_why(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "no_unit":
            return queryset.filter(unit__isnull=True)
        return queryset.filter(responsible__isnull=value == "none")


class TransferFilter(django_filters.FilterSet):
    """Words and state."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    state = django_filters.ChoiceFilter(choices=TransferState.choices, label=_("State"))
    waiting = django_filters.ChoiceFilter(
        method="by_waiting", choices=[("yes", _("Waiting for my answer"))], label=_("Answer")
    )

    class Meta:
        model = UnitTransfer
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="dossier__patent__")

    def by_waiting(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.waiting_for(membership_of(self.request))  # type: ignore[attr-defined, no-any-return]
