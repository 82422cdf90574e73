"""How the kernel's lists are narrowed: one allow-list each."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.apps import apps
from django.db.models import Func, Model, Q, QuerySet, TextField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal import permissions
from portal.access import membership_of
from portal.audit_records import about_number
from portal.choices import (
    Affiliation,
    AuditAction,
    BatchState,
    BulkState,
    District,
    JobState,
    OrganisationKind,
    Role,
)
from portal.clock import SHANGHAI
from portal.lists.words import SearchFilter, contains
from portal.models import (
    AuditEntry,
    BulkRun,
    Job,
    Notice,
    Organisation,
    OutboxBatch,
    OutboxMessage,
    StoredFile,
    Unit,
    User,
)
from portal.notices.registry import notice_kinds
from portal.text import fold

_SEARCHABLE = {"data-select": ""}
_ACTIVE = [("true", _("Active")), ("false", _("Deactivated"))]


def audited_kinds() -> list[tuple[str, str]]:
    """What the trail is about: every kind of record that people edit (it has a version), and files."""
    kinds: list[type[Model]] = [
        StoredFile,
        *(m for m in apps.get_models() if hasattr(m, "version")),
    ]
    named = ((m._meta.label_lower, str(m._meta.verbose_name_plural)) for m in kinds)
    return sorted(named, key=lambda pair: pair[1])


def _organisations(request: Any) -> QuerySet[Organisation]:
    return Organisation.objects.visible_to(request.membership)


def _owners(request: Any) -> QuerySet[Organisation]:
    """Whose records the reader finds in the trail: AuditEntryQuerySet.visible_to."""
    return Organisation.objects.audited_by(request.membership).order_by("name_key")


def _units(request: Any) -> QuerySet[Unit]:
    return Unit.objects.visible_to(request.membership).filter(
        organisation=request.membership.organisation_id
    )


def by_activity(queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    return queryset.filter(**{name: value == "true"})


class PeopleFilter(django_filters.FilterSet):
    q = SearchFilter(method="by_words", label=_("Name or user name"))
    organisation = django_filters.ModelChoiceFilter(
        field_name="memberships__organisation",
        queryset=_organisations,
        distinct=True,
        label=_("Organisation"),
        widget=forms.Select(attrs=_SEARCHABLE),
    )
    unit = django_filters.ModelChoiceFilter(
        field_name="memberships__unit",
        queryset=_units,
        distinct=True,
        label=_("School or unit"),
        widget=forms.Select(attrs=_SEARCHABLE),
    )
    role = django_filters.ChoiceFilter(method="by_role", choices=Role.choices, label=_("Role"))
    is_active = django_filters.ChoiceFilter(
        choices=_ACTIVE, method=by_activity, label=_("State of the account")
    )

    has_role = django_filters.ChoiceFilter(
        method="by_having_role",
        choices=[("true", _("Holds a role")), ("false", _("Holds no role"))],
        label=_("Any role"),
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(
            contains("name", value)
            | contains("username", value)
            | Q(name_key__startswith=fold(value))
        )

    def by_having_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        without = User.objects.without_role().values("pk")
        is_without = value == "false"
        return queryset.filter(pk__in=without) if is_without else queryset.exclude(pk__in=without)

    def by_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        return queryset.filter(memberships__role=value, memberships__is_active=True).distinct()


class OrganisationFilter(django_filters.FilterSet):
    q = SearchFilter(method="by_words", label=_("Name, further name or credit code"))
    kind = django_filters.ChoiceFilter(choices=OrganisationKind.choices, label=_("Kind"))
    affiliation = django_filters.ChoiceFilter(choices=Affiliation.choices, label=_("Affiliation"))
    district = django_filters.ChoiceFilter(choices=District.choices, label=_("District"))
    is_active = django_filters.ChoiceFilter(choices=_ACTIVE, method=by_activity, label=_("State"))

    class Meta:
        model = Organisation
        fields: tuple[str, ...] = ()

    def by_words(
        self, queryset: QuerySet[Organisation], name: str, value: str
    ) -> QuerySet[Organisation]:
        return queryset.filter(
            contains("name", value)
            | Q(name_key__startswith=fold(value))
            | Q(credit_code__startswith=value.upper())
            | Q(names__folded__contains=fold(value))
        ).distinct()


class AuditFilter(django_filters.FilterSet):
    q = SearchFilter(field_name="user__name", label=_("Person"))
    organisation = django_filters.ModelChoiceFilter(
        field_name="owner",
        queryset=_owners,
        label=_("Owner of the record"),
        widget=forms.Select(attrs=_SEARCHABLE),
    )
    action = django_filters.ChoiceFilter(choices=AuditAction.choices, label=_("Act"))
    object_type = django_filters.ChoiceFilter(choices=audited_kinds, label=_("Kind of record"))
    object_id = django_filters.NumberFilter(
        label=_("Number of the record"), min_value=1, max_value=2**63 - 1, decimal_places=0
    )
    number = django_filters.CharFilter(
        method="by_number", label=_("Number people know it by, e.g. application number")
    )
    reason = django_filters.CharFilter(lookup_expr="icontains", label=_("Words of the reason"))
    run = django_filters.NumberFilter(
        field_name="run_id",
        label=_("Number of the bulk act"),
        min_value=1,
        max_value=2**63 - 1,
        decimal_places=0,
    )
    job = django_filters.NumberFilter(
        field_name="job_id",
        label=_("Number of the job"),
        min_value=1,
        max_value=2**63 - 1,
        decimal_places=0,
    )
    request_id = django_filters.UUIDFilter(label=_("Number of the request"))
    since = django_filters.DateFilter(method="by_since", label=_("From day"))
    until = django_filters.DateFilter(method="by_until", label=_("To day"))

    class Meta:
        model = AuditEntry
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # auditors and managers read of one organisation
        if not permissions.can_read_audit_of_all(membership_of(self.request)):
            del self.filters["organisation"]

    def by_number(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(about_number(value))

    def by_since(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return queryset.filter(at__gte=_midnight(value))

    def by_until(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        return queryset.filter(at__lt=_midnight(value) + timedelta(days=1))


class JobFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=JobState.choices, label=_("State"))

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()


def _kinds_of_notice() -> list[tuple[str, str]]:
    return [(kind.name, str(kind.label)) for kind in notice_kinds()]


class _OwnValues(Func):
    """The values of a JSON object as text, without its keys."""

    template = "jsonb_path_query_array(%(expressions)s, '$.*')::text"
    output_field = TextField()


class NoticeFilter(django_filters.FilterSet):
    q = SearchFilter(method="by_words", label=_("Name, number or kind of notice"))
    read = django_filters.ChoiceFilter(
        method="by_reading",
        choices=[("no", _("Unread")), ("yes", pgettext_lazy("notice", "Read"))],
        label=_("Read or not"),
    )
    kind = django_filters.ChoiceFilter(choices=_kinds_of_notice, label=_("Kind of notice"))

    class Meta:
        model = Notice
        fields: tuple[str, ...] = ()

    def by_words(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """What the notice names, or its kind: its sentence is made when it is read, and stands nowhere."""
        wanted = fold(value)
        kinds = [kind for kind, label in _kinds_of_notice() if wanted in fold(label)]
        named: QuerySet[Any] = queryset.alias(named=_OwnValues("params"))
        return named.filter(Q(named__icontains=value) | Q(kind__in=kinds))

    def by_reading(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(read_at__isnull=value == "no")


class BulkRunFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=BulkState.choices, label=_("State"))

    class Meta:
        model = BulkRun
        fields: tuple[str, ...] = ()


class OutboxFilter(django_filters.FilterSet):
    q = SearchFilter(field_name="title", label=_("Words of the subject"))
    state = django_filters.ChoiceFilter(choices=BatchState.choices, label=_("State"))

    class Meta:
        model = OutboxBatch
        fields: tuple[str, ...] = ()


class MessageFilter(django_filters.FilterSet):
    q = SearchFilter(field_name="recipient__name", label=_("Name of the recipient"))
    sent = django_filters.ChoiceFilter(
        method="by_sending",
        choices=[("no", _("Not sent yet")), ("yes", pgettext_lazy("mail", "Sent"))],
        label=_("Sent or not"),
    )

    class Meta:
        model = OutboxMessage
        fields: tuple[str, ...] = ()

    def by_sending(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(sent_at__isnull=value == "no")


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)
