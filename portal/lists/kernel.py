"""The kernel's own lists: people, organisations, the trail, jobs, uploads."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portal import audit_words, job_words, permissions
from portal.audit_words import AuditLine
from portal.choices import ImportState
from portal.filters import AuditFilter, JobFilter, OrganisationFilter, PeopleFilter
from portal.import_filters import ImportFilter
from portal.intake.registry import may_read
from portal.job_words import JobLine
from portal.lists import cells
from portal.lists.cells import Badge, Cell
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import AuditEntry, ImportBatch, Job, Organisation, User
from portal.templatetags.portal_tags import DASH, side

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


def _activity(row: User | Organisation) -> list[Badge]:
    if row.is_active:
        return [("tone", "success", gettext("Active"))]
    return [("tone", "neutral", gettext("Deactivated"))]


def _muted_when_inactive(row: User | Organisation) -> str:
    return "" if row.is_active else "is-muted"


# --- people -----------------------------------------------------------------------------------------


def _roles(person: Any) -> list[str]:
    return [
        f"{cells.word_of(role, 'role')} · {role.unit or role.organisation}"
        for role in person.roles
        if role.is_active
    ]


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
    columns=(
        Column("name", _("Full name"), lambda p: p.name, order="name"),
        Column("username", _("User name"), lambda p: p.username, cells.CODE, "username"),
        Column("roles", _("Roles"), _roles, cells.LINES, filter="role"),
        Column("state", _("State"), _activity, cells.BADGES, filter="is_active"),
        Column("created", _("Created"), lambda p: p.created_at, cells.DAY, "created"),
    ),
    link=lambda person: reverse("portal:people-detail", args=[person.pk]),
    tone=_muted_when_inactive,
    empty=Empty("users", _("Nobody is here yet")),
    is_stacked=True,
    may_open=permissions.can_list_people,
)


# --- organisations ----------------------------------------------------------------------------------


def _affiliation(organisation: Organisation) -> str:
    return cells.word_of(organisation, "affiliation") if organisation.is_institution else ""


def _bureaus(organisation: Any) -> list[str]:
    return [charge.bureau.name for charge in organisation.charges_now]


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
    columns=(
        Column("name", _("Name"), lambda o: o.name, order="name"),
        Column("kind", _("Kind"), lambda o: cells.word_of(o, "kind"), order="kind", filter="kind"),
        Column("affiliation", _("Affiliation"), _affiliation, filter="affiliation"),
        Column(
            "district",
            _("District"),
            lambda o: cells.word_of(o, "district"),
            order="district",
            filter="district",
        ),
        Column("bureaus", _("Supervising bureaus"), _bureaus, cells.LINES),
        Column("code", _("Unified social credit code"), lambda o: o.credit_code, cells.CODE),
        Column("state", _("State"), _activity, cells.BADGES, filter="is_active"),
    ),
    link=lambda organisation: reverse("portal:organisation-detail", args=[organisation.pk]),
    tone=_muted_when_inactive,
    empty=Empty("building-community", _("There are no organisations yet")),
    is_stacked=True,
    may_open=permissions.can_list_organisations,
)


# --- the trail --------------------------------------------------------------------------------------

SHORT_TRAIL = 3


def _lines_of_trail(entries: list[AuditEntry], asked: Asked) -> list[AuditLine]:
    return audit_words.in_words_for(entries, asked.membership)


def _show_changes(line: AuditLine) -> str:
    """The reason, and before and after of each field; many fields are folded."""
    reason = f'<p class="timeline-reason">{conditional_escape(line.reason)}</p>'
    if not line.changes:
        return reason if line.reason else DASH
    changed_to = conditional_escape(gettext("changed to"))
    rows = "".join(
        f"<div><dt>{conditional_escape(change.field)}</dt><dd>"
        f"<del>{side(change.before, change.before_records)}</del>"
        f'<span class="visually-hidden"> {changed_to} </span>'
        f"<ins>{side(change.after, change.after_records)}</ins></dd></div>"
        for change in line.changes
    )
    table = f'<dl class="changes">{rows}</dl>'
    count = len(line.changes)
    if count > SHORT_TRAIL:
        words = ngettext("%(number)s field", "%(number)s fields", count) % {"number": count}
        table = f"<details><summary>{words}</summary>{table}</details>"
    return (reason if line.reason else "") + table


def _plain_changes(line: AuditLine) -> str:
    changes = [f"{c.field}：{c.before or DASH} → {c.after or DASH}" for c in line.changes]
    return "；".join([*([line.reason] if line.reason else []), *changes])


CHANGES = Cell("", _show_changes, _plain_changes)

TRAIL = ListSpec(
    name="portal.audit",
    label=_("Audit"),
    url_name="portal:audit-list",
    rows=_trail,
    filterset=AuditFilter,
    orderings={"newest": Ordering(_("Newest first"), ("-at",))},
    columns=(
        Column("at", _("Time"), lambda a: a.at, cells.MOMENT, "newest", "since"),
        Column("person", _("Person"), lambda a: (a.actor, a.capacity), cells.PAIR),
        Column("act", _("Act"), lambda a: a.action, cells.SHORT, filter="action"),
        Column(
            "record",
            _("Record"),
            lambda a: (a.record, a.owner),
            cells.PAIR,
            filter="object_type",
        ),
        Column("changes", _("Before and after"), lambda a: a, CHANGES),
        Column("address", _("Address"), lambda a: a.address, cells.CODE),
    ),
    dress=_lines_of_trail,
    link=lambda line: reverse("portal:audit-detail", args=[line.pk]),
    empty=Empty("history", _("Nothing was recorded yet")),
    is_stacked=True,
    may_open=permissions.can_read_audit,
)


# --- jobs and uploads -------------------------------------------------------------------------------


def _lines_of_jobs(jobs: list[Job], asked: Asked) -> list[JobLine]:
    return [job_words.in_words(job) for job in jobs]


def _progress(line: JobLine) -> tuple[str, str]:
    percent = "" if line.job.percent is None else f"{line.job.percent}%"
    return percent, " · ".join(line.figures)


JOBS = ListSpec(
    name="portal.jobs",
    label=_("Jobs"),
    url_name="portal:job-list",
    rows=_jobs,
    filterset=JobFilter,
    orderings={"newest": NEWEST},
    columns=(
        Column("work", _("Work"), lambda j: j.label),
        Column(
            "state",
            _("State"),
            lambda j: [("job", j.job.state, cells.word_of(j.job, "state"))],
            cells.BADGES,
            filter="state",
        ),
        Column("progress", _("Progress"), _progress, cells.PAIR),
        Column("asked", _("Asked for"), lambda j: j.job.created_at, cells.MOMENT, "newest"),
        Column("result", _("Result"), lambda j: j.job.error, template="portal/job_result.html"),
    ),
    dress=_lines_of_jobs,
    link=lambda line: line.url,
    empty=Empty(
        "progress",
        _("No work in the background"),
        _("Imports and exports that you start appear here with their progress and result."),
    ),
    is_stacked=True,
)
# uploads of which nothing stands (any more)
_OVER = (ImportState.DISCARDED, ImportState.TAKEN_BACK)

IMPORTS = ListSpec(
    name="portal.imports",
    label=_("Imports"),
    url_name="portal:import-list",
    rows=_imports,
    filterset=ImportFilter,
    orderings={"newest": NEWEST},
    columns=(
        Column("file", _("File"), lambda b: b.file.name, cells.LONG),
        Column(
            "state",
            _("State"),
            lambda b: [("import", b.state, cells.word_of(b, "state"))],
            cells.BADGES,
            filter="state",
        ),
        Column("added", _("Added"), lambda b: b.counts.get("added"), cells.NUMBER),
        Column("changed", _("Changed"), lambda b: b.counts.get("changed"), cells.NUMBER),
        Column("refused", _("Not taken"), lambda b: b.counts.get("refused"), cells.NUMBER),
        Column("by", _("Uploaded by"), lambda b: b.membership.user.name),
        Column("at", _("Uploaded"), lambda b: b.created_at, cells.MOMENT, "newest"),
    ),
    may_open=may_read,
    link=lambda batch: reverse("portal:import-detail", args=[batch.pk]),
    tone=lambda batch: "is-muted" if batch.state in _OVER else "",
    empty=Empty(
        "file-import",
        _("Nothing was uploaded yet"),
        _(
            "Drop the list pushed by the national office, an export of your patent database or a"
            " filled national template."
        ),
    ),
    is_stacked=True,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(PEOPLE, ORGANISATIONS, TRAIL, JOBS, IMPORTS)
