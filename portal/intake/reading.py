"""The job `intake.read`: sandbox, recognition, staging, checks, preview; each chunk with its checkpoint.

Phases: 0 recognise, 1 stage, 2… the importer's checks, then the preview. `job.result["phase"]` and `job.next_line`
are the checkpoint. A file that was read before is staged afresh from its file of rows.
"""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal.choices import ImportState, JobState
from portal.errors import DomainError
from portal.failpoints import failpoint
from portal.intake import pieces, preview, recognition, staging, telling
from portal.intake.files import RowFile
from portal.intake.registry import importers_for
from portal.intake.wording import would_do
from portal.jobs import queue
from portal.jobs.registry import Chunk, Tick
from portal.models import ImportBatch, Job
from portal.spreadsheets.problems import UnreadableFile

KIND = "intake.read"
RECOGNISE, STAGE, FIRST_CHECK = 0, 1, 2


def batch_of(job: Job) -> ImportBatch:
    """The batch under lock, with what every chunk needs."""
    return (
        # no key: a second process may write rows that name the batch
        ImportBatch.objects.select_for_update(of=("self",), no_key=True)
        .select_related(
            "organisation", "membership__organisation", "membership__user", "file", "continues"
        )
        .get(pk=job.params["batch"])
    )


def check_rights(batch: ImportBatch) -> None:
    """Stop when the person left or lost the role since the last chunk."""
    member = batch.membership
    is_active = member.is_active and member.user.is_active and member.organisation.is_active
    if not is_active or (batch.kind and not recognition.importer_of(batch).may_import(member)):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))


def prepare(job: Job, tick: Tick) -> None:
    """Read the upload in the sandbox; an unreadable one ends here, with the reason in words."""
    batch = ImportBatch.objects.select_related("file", "membership").get(pk=job.params["batch"])
    if batch.state != ImportState.READING:
        return

    def meanwhile() -> None:
        tick()
        failpoint("intake.reading")

    tick()
    queue.say(job, _("Opening the file"))
    try:
        RowFile(batch).make(meanwhile)
    except UnreadableFile as problem:
        with transaction.atomic():
            queue.hold(job)
            batch.state = ImportState.UNREADABLE
            batch.problem = str(problem)
            batch.version += 1
            batch.save(update_fields=["state", "problem", "version"])
            telling.tell(batch, telling.STOPPED, batch.problem)
    failpoint("intake.after_read")


def chunk(job: Job) -> Chunk:
    """One bounded piece of the phase the job is in."""
    batch = batch_of(job)
    if batch.state != ImportState.READING:
        return Chunk(job.next_line, is_done=True, stage=str(batch.get_state_display()))
    check_rights(batch)
    phase = job.result.get("phase", RECOGNISE)
    if phase == RECOGNISE:
        return _recognise(batch, job)
    if phase == STAGE:
        return _stage(batch, job)
    return _check(batch, job, phase - FIRST_CHECK)


def failed(job: Job) -> None:
    """A failed reading leaves a batch that says why; a cancelled one is discarded."""
    batch = batch_of(job)
    if batch.state != ImportState.READING:
        return
    is_cancelled = job.state == JobState.CANCELLED
    batch.state = ImportState.DISCARDED if is_cancelled else ImportState.UNREADABLE
    batch.problem = "" if is_cancelled else job.error
    batch.version += 1
    batch.save(update_fields=["state", "problem", "version"])
    telling.tell_stopped(batch, job)


def _not_found(batch: ImportBatch, sheets: str) -> str:
    """What the file lacks, in the words of the kind that was asked for, else of the first that this person loads."""
    offered = [
        importer
        for importer in importers_for(batch.membership)
        if batch.kind in (recognition.AUTO, importer.kind)
    ]
    kinds = "、".join(str(importer.label) for importer in offered)
    usual = _(
        "No table that you may import was recognised (%(kinds)s). What the head of each must name stands on the "
        "upload page."
    )
    said = (offered[0].not_found if offered else "") or usual % {"kinds": kinds}
    return f"{said} " + _("Sheets looked at: %(sheets)s.") % {"sheets": sheets}


