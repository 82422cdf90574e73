"""Filters of the log of urgings."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.entries import campaigns
from inventory.models import Urge
from portal.access import membership_of


class UrgeFilter(django_filters.FilterSet):
    """Campaign, direction, read, answered."""

    campaign = django_filters.ModelChoiceFilter(queryset=campaigns, label=_("Campaign"))
    received = django_filters.ChoiceFilter(
        method="by_side",
        choices=(("yes", _("Received")), ("no", _("Sent by us"))),
        label=_("Direction"),
    )
    answered = django_filters.ChoiceFilter(
        method="by_answer",
        choices=(("yes", _("Answered")), ("no", _("Not answered yet"))),
        label=_("Answer"),
    )

    class Meta:
        model = Urge
        fields: tuple[str, ...] = ()

    def by_side(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        membership = membership_of(self.request)
        received = Urge.objects.received_by(membership).values("pk")
        if value == "yes":
            return queryset.filter(pk__in=received)
        return queryset.filter(sender__organisation=membership.organisation_id).exclude(
            pk__in=received
        )

    def by_answer(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(answered_at__isnull=value == "no")
