"""The personnel list, invitations, and people who seem to have left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.access import membership_of
from portal.choices import GONE_CATEGORIES, InvitationState, Role, StaffCategory
from portal.lists import cells
from portal.lists.cells import Cell
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.lists.words import SearchFilter, contains
from portal.models import Invitation, Membership, StaffMember, Unit
from portal.permissions import can_keep_staff, can_record_departure
from portal.templatetags.portal_tags import DASH, badge, moment
from portal.text import fold, mask_mail, mask_phone


def _units(request: Any) -> QuerySet[Unit]:
    return Unit.objects.offered_to(membership_of(request))


def _by_words(queryset: QuerySet[Any], path: str, value: str) -> QuerySet[Any]:
    """Part of the name, or its beginning in pinyin."""
    return queryset.filter(
        contains(f"{path}name", value) | Q(**{f"{path}name_key__startswith": fold(value)})
    )


class _UnitFilter(django_filters.FilterSet):
    """Words and unit, which both lists have."""

    q = SearchFilter(method="by_words", label=_("Name or pinyin"))
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
    role = django_filters.ChoiceFilter(choices=Role.choices, label=_("Role"))
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


# of the account a row shows the name alone; its addresses stay enciphered in the database
_UNREAD = ("user__email", "user__phone")


def _staff(asked: Asked) -> QuerySet[StaffMember]:
    return StaffMember.objects.visible_to(asked.membership).with_names().defer(*_UNREAD)


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
    return leavers_of(asked.membership).defer("email", "phone", *_UNREAD)


def _invitations(asked: Asked) -> QuerySet[Invitation]:
    return Invitation.objects.visible_to(asked.membership).with_names()


def _person(member: StaffMember) -> str:
    """The page of the account; somebody without one has none."""
    return reverse("portal:people-detail", args=[member.user_id]) if member.user_id else ""


def _contact(member: StaffMember) -> tuple[str, str]:
    return mask_phone(member.phone), mask_mail(member.email)


def _account(member: StaffMember) -> str:
    return member.user.username if member.user else ""


def _decision(member: StaffMember) -> str:
    """The way to the decision whether this is one person or two."""
    if not member.is_doubtful:
        return DASH
    words = badge("tone", "warning", gettext("Namesake: decide"))
    url = reverse("portal:staff-namesake", args=[member.pk])
    return format_html('<a href="{}">{}</a>', url, words)


def _doubt(member: StaffMember) -> str:
    return gettext("To be told apart") if member.is_doubtful else ""


def _at(when: datetime | None, further: str) -> tuple[str, str]:
    """A moment and, in grey below it, what there is to say about it."""
    return (moment(when), further) if when else ("", "")


def _invited(invitation: Invitation) -> tuple[str, str]:
    return _at(invitation.created_at, invitation.created_by.user.name)


def _link(invitation: Invitation) -> tuple[str, str]:
    return _at(invitation.sent_at, gettext("by mail") if invitation.is_mailed else "")


def _accepted(invitation: Invitation) -> tuple[str, str]:
    """When, and with which account where it was not the one kept ready."""
    by = invitation.accepted_by
    is_other = by is not None and by.pk != invitation.user_id
    account = (
        gettext("with the account %(name)s") % {"name": by.username} if by and is_other else ""
    )
    return _at(invitation.accepted_at, account)


BY_NAME = {"name": Ordering(_("Name"), ("name_key",))}
NAME = Column("name", _("Full name"), lambda m: m.name, cells.SHORT, "name")
UNIT = Column("unit", _("School or unit"), lambda m: m.unit, cells.NAME, filter="unit")
CATEGORY = Column(
    "category",
    _("Category"),
    lambda m: cells.word_of(m, "category"),
    cells.SHORT,
    filter="category",
)
STAFF = ListSpec(
    name="portal.staff",
    label=_("Personnel list"),
    url_name="portal:staff-list",
    rows=_staff,
    filterset=StaffFilter,
    orderings={**BY_NAME, "number": Ordering(_("Staff number"), ("staff_number",))},
    columns=(
        NAME,
        Column("number", _("Staff number"), lambda m: m.staff_number, cells.CODE, "number"),
        UNIT,
        Column("title", _("Professional title"), lambda m: m.title, cells.SHORT),
        CATEGORY,
        Column("contact", _("Contact details"), _contact, cells.PAIR),
        Column("account", _("Account"), _account, cells.CODE, filter="account"),
        Column(
            "doubtful", _("Namesakes"), lambda m: m, Cell("", _decision, _doubt), "", "doubtful"
        ),
    ),
    may_open=can_keep_staff,
    link=_person,
    tone=lambda member: "is-muted" if member.category in GONE_CATEGORIES else "",
    empty=Empty(
        "users-group",
        _("The personnel list is empty"),
        _(
            "Upload the list of your staff office. Only name, number, unit, title, category and contact"
            " are kept."
        ),
    ),
    is_stacked=True,
)
LEAVERS = ListSpec(
    name="portal.leavers",
    label=_("Proposed leavers"),
    url_name="portal:leaver-list",
    rows=_leavers,
    filterset=StaffFilter,
    orderings=BY_NAME,
    columns=(NAME, UNIT, CATEGORY, Column("account", _("Account"), _account, cells.CODE)),
    may_open=can_record_departure,
    link=_person,
    pick=lambda member: f"{member.user_id}-{member.user.version}",
    empty=Empty(
        "users",
        _("Nobody is proposed"),
        _("Everybody with a role still works here by the personnel list."),
    ),
    is_stacked=True,
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
        "expires": Ordering(_("Valid until"), ("expires_at",)),
    },
    columns=(
        Column("name", _("Full name"), lambda i: i.user.name, cells.SHORT, "name"),
        Column("username", _("User name"), lambda i: i.user.username, cells.CODE),
        Column("role", _("Role"), lambda i: cells.word_of(i, "role"), cells.SHORT, filter="role"),
        Column("unit", _("School or unit"), lambda i: i.unit, cells.NAME, filter="unit"),
        Column(
            "state",
            _("State"),
            lambda i: [("invitation", i.state, i.state.label)],
            cells.BADGES,
            filter="state",
        ),
        Column("invited", _("Invited"), _invited, cells.PAIR, "newest", is_default=False),
        Column("sent", _("Link made"), _link, cells.PAIR),
        Column("expires", _("Valid until"), lambda i: i.expires_at, cells.DAY, "expires"),
        Column("accepted", _("Accepted"), _accepted, cells.PAIR),
    ),
    may_open=can_keep_staff,
    link=lambda invitation: reverse("portal:people-detail", args=[invitation.user_id]),
    pick=lambda i: f"{i.pk}-{i.version}" if i.is_pending else "",
    tone=lambda invitation: "" if invitation.is_pending else "is-muted",
    empty=Empty(
        "mail",
        _("Nobody is invited yet"),
        _("Invite a person here, or import a personnel list with accounts."),
    ),
    is_stacked=True,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(STAFF, LEAVERS, INVITATIONS)
