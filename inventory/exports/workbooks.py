"""The job `inventory.workbook`: round-trip workbooks, one after the other; an archive of them when they are many.

Each chunk gathers dossiers of one workbook and keeps what they say as they go out; the last chunk of a workbook writes
it. With many, their files go into one archive at the end.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any, Final

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory import permissions
from inventory.exports.gathering import Line, beyond, lines_of
from inventory.exports.national import numbered
from inventory.exports.workbook_layout import Guide, WorkbookRow, write_round_trip
from inventory.importing.columns import COLUMNS
from inventory.importing.national_merge import base_of
from inventory.importing.workbook_keys import RowKey, digest_of
from inventory.models import Workbook, WorkbookBase
from inventory.queries.workbooks import Target, dossiers_of
from inventory.services import workbooks
from portal import clock
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind
from portal.jobs.spool import append, remove_spool, spooled
from portal.models import Job, Membership, StoredFile, Unit, User
from portal.services.files import keep_file

_WIDTH: Final = len(COLUMNS)


def job_kind() -> JobKind:
    """The kind of job."""
    return JobKind(
        name=workbooks.KIND,
        label=gettext_lazy("Round-trip workbook"),
        chunk=_chunk,
        failed=remove_spool,
    )


def may_open_file(membership: Membership, file: StoredFile) -> bool:
    """Whoever may see a workbook may open its file."""
    return Workbook.objects.visible_to(membership).filter(file=file).exists()


def _chunk(job: Job) -> Chunk:
    """Gather the next dossiers of the workbook at hand, write it after its last, or end after the last workbook."""
    member = job.membership
    if member is None or not permissions.can_export_dossiers(member) or not member.is_active:
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    targets = [Target(**one) for one in job.params["targets"]]
    at = job.result.get("at", 0)
    if at >= len(targets):
        return _finish(job, member)
    target = targets[at]
    found = lines_of(beyond(dossiers_of(member, target), job.result.get("last"))[: _limit()])
    if not found:
        return _write(job, member, target, len(targets))
    number = job.result.get("number", 0)
    size = append(job, list(_rows(member, found, number)))
    result = {
        "last": [found[-1].priority, found[-1].pk],
        "size": size,
        "number": number + len(found),
    }
    return Chunk(at, total=len(targets), stage=_("Gathering dossiers"), result=result)


def _limit() -> int:
    return int(settings.JOB_CHUNK_ROWS)


def _rows(member: Membership, found: Sequence[Line], before: int) -> Iterator[list[Any]]:
    """The rows of these dossiers with their keys and whether they take answers; what they say is kept."""
    bases = []
    for number, line in enumerate(found, before + 1):
        values = base_of(line.content, line.contact)
        digest = digest_of(values)
        bases.append(
            WorkbookBase(dossier_id=line.pk, version=line.version, digest=digest, values=values)
        )
        rows = numbered(number, line.register, line.content, line.contact)
        for place, cells in enumerate(rows):
            key = RowKey(member.organisation_id, line.pk, place, line.version, digest)
            yield [*cells, *key.cells(), line.is_editable]
    workbooks.keep_bases(bases)


def _write(job: Job, member: Membership, target: Target, total: int) -> Chunk:
    """Write the workbook gathered so far and go on to the next."""
    at, count = job.result.get("at", 0), job.result.get("number", 0)
    name = _name_of(member, target)
    guide = Guide(
        title=_("Round-trip workbook: %(name)s") % {"name": name},
        made=clock.today().isoformat(),
        count=count,
    )
    rows = (
        WorkbookRow(row[:_WIDTH], [str(one) for one in row[_WIDTH:-1]], bool(row[-1]))
        for row in spooled(job)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "workbook.xlsx")
        write_round_trip(path, rows, guide)
        kept = _keep(path, f"{name}-{_('round-trip workbook')}-{guide.made}.xlsx", member)
    made = workbooks.record_workbook(target=target, file=kept, count=count, actor=member)
    line = ngettext("%(name)s: %(count)s patent.", "%(name)s: %(count)s patents.", count)
    result: dict[str, Any] = {"at": at + 1, "last": None, "size": 0, "number": 0}
    result["made"] = [*job.result.get("made", []), made.pk]
    log = (line % {"name": name, "count": count},)
    return Chunk(at + 1, total=total, stage=_("Writing workbooks"), result=result, log=log)


def _finish(job: Job, member: Membership) -> Chunk:
    """The archive where there are many, the mails where they were asked for."""
    made = list(
        Workbook.objects.filter(pk__in=job.result["made"]).select_related("file").order_by("pk")
    )
    log: tuple[str, ...] = ()
    if job.params["is_sent"]:
        told = workbooks.send_workbooks(workbooks=[one.pk for one in made], actor=member)
        line = ngettext("%(count)s person was told.", "%(count)s people were told.", told)
        log = (line % {"count": told},)
    file = _archive(made, member) if job.params["is_zip"] else made[0].file
    transaction.on_commit(lambda: remove_spool(job))
    count = len(job.params["targets"])
    result = {"file": file.pk, "workbooks": count}
    return Chunk(count, total=count, is_done=True, stage=_("File ready"), result=result, log=log)


def _archive(made: Sequence[Workbook], member: Membership) -> StoredFile:
    """All workbooks in one file; each under its own name."""
    name = _("%(name)s-round-trip-workbooks-%(day)s.zip") % {
        "name": member.organisation.name,
        "day": clock.today().isoformat(),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "workbooks.zip")
        # workbooks are compressed already
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for number, one in enumerate(made, 1):
                inner = PurePath(one.file.name)
                archive.write(one.file.content.path, f"{number:02}-{inner.name}")
        return _keep(path, name, member)


def _keep(path: Path, name: str, member: Membership) -> StoredFile:
    with path.open("rb") as source:
        return keep_file(
            content=File(source), name=name, purpose=StoredFile.Purpose.EXPORT, actor=member
        )


def _name_of(member: Membership, target: Target) -> str:
    """Whose workbook it is, for its name and its first sheet."""
    if target.person is not None:
        return str(User.objects.get(pk=target.person).name)
    if target.unit is not None:
        return Unit.objects.get(pk=target.unit).name
    return _("%(name)s without unit") % {"name": member.organisation.name}
