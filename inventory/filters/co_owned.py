"""Filters of co-owned patents and of offers to hand over."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.choices import DossierState
from inventory.filters.entries import SEVERAL, campaigns, institutions
from inventory.holder_choices import HandoverState
from inventory.models import BaseListEntry, Campaign, HandoverOffer, patents
from inventory.models.co_owned import has_objection, has_open_handover
from portal import clock
from portal.access import membership_of
from portal.calendar import earliest_start
from portal.lists.words import SearchFilter
from portal.text import fold


class CoOwnedFilter(django_filters.FilterSet):
    """Words, campaign, role of the institution, state, objection, offer."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    campaign = django_filters.ModelChoiceFilter(queryset=campaigns, label=_("Campaign"))
    institution = django_filters.ModelChoiceFilter(queryset=institutions, label=_("Institution"))
    role = django_filters.ChoiceFilter(
        method="by_role",
        choices=(("filing", _("Files it")), ("co_holder", _("Co-holder"))),
        label=_("Role of the institution"),
    )
    state = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__state",
        choices=DossierState.choices,
        label=_("State"),
        widget=SEVERAL,
    )
    objection = django_filters.ChoiceFilter(
        method="by_objection",
        choices=(("yes", _("Objected to")), ("possible", _("Objection still possible"))),
        label=_("Objection"),
    )
    handover = django_filters.ChoiceFilter(
        method="by_handover",
        choices=(("offered", _("Handing over is offered")),),
        label=_("Handing over"),
    )

    class Meta:
        model = BaseListEntry
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if membership_of(self.request).is_of_institution:
            del self.filters["institution"]

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="patent__")

    def by_role(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        files = Q(dossier__participation__institution=F("institution"))
        return queryset.filter(files if value == "filing" else ~files)

    def by_objection(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "yes":
            return queryset.filter(has_objection())
        return queryset.filter(possible_objections(membership_of(self.request)))

    def by_handover(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(has_open_handover())


def possible_objections(membership: Any) -> Q:
    """Entries of co-holders whose days for an objection are not over."""
    open_now = Q(pk__in=[])
    seen = Campaign.objects.visible_to(membership).values_list("pk", "objection_days")
    for campaign, days in seen:
        since = earliest_start(clock.today(), days)
        open_now |= Q(campaign=campaign, confirmed_on__gte=since)
    return open_now & ~Q(dossier__participation__institution=F("institution"))


class HandoverFilter(django_filters.FilterSet):
    """State and direction."""

    state = django_filters.ChoiceFilter(choices=HandoverState.choices, label=_("State"))
    direction = django_filters.ChoiceFilter(
        method="by_direction",
        choices=(("in", _("Offered to us")), ("out", _("Offered by us"))),
        label=_("Direction"),
    )

    class Meta:
        model = HandoverOffer
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not membership_of(self.request).is_of_institution:
            del self.filters["direction"]

    def by_direction(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        side = "to_participation" if value == "in" else "from_participation"
        return queryset.filter(
            **{f"{side}__institution": membership_of(self.request).organisation_id}
        )
