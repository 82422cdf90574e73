"""Filters of the work list (base list entries) and of the review queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.choices import (
    DossierState,
    FindingKind,
    Goal,
    PatentKind,
    Priority,
    Stars,
    UploadStanding,
)
from inventory.models import BaseListEntry, Campaign, Dossier, DossierFinding, patents
from inventory.queries import uploads
from portal import clock
from portal.access import membership_of
from portal.lists.words import ME, SearchFilter
from portal.models import Organisation, Unit
from portal.text import fold

# several values from a short list
SEVERAL = forms.SelectMultiple(attrs={"data-select": ""})


def campaigns(request: Any) -> QuerySet[Campaign]:
    return Campaign.objects.visible_to(membership_of(request))


def institutions(request: Any) -> QuerySet[Organisation]:
    return Organisation.objects.watched_by(membership_of(request)).order_by("name_key")


def units(request: Any) -> QuerySet[Unit]:
    return Unit.objects.offered_to(membership_of(request))


DEADLINES: dict[str, Callable[[Any, date], QuerySet[Any]]] = {
    "yes": lambda entries, today: entries.overdue(today),
    "soon": lambda entries, today: entries.due_soon(today),
}
STANDINGS: dict[str, Callable[[Any], QuerySet[Any]]] = {
    "open": lambda entries: entries.open(),
    "to_confirm": lambda entries: entries.to_confirm(),
    "done": lambda entries: entries.filter(is_included=True, confirmed_on__isnull=False),
}

# of what the national platform returned
RETURNED = (("mend", _("To be mended")), ("again", _("Mended, to be uploaded again")))


class EntryFilter(django_filters.FilterSet):
    """Work list: words, campaign, institution, unit, state, kind, stars, responsible person, lateness."""

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    campaign = django_filters.ModelChoiceFilter(queryset=campaigns, label=_("Campaign"))
    institution = django_filters.ModelChoiceFilter(queryset=institutions, label=_("Institution"))
    unit = django_filters.ModelChoiceFilter(
        queryset=units, method="below_unit", label=_("Unit and below")
    )
    state = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__state",
        choices=DossierState.choices,
        label=_("State"),
        widget=SEVERAL,
    )
    kind = django_filters.ChoiceFilter(
        method="of_kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    stars = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__stars",
        choices=Stars.choices,
        label=_("Own rating"),
        widget=SEVERAL,
    )
    priority = django_filters.MultipleChoiceFilter(
        distinct=False,
        choices=Priority.choices,
        label=_("Priority"),
        widget=SEVERAL,
    )
    responsible = django_filters.CharFilter(method="by_responsible", label=_("Responsible person"))
    assigned = django_filters.ChoiceFilter(
        method="assigned_or_not",
        choices=(("no", _("Nobody responsible yet")), ("left", _("Responsible person has left"))),
        label=_("Assignment"),
    )
    included = django_filters.ChoiceFilter(
        method="counting",
        choices=(("yes", pgettext_lazy("entry", "Counts")), ("no", _("Excluded"))),
        label=_("On the list"),
    )
    standing = django_filters.ChoiceFilter(
        method="standing_of",
        choices=(
            ("open", _("Not complete")),
            ("to_confirm", _("Answers of before, to be confirmed")),
            ("done", _("Stock-taking complete")),
        ),
        label=_("In its campaign"),
    )
    lacks = django_filters.ChoiceFilter(
        method="lacking", choices=Goal.choices, label=_("Not reached yet")
    )
    upload = django_filters.MultipleChoiceFilter(
        distinct=False,
        field_name="dossier__upload_standing",
        choices=UploadStanding.choices,
        label=_("National platform"),
        widget=SEVERAL,
    )
    platform = django_filters.ChoiceFilter(
        method="returned_by_platform", choices=RETURNED, label=_("Returned by the platform")
    )
    late = django_filters.ChoiceFilter(
        method="overdue",
        choices=(("yes", _("Overdue")), ("soon", _("Due within 14 days"))),
        label=_("Deadline"),
    )

    class Meta:
        model = BaseListEntry
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # people of an institution have one institution and its units; bureaus have many and no units
        is_own = membership_of(self.request).is_of_institution
        del self.filters["institution" if is_own else "unit"]

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="patent__")

    def of_kind(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """By the kind, and by the ranks it can have (ADR 18): the list in order of priority begins there."""
        inventions = Q(priority__lt=Priority.OTHER)
        ranked = queryset.filter(inventions if value == PatentKind.INVENTION else ~inventions)
        return ranked.filter(patent__kind=value)

    def by_responsible(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """A part of the name, or `@me`: the reader, whoever opens the address."""
        if value.strip() == ME:
            return queryset.filter(dossier__responsible=membership_of(self.request).user_id)
        return queryset.filter(dossier__responsible__name__icontains=value)

    def below_unit(self, queryset: QuerySet[Any], name: str, value: Unit | None) -> QuerySet[Any]:
        return queryset.filter(dossier__unit__in=Unit.objects.below(value)) if value else queryset

    def assigned_or_not(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "no":
            return queryset.filter(dossier__responsible__isnull=True)
        return queryset.filter(dossier__responsible__is_active=False)

    def counting(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(is_included=value == "yes")

    def returned_by_platform(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return uploads.returned_entries(queryset, value)

    def overdue(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return DEADLINES[value](queryset, clock.today())

    def standing_of(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return STANDINGS[value](queryset)

    def lacking(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        lacking: QuerySet[Any] = queryset.lacking(value)  # type: ignore[attr-defined]
        return lacking


class ReviewFilter(django_filters.FilterSet):
    """Review queue: words, unit, kind, stars, whether confirmed unchanged."""

    unchanged = django_filters.ChoiceFilter(
        field_name="is_confirming",
        choices=(("True", _("Confirmed unchanged")), ("False", _("Filled in or changed"))),
        label=_("Answers"),
    )

    q = SearchFilter(method="containing", label=_("Number, title, holder or inventor"))
    unit = django_filters.ModelChoiceFilter(
        queryset=units, method="below_unit", label=_("Unit and below")
    )
    kind = django_filters.ChoiceFilter(
        field_name="patent__kind", choices=PatentKind.choices, label=_("Kind of patent")
    )
    stars = django_filters.MultipleChoiceFilter(
        distinct=False, choices=Stars.choices, label=_("Own rating"), widget=SEVERAL
    )

    class Meta:
        model = Dossier
        fields: tuple[str, ...] = ()

    def containing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return patents.containing(queryset, fold(value), path="patent__")

    def below_unit(self, queryset: QuerySet[Any], name: str, value: Unit | None) -> QuerySet[Any]:
        return queryset.filter(unit__in=Unit.objects.below(value)) if value else queryset


class QueueFilter(ReviewFilter):
    """The review queue narrowed to a finding as well: for reviewers only, the others do not learn of findings."""

    finding = django_filters.ChoiceFilter(
        choices=(("any", _("Any finding")), ("none", _("No finding")), *FindingKind.choices),
        method="with_finding",
        label=_("Finding"),
    )

    def with_finding(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "any":
            return queryset.filter(finding_weight__gt=0)
        if value == "none":
            return queryset.filter(finding_weight=0)
        return queryset.filter(
            Exists(DossierFinding.objects.filter(dossier=OuterRef("pk"), kind=value))
        )
