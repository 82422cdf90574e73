"""Filters of the confirmation sheets."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import ConfirmationState
from inventory.filters.entries import campaigns, institutions, units
from inventory.models import UnitConfirmation


class ConfirmationFilter(django_filters.FilterSet):
    campaign = django_filters.ModelChoiceFilter(queryset=campaigns, label=_("Campaign"))
    institution = django_filters.ModelChoiceFilter(queryset=institutions, label=_("Institution"))
    unit = django_filters.ModelChoiceFilter(queryset=units, label=_("Unit"))
    standing = django_filters.ChoiceFilter(
        choices=(("void", _("Void")), *ConfirmationState.choices),
        method="with_that_standing",
        label=_("State"),
    )

    class Meta:
        model = UnitConfirmation
        fields: tuple[str, ...] = ()

    def with_that_standing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "void":
            return queryset.filter(is_void=True)
        return queryset.filter(state=value, is_void=False)
