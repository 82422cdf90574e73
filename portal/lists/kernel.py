"""The kernel's own lists: people, organisations, the trail, jobs, uploads."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal import permissions
from portal.filters import AuditFilter, JobFilter, OrganisationFilter, PeopleFilter
from portal.import_filters import ImportFilter
from portal.intake.registry import may_read
from portal.lists.registry import register
from portal.lists.spec import Asked, ListSpec, Ordering
from portal.models import AuditEntry, ImportBatch, Job, Organisation, User

NEWEST = Ordering(_("Newest first"), ("-pk",))


def _people(asked: Asked) -> QuerySet[User]:
    people: QuerySet[User] = User.objects.visible_to(asked.membership)
    return people.with_roles(asked.membership)  # type: ignore[attr-defined, no-any-return]


def _organisations(asked: Asked) -> QuerySet[Organisation]:
    return Organisation.objects.visible_to(asked.membership).with_supervisors()


def _trail(asked: Asked) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.visible_to(asked.membership).with_people()


def _jobs(asked: Asked) -> QuerySet[Job]:
    return Job.objects.visible_to(asked.membership)


def _imports(asked: Asked) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.visible_to(asked.membership).select_related(
        "file", "membership__user"
    )


PEOPLE = ListSpec(
    name="portal.people",
    label=_("People"),
    url_name="portal:people-list",
    rows=_people,
    filterset=PeopleFilter,
    orderings={
        "name": Ordering(_("Name"), ("name_key",)),
        "username": Ordering(_("User name"), ("username",)),
        "created": Ordering(_("Created"), ("created_at",)),
    },
    may_open=permissions.can_list_people,
)
ORGANISATIONS = ListSpec(
    name="portal.organisations",
    label=_("Organisations"),
    url_name="portal:organisation-list",
    rows=_organisations,
    filterset=OrganisationFilter,
    orderings={
        "name": Ordering(_("Name"), ("name_key",)),
        "kind": Ordering(_("Kind"), ("kind", "name_key")),
        "district": Ordering(_("District"), ("district", "name_key")),
    },
    may_open=permissions.can_list_organisations,
)
TRAIL = ListSpec(
    name="portal.audit",
    label=_("Audit"),
    url_name="portal:audit-list",
    rows=_trail,
    filterset=AuditFilter,
    orderings={"newest": Ordering(_("Newest first"), ("-at",))},
    may_open=permissions.can_read_audit,
)
JOBS = ListSpec(
    name="portal.jobs",
    label=_("Jobs"),
    url_name="portal:job-list",
    rows=_jobs,
    filterset=JobFilter,
    orderings={"newest": NEWEST},
)
IMPORTS = ListSpec(
    name="portal.imports",
    label=_("Imports"),
    url_name="portal:import-list",
    rows=_imports,
    filterset=ImportFilter,
    orderings={"newest": NEWEST},
    may_open=may_read,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(PEOPLE, ORGANISATIONS, TRAIL, JOBS, IMPORTS)