def _recognise(batch: ImportBatch, job: Job) -> Chunk:
    """Find kind, sheet and columns; stop for a person where these are not certain."""
    file = RowFile(batch)
    staging.clear(batch)
    if batch.columns:
        return _begin_staging(batch, file)
    samples = file.samples()
    shape = recognition.recognise(batch, samples)
    if shape is None:
        raise DomainError(_not_found(batch, "、".join(sample.name for sample in samples)))
    batch.kind = shape.kind
    importer = recognition.importer_of(batch)
    known = recognition.remembered(batch, shape)
    shape = known or shape
    batch.sheet = samples[shape.sheet].name[:100]
    batch.header_row = shape.header_row or None
    batch.columns = shape.as_json()
    batch.layout, batch.layout_confidence = shape.layout, shape.layout_confidence
    batch.save(
        update_fields=["kind", "sheet", "header_row", "columns", "layout", "layout_confidence"]
    )
    if known is None and not recognition.is_certain(importer, shape):
        batch.state = ImportState.MAPPING
        batch.version += 1
        batch.save(update_fields=["state", "version"])
        telling.tell_if_long(batch, job, telling.COLUMNS)
        return Chunk(0, is_done=True, stage=_("Columns to confirm"))
    return _begin_staging(batch, file)


def _begin_staging(batch: ImportBatch, file: RowFile) -> Chunk:
    sheet = file.summary.sheets[file.sheet_named(batch.sheet)]
    log = _("Sheet %(sheet)s: %(rows)s rows.") % {"sheet": sheet.name, "rows": sheet.rows}
    return replace(_next(batch, STAGE, 0), total=sheet.rows, log=(log,))


def _next(batch: ImportBatch, phase: int, next_line: int) -> Chunk:
    """The work goes on in this phase from this line: rows are read, then each check goes through all of them."""
    checks = recognition.importer_of(batch).checks
    if phase == STAGE:
        stage = _("Reading rows")
    elif phase < FIRST_CHECK + len(checks):
        stage = str(checks[phase - FIRST_CHECK].label)
    else:
        stage = _("Counting for the preview")
    # counting is a step, too
    step = (phase, len(checks) + 2)
    return Chunk(next_line, stage=stage, step=step, result={"phase": phase})


def _stage(batch: ImportBatch, job: Job) -> Chunk:
    """Turn the next rows into staged subjects."""
    next_row = pieces.stage(batch, job.next_line, in_halves=True)
    failpoint("intake.staging.before_commit")
    if next_row is None:
        staging.refresh_statistics()
        return _next(batch, FIRST_CHECK, 0)
    return _next(batch, STAGE, next_row)


def _check(batch: ImportBatch, job: Job, number: int) -> Chunk:
    """Go on with one check against the database, or make the preview after the last."""
    importer = recognition.importer_of(batch)
    if number >= len(importer.checks):
        return _finish(batch, job)
    step = importer.checks[number]
    next_line = step.run(batch, job.next_line, settings.JOB_CHUNK_ROWS)
    failpoint("intake.check.before_commit")
    phase = FIRST_CHECK + number
    return _next(batch, phase + 1, 0) if next_line is None else _next(batch, phase, next_line)


def _finish(batch: ImportBatch, job: Job) -> Chunk:
    make_preview(batch)
    telling.tell_if_long(batch, job, telling.READY)
    failpoint("intake.preview.before_commit")
    line = would_do(batch.counts)
    return Chunk(job.total or 0, is_done=True, stage=_("Preview ready"), log=(line,))


def make_preview(batch: ImportBatch) -> None:
    """Count what the checks found and put it before a person, with the digest that is confirmed."""
    batch.counts = {
        **preview.counts(batch),
        **recognition.importer_of(batch).tally(batch),
        "other_sheets": [sheet.name for sheet in RowFile(batch).others(batch.sheet)],
    }
    batch.preview_digest = preview.digest(batch)
    batch.state = ImportState.PREVIEW
    batch.version += 1
    batch.save(update_fields=["counts", "preview_digest", "state", "version"])
