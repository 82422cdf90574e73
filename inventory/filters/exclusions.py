"""Filters of exclusion requests and of what the register proposes to take off."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.choices import ExclusionReason, ExclusionState, PatentKind
from inventory.filters.entries import campaigns, institutions
from inventory.holder_choices import Verdict
from inventory.models import BaseListEntry, Exclusion, patents
from portal.lists.words import SearchFilter
from portal.text import fold

# reasons the register can give by itself
PROPOSED = [
    (reason.value, reason.label)
    for reason in ExclusionReason
    if reason not in (ExclusionReason.NOT_OURS, ExclusionReason.OTHER)
]
WAITING = "waiting"


class ExclusionFilter(django_filters.FilterSet):
    """Words, campaign, institution, state (waiting: requests and appeals together), reason, verdict."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    campaign = django_filters.ModelChoiceFilter(
        queryset=campaigns, field_name="entry__campaign", label=_("Campaign")
    )
    institution = django_filters.ModelChoiceFilter(
        queryset=institutions, field_name="entry__institution", label=_("Institution")
    )
    state = django_filters.ChoiceFilter(
        method="by_state",
        choices=[(WAITING, _("Waiting for a decision")), *ExclusionState.choices],
        label=_("State"),
    )
    reason = django_filters.ChoiceFilter(choices=ExclusionReason.choices, label=_("Reason"))
    verdict = django_filters.ChoiceFilter(
        choices=Verdict.choices, label=pgettext_lazy("evidence", "Register")
    )

    class Meta:
        model = Exclusion
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="entry__patent__")

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == WAITING:
            found: QuerySet[Any] = queryset.waiting()  # type: ignore[attr-defined]  # our manager's
            return found
        return queryset.filter(state=value)


class ProposalFilter(django_filters.FilterSet):
    """Words, campaign, kind, reason."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    campaign = django_filters.ModelChoiceFilter(queryset=campaigns, label=_("Campaign"))
    kind = django_filters.ChoiceFilter(
        field_name="patent__kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    reason = django_filters.ChoiceFilter(field_name="proposal", choices=PROPOSED, label=_("Reason"))

    class Meta:
        model = BaseListEntry
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="patent__")
