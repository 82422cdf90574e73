"""The job `inventory.upload`: the workbooks of a batch, from approved contents only; several in an archive when many.

Each chunk gathers items with their digests and doubts; the last one writes the files and gives them to the batch.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory import permissions
from inventory.choices import ItemOutcome, UploadKind, UploadState
from inventory.exports.gathering import register_of
from inventory.exports.layout import Value, write_workbook
from inventory.exports.national import Narrow, numbered, properties_of
from inventory.importing.national_plan import contact_of_content
from inventory.models import Dossier, UploadBatch, UploadItem
from inventory.queries import uploads as queries
from inventory.services.upload_content import Approved, approved_of, doubts_of
from inventory.services.uploads import KIND
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind
from portal.jobs.spool import append, remove_spool, spooled
from portal.models import Job, Membership, StoredFile
from portal.services.files import keep_file

_SEQUENCE: Final = 0


def job_kind(narrow: Narrow) -> JobKind:
    """The kind of job; the filter of the work list is a matter of pages, so the caller brings it."""

    def chunk(job: Job) -> Chunk:
        return _chunk(job, narrow)

    return JobKind(
        name=KIND,
        label=gettext_lazy("Prepare a batch for the national platform"),
        chunk=chunk,
        failed=remove_spool,
    )


def _chunk(job: Job, narrow: Narrow) -> Chunk:
    """Gather the next dossiers, or write the files after the last."""
    member = job.membership
    batch = UploadBatch.objects.select_for_update(of=("self",)).get(pk=job.params["batch"])
    if member is None or not permissions.can_handle_upload(member, batch):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    if batch.state != UploadState.PREPARING or batch.job_id != job.pk:
        raise DomainError(_("The batch was moved on or withdrawn meanwhile."))
    if "last" not in job.result:
        batch.items.filter(outcome=ItemOutcome.WAITING).delete()
    wanted = _wanted(batch, member, narrow)
    found = list(wanted.filter(pk__gt=job.result.get("last", 0))[: settings.JOB_CHUNK_ROWS])
    if not found:
        return _finish(job, batch, member)
    total = job.total if job.total is not None else wanted.count()
    taken = _take(batch, approved_of(found))
    size = append(job, _rows(taken, job.result.get("count", 0)))
    count = job.result.get("count", 0) + len(taken)
    result = {"last": found[-1].pk, "size": size, "count": count}
    done = job.next_line + len(found)
    return Chunk(done, total=total, stage=_("Gathering dossiers"), result=result)


def _wanted(batch: UploadBatch, member: Membership, narrow: Narrow) -> QuerySet[Dossier]:
    """The dossiers that go, with all that a row holds."""
    found = queries.candidates(batch.campaign, batch.institution_id)
    if batch.kind == UploadKind.SELECTED:
        found = found.filter(pk__in=narrow(member, batch.query).order_by().values("dossier"))
    if batch.kind == UploadKind.CHANGED:
        found = queries.unsent(found)
    return (
        found.exclude(pk__in=batch.items.values("dossier"))
        .select_related("patent", "participation__institution", "unit")
        .prefetch_related("status_marks", "intent_marks", "patent__inventors")
        .order_by("pk")
    )


def _take(batch: UploadBatch, approved: Sequence[Approved]) -> list[Approved]:
    """Put them into the batch; those that another batch took meanwhile stay out."""
    _version, words = queries.words_with_version(batch.institution_id)
    items = [_item(batch, one, doubts_of(one, words)) for one in approved]
    UploadItem.objects.bulk_create(items, batch_size=1000, ignore_conflicts=True)
    pks = [one.dossier.pk for one in approved]
    mine = set(batch.items.filter(dossier__in=pks).values_list("dossier_id", flat=True))
    taken = [one for one in approved if one.dossier.pk in mine]
    # approved before digests were kept
    old = [one.dossier for one in taken if not one.dossier.approved_digest]
    for one in taken:
        one.dossier.approved_digest = one.dossier.approved_digest or one.digest
    Dossier.objects.bulk_update(old, ["approved_digest"], batch_size=1000)
    return taken


def _item(batch: UploadBatch, one: Approved, doubts: list[str]) -> UploadItem:
    return UploadItem(
        batch=batch,
        dossier=one.dossier,
        digest=one.digest,
        doubts=doubts,
        doubt_count=len(doubts),
    )


def _rows(taken: Sequence[Approved], before: int) -> Iterator[list[Value]]:
    """Rows numbered within their workbook."""
    most = settings.UPLOAD_PATENTS_PER_FILE
    for place, one in enumerate(taken, before):
        contact = contact_of_content(one.content, one.dossier)
        yield from numbered(place % most + 1, register_of(one.dossier), one.content, contact)


def _finish(job: Job, batch: UploadBatch, member: Membership) -> Chunk:
    count = job.result.get("count", 0)
    if count:
        with tempfile.TemporaryDirectory() as folder:
            paths = _workbooks(job, batch, member, Path(folder))
            batch.file = _keep(_packed(paths, Path(folder)), batch, member)
            batch.workbooks = len(paths)
    batch.count = count
    batch.save(update_fields=["file", "workbooks", "count"])
    UploadBatch.objects.filter(pk=batch.pk).update(version=F("version") + 1)
    audit.record(
        actor=member,
        action=AuditAction.EXPORT,
        target=batch,
        changes={"count": [None, count], "workbooks": [None, batch.workbooks]},
    )
    transaction.on_commit(lambda: remove_spool(job))
    line = ngettext("%(count)s patent in the batch.", "%(count)s patents in the batch.", count)
    return Chunk(
        job.next_line,
        total=job.next_line,
        is_done=True,
        stage=_("File ready"),
        log=(line % {"count": count},),
    )


def _workbooks(job: Job, batch: UploadBatch, member: Membership, folder: Path) -> list[Path]:
    """One workbook for every so many patents; a row with a running number of 1 begins the next."""
    paths: list[Path] = []
    number = 0

    def part(row: list[Any]) -> int:
        nonlocal number
        number += 1 if row[_SEQUENCE] == 1 else 0
        return number

    title = _("Upload batch %(number)s") % {"number": batch.number}
    for place, rows in groupby(spooled(job), key=part):
        path = folder / _name(batch, f"-{place}.xlsx" if _is_split(job) else ".xlsx")
        write_workbook(path, chain(rows), properties_of(member, title))
        paths.append(path)
    return paths


def _is_split(job: Job) -> bool:
    """Whether one workbook does not hold all."""
    return bool(job.result.get("count", 0) > settings.UPLOAD_PATENTS_PER_FILE)


def _packed(paths: list[Path], folder: Path) -> Path:
    if len(paths) == 1:
        return paths[0]
    archive = folder / "batch.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in paths:
            packed.write(path, path.name)
    return archive


def _keep(path: Path, batch: UploadBatch, member: Membership) -> StoredFile:
    name = _name(batch, path.suffix)
    with path.open("rb") as source:
        return keep_file(
            content=File(source), name=name, purpose=StoredFile.Purpose.NATIONAL, actor=member
        )


def _name(batch: UploadBatch, end: str) -> str:
    stem = _("%(name)s-upload-batch-%(number)s-%(day)s") % {
        "name": batch.institution.name,
        "number": batch.number,
        "day": clock.today().isoformat(),
    }
    return stem + end
