"""The job `inventory.export`: a working copy of the work list in the national layout, kept for a day.

It is for the round trip inside the institution: drafts are in it, its name says so, and it is no upload (ADR 0017).
Rows are gathered in chunks; the last one writes the workbook. Only dossiers that the institution files itself go out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory import permissions
from inventory.dossier_content import Content
from inventory.exports.gathering import Register, lines_of
from inventory.exports.layout import Value, write_workbook
from inventory.importing.columns import COLUMNS
from inventory.importing.national_cells import Written, content_rows
from inventory.models import BaseListEntry, Dossier
from inventory.services.exports import KIND
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind
from portal.jobs.spool import append, keep_keys, keys_at, remove_spool, spool_of, spooled
from portal.models import Job, Membership, StoredFile
from portal.services.files import keep_file

#: The entries of the work list that a person may see, narrowed by a query string.
Narrow = Callable[[Membership, str], QuerySet[BaseListEntry]]
#: Cells of a row by field of the column, numbers among them.
Row = dict[str, Written | int]


def job_kind(narrow: Narrow) -> JobKind:
    """The kind of job, with the work list's own filter: that is a matter of pages, so the caller brings it."""

    def chunk(job: Job) -> Chunk:
        return _chunk(job, narrow)

    return JobKind(
        name=KIND,
        label=gettext_lazy("Working copy in the national layout"),
        chunk=chunk,
        failed=remove_spool,
    )


def dossiers_of(entries: QuerySet[BaseListEntry], membership: Membership) -> QuerySet[Dossier]:
    """The dossiers of these entries that the membership's institution files, in the order of the workbook."""
    return Dossier.objects.filter(
        participation__institution=membership.organisation_id,
        pk__in=entries.order_by().values("dossier"),
    ).order_by("priority", "pk")


def rows_of(register: Register, content: Content, contact: tuple[str, str]) -> list[Row]:
    """The rows of one dossier with some content: its own, and those for further statuses and intents."""
    first, *more = content_rows(content, contact)
    further: list[Row] = [{**cells} for cells in more]
    return [{**register, **first}, *further]


# --- the job ----------------------------------------------------------------------------------------


def _chunk(job: Job, narrow: Narrow) -> Chunk:
    """Gather the next dossiers, or write the workbook after the last."""
    member = job.membership
    if member is None or not permissions.can_export_dossiers(member):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    total = job.total
    if total is None:
        wanted = dossiers_of(narrow(member, job.params["query"]), member)
        total = keep_keys(job, wanted.values_list("pk", flat=True).iterator())
    if job.next_line >= total:
        return _finish(job, member)
    keys = keys_at(job, job.next_line, settings.JOB_CHUNK_ROWS)
    before = job.result.get("count", 0)
    # by the rights of now, which may have become less
    own = Dossier.objects.filed_for(member).filter(pk__in=keys)
    found = lines_of(own.order_by("priority", "pk"))
    rows = (
        row
        for number, line in enumerate(found, before + 1)
        for row in numbered(number, line.register, line.content, line.contact)
    )
    result = {"size": append(job, rows), "count": before + len(found)}
    done = job.next_line + len(keys)
    stage = _("Gathering dossiers") if done < total else _("Writing the file")
    return Chunk(done, total=total, stage=stage, result=result)


def numbered(
    number: int, register: Register, content: Content, contact: tuple[str, str]
) -> Iterator[list[Value]]:
    """The rows of a dossier as the workbook takes them, with its running number in the first."""
    for place, row in enumerate(rows_of(register, content, contact)):
        yield values_of({"sequence": number, **row} if place == 0 else row)


def values_of(cells: Row) -> list[Value]:
    """The cells in the order of the columns, as the workbook takes them."""
    return [
        float(cell) if isinstance(cell, Decimal) else cell
        for cell in (cells.get(column.field) for column in COLUMNS)
    ]


def _finish(job: Job, member: Membership) -> Chunk:
    count = job.result.get("count", 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "export.xlsx")
        write_workbook(path, spooled(job), properties_of(member, _("Working copy, not for upload")))
        kept = _keep(path, member)
    audit.record(
        actor=member,
        action=AuditAction.EXPORT,
        target=kept,
        changes={"dossiers": [None, count], "filter": [None, job.params["query"]]},
    )
    transaction.on_commit(lambda: remove_spool(job))
    line = ngettext("%(count)s dossier exported.", "%(count)s dossiers exported.", count)
    return Chunk(
        job.next_line,
        total=job.next_line,
        is_done=True,
        stage=_("File ready"),
        result={"file": kept.pk, "count": count},
        log=(line % {"count": count},),
    )


def _keep(path: Path, member: Membership) -> StoredFile:
    name = _("%(name)s-working-copy-%(day)s.xlsx") % {
        "name": member.organisation.name,
        "day": clock.today().isoformat(),
    }
    with path.open("rb") as source:
        return keep_file(
            content=File(source), name=name, purpose=StoredFile.Purpose.EXPORT, actor=member
        )


def properties_of(member: Membership, title: str) -> dict[str, str]:
    """What the file is, who took it, and when: kept in the workbook's properties, apart from the layout."""
    return {
        "title": title,
        "author": member.user.name,
        "company": member.organisation.name,
        "comments": clock.now().isoformat(timespec="seconds"),
    }


__all__ = [
    "dossiers_of",
    "job_kind",
    "numbered",
    "properties_of",
    "rows_of",
    "spool_of",
    "values_of",
]
