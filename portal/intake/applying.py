"""The job `intake.apply`: the good rows of a confirmed preview, chunk after chunk, each in one transaction."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from portal import audit, clock
from portal.choices import AuditAction, ImportState, JobState, RowOutcome
from portal.errors import DomainError
from portal.failpoints import failpoint
from portal.intake import preview, recognition, telling
from portal.intake.reading import batch_of, check_rights
from portal.intake.stepping import next_piece
from portal.intake.wording import did
from portal.jobs.registry import Chunk
from portal.models import ImportBatch, Job

KIND = "intake.apply"


def chunk(job: Job) -> Chunk:
    """Go on with the importer's applications; the batch is applied after the last."""
    batch = batch_of(job)
    if batch.state != ImportState.APPLYING:
        raise DomainError(_("This import is not being applied any more."))
    check_rights(batch)
    piece = next_piece(batch, job, recognition.importer_of(batch).applications)
    if piece is None:
        return _finish(batch, job)
    failpoint("intake.apply.before_commit")
    return piece


def failed(job: Job) -> None:
    """What was written stays; the batch waits for a new preview of what is left."""
    batch = batch_of(job)
    if batch.state != ImportState.APPLYING:
        return
    batch.state = ImportState.PREVIEW
    batch.preview_digest = ""
    batch.problem = (
        _(
            "The import was stopped. Rows written before stay written; check the file again to see what is left."
        )
        if job.state == JobState.CANCELLED
        else job.error
    )
    batch.version += 1
    batch.save(update_fields=["state", "preview_digest", "problem", "version"])
    telling.tell_stopped(batch, job)


def _finish(batch: ImportBatch, job: Job) -> Chunk:
    batch.counts = {**batch.counts, **preview.counts(batch)}
    batch.state = ImportState.APPLIED
    batch.applied_at = clock.now()
    batch.problem = ""
    batch.version += 1
    batch.save(update_fields=["counts", "state", "applied_at", "problem", "version"])
    audit.record(
        actor=batch.membership,
        action=AuditAction.IMPORT,
        target=batch,
        changes={outcome: [None, batch.counts[outcome]] for outcome in RowOutcome.values},
    )
    failpoint("intake.apply.before_end")
    telling.tell(batch, telling.APPLIED)
    line = did(batch.counts)
    url = reverse("portal:import-detail", kwargs={"pk": batch.pk})
    return Chunk(job.total or 0, is_done=True, stage=_("Applied"), log=(line,), result={"url": url})
