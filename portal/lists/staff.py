"""The personnel list, invitations, and people who seem to have left."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.access import membership_of
from portal.choices import GONE_CATEGORIES, InvitationState, StaffCategory
from portal.lists.registry import register
from portal.lists.spec import Asked, ListSpec, Ordering
from portal.models import Invitation, Membership, StaffMember, Unit
from portal.permissions import can_keep_staff, can_record_departure
from portal.text import fold


def _units(request: Any) -> QuerySet[Unit]:
    return Unit.objects.offered_to(membership_of(request))


def _by_words(queryset: QuerySet[Any], path: str, value: str) -> QuerySet[Any]:
    """Part of the name, or its beginning in pinyin."""
    return queryset.filter(
        Q(**{f"{path}name__icontains": value}) | Q(**{f"{path}name_key__startswith": fold(value)})
    )


class _UnitFilter(django_filters.FilterSet):
    """Words and unit, which both lists have."""

    q = django_filters.CharFilter(method="by_words", label=_("Name or pinyin"))
    unit = django_filters.ModelChoiceFilter(
        queryset=_units,
        method="below_unit",
        label=_("Unit and below"),
        widget=forms.Select(attrs={"data-select": ""}),
    )

    def below_unit(self, queryset: QuerySet[Any], name: str, value: Unit | None) -> QuerySet[Any]:
        return queryset.filter(unit__in=Unit.objects.below(value)) if value else queryset


class StaffFilter(_UnitFilter):
    category = django_filters.ChoiceFilter(choices=StaffCategory.choices, label=_("Category"))
    account = django_filters.ChoiceFilter(
        method="by_account",
        choices=[("yes", _("Has an account")), ("no", _("No account yet"))],
        label=_("Account"),
    )
    doubtful = django_filters.ChoiceFilter(
        method="by_doubt", choices=[("yes", _("To be told apart"))], label=_("Namesakes")
    )

    class Meta:
        model = StaffMember
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return _by_words(queryset, "", value) | queryset.filter(staff_number__iexact=value.strip())

    def by_account(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(user__isnull=value == "no")

    def by_doubt(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(is_doubtful=True)


class InvitationFilter(_UnitFilter):
    state = django_filters.ChoiceFilter(
        method="by_state", choices=InvitationState.choices, label=_("State")
    )

    class Meta:
        model = Invitation
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return _by_words(queryset, "user__", value)

    def by_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.in_state(value)  # type: ignore[attr-defined, no-any-return]


def _staff(asked: Asked) -> QuerySet[StaffMember]:
    return StaffMember.objects.visible_to(asked.membership).with_names()


def still_acting(staff: QuerySet[StaffMember]) -> QuerySet[StaffMember]:
    """People of the list who retired or left and still act for the institution."""
    acting = Membership.objects.active().filter(
        user=OuterRef("user"), organisation=OuterRef("organisation")
    )
    return staff.filter(Exists(acting), category__in=GONE_CATEGORIES)


def leavers_of(membership: Membership) -> QuerySet[StaffMember]:
    """Proposed leavers of the institution this membership manages."""
    if not can_record_departure(membership):
        return StaffMember.objects.none()
    return still_acting(StaffMember.objects.visible_to(membership).with_names())


def _leavers(asked: Asked) -> QuerySet[StaffMember]:
    return leavers_of(asked.membership)


def _invitations(asked: Asked) -> QuerySet[Invitation]:
    return Invitation.objects.visible_to(asked.membership).with_names()


BY_NAME = {"name": Ordering(_("Name"), ("name_key",))}
STAFF = ListSpec(
    name="portal.staff",
    label=_("Personnel list"),
    url_name="portal:staff-list",
    rows=_staff,
    filterset=StaffFilter,
    orderings={**BY_NAME, "number": Ordering(_("Staff number"), ("staff_number",))},
    may_open=can_keep_staff,
)
LEAVERS = ListSpec(
    name="portal.leavers",
    label=_("Proposed leavers"),
    url_name="portal:leaver-list",
    rows=_leavers,
    filterset=StaffFilter,
    orderings=BY_NAME,
    may_open=can_record_departure,
)
INVITATIONS = ListSpec(
    name="portal.invitations",
    label=_("Invitations"),
    url_name="portal:invitation-list",
    rows=_invitations,
    filterset=InvitationFilter,
    orderings={
        "newest": Ordering(_("Newest first"), ("-pk",)),
        "name": Ordering(_("Name"), ("user__name_key",)),
    },
    may_open=can_keep_staff,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(STAFF, LEAVERS, INVITATIONS)
