"""The job `intake.undo`: a finished import taken back as one, chunk after chunk, each in one transaction.

What was before was kept with each row when it was applied. A row whose target changed since stays and says why; the
importer decides what "changed" means (docs/adr/0024-imports-taken-back.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal import audit, clock
from portal.choices import AuditAction, ImportState, JobState, RowOutcome, UndoOutcome
from portal.errors import DomainError
from portal.failpoints import failpoint
from portal.intake import recognition, telling
from portal.intake.emptying import empty_rows
from portal.intake.registry import importers
from portal.intake.sheets import same_sheet
from portal.intake.stepping import next_piece
from portal.intake.wording import undid
from portal.jobs.registry import Chunk
from portal.json_text import encode
from portal.models import ImportBatch, ImportRow, Job, Membership

KIND = "intake.undo"


@dataclass(frozen=True)
class Undone:
    """What became of one row: taken back, in part, or why it stays."""

    line: int
    outcome: UndoOutcome
    note: str = ""


# --- for the steps of importers -------------------------------------------------------------------------


def rows_left(batch: ImportBatch, first_line: int, limit: int) -> list[ImportRow]:
    """The next applied rows of which nothing was said yet, in line order."""
    left = batch.rows.filter(line__gte=first_line, is_applied=True, undo_outcome="")
    return list(left.order_by("line")[:limit])


def said_again(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Rows of later imports of other files that found things as this one left them: that file says so, too."""
    return unchanged_later(batch).exclude(key="")


def unchanged_later(batch: ImportBatch) -> QuerySet[ImportRow]:
    """The same for kinds whose rows have no key: they are told by what they are about (target)."""
    later = ImportBatch.objects.filter(
        organisation=batch.organisation_id,
        kind=batch.kind,
        state=ImportState.APPLIED,
        applied_at__gte=batch.applied_at,
    ).exclude(**same_sheet(batch))
    return ImportRow.objects.filter(batch__in=later, outcome=RowOutcome.UNCHANGED)


def keys_said_again(batch: ImportBatch, rows: Sequence[ImportRow]) -> set[str]:
    """The keys of these rows that a later file names as they are (one query)."""
    again = said_again(batch).filter(key__in=[row.key for row in rows])
    return set(again.values_list("key", flat=True))


def settle(batch: ImportBatch, undone: Sequence[Undone]) -> None:
    """Write what became of the rows of one chunk, in one statement."""
    given = [{"line": one.line, "outcome": str(one.outcome), "note": one.note} for one in undone]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_importrow r SET undo_outcome = v.outcome, undo_note = v.note
            FROM jsonb_to_recordset(%s::jsonb) AS v(line int, outcome text, note text)
            WHERE r.batch_id = %s AND r.line = v.line
            """,
            [encode(given), batch.pk],
        )


@dataclass(frozen=True)
class StandsAgain:
    """A record that went back wholly: the version in which this import had found it, and the one it has now."""

    key: str
    found: int
    now: int


# an earlier import of the same kind left the record in the version that was found: it stands as that one left it
_STANDS_AGAIN = """
    UPDATE portal_importrow r SET {left} = {now}
    FROM jsonb_to_recordset(%s::jsonb) AS v(key text, found int, now int), portal_importbatch b
    WHERE b.organisation_id = %s AND b.kind = %s AND b.state IN ('applied', 'undoing') AND b.id <> %s
      AND r.batch_id = b.id AND r.key = v.key AND r.is_applied AND r.undo_outcome = '' AND {was} = v.found
"""
_OF_ROW = _STANDS_AGAIN.format(left="version_after", now="v.now", was="r.version_after")
_OF_FILING = _STANDS_AGAIN.format(
    left="before",
    now="jsonb_set(r.before, '{filing,version}', to_jsonb(v.now))",
    was="(r.before->'filing'->>'version')::int",
)


def stand_again(
    batch: ImportBatch, records: Sequence[StandsAgain], filings: Sequence[StandsAgain] = ()
) -> None:
    """Imports taken back from the last to the first leave nothing: the earlier ones go by the version of now.

    `records` are what the rows are about, `filings` the dossiers that base lists began or placed.
    """
    for sql, given in ((_OF_ROW, records), (_OF_FILING, filings)):
        values = [{"key": one.key, "found": one.found, "now": one.now} for one in given]
        with connection.cursor() as cursor:
            cursor.execute(sql, [encode(values), batch.organisation_id, batch.kind, batch.pk])


def actor_of(batch: ImportBatch) -> Membership:
    """Who takes the import back; a batch under way always has somebody."""
    if batch.undone_by is None:
        raise DomainError(_("Nobody asked to take this import back."))
    return batch.undone_by


# --- whether, and what it would do ------------------------------------------------------------------------


def why_not(batch: ImportBatch) -> str:
    """Why an import cannot be taken back (any more), in words; empty when it can."""
    if batch.state != ImportState.APPLIED or not batch.kind:
        return _("Only a finished import can be taken back.")
    importer = recognition.importer_of(batch)
    if not importer.undoes:
        return str(importer.no_undo)
    if batch.applied_at is None or batch.applied_at < oldest():
        return _("An import can be taken back for %(days)s days; that time is over.") % {
            "days": settings.IMPORT_UNDO_DAYS
        }
    if not batch.rows.exclude(outcome=RowOutcome.REFUSED).exists():
        return _("Nothing was written that could be taken back.")
    return ""


def oldest() -> Any:
    """Imports applied before this moment are not taken back any more."""
    return clock.now() - timedelta(days=settings.IMPORT_UNDO_DAYS)


def forecast(batch: ImportBatch) -> dict[str, int]:
    """Rows that would go back as they are, and rows whose target changed since."""
    waiting = batch.rows.filter(is_applied=True, undo_outcome="").count()
    changed = recognition.importer_of(batch).changed_since(batch).count()
    return {"taken_back": waiting - changed, "changed": changed}


def forget_images() -> None:
    """What was before, of imports whose time to be taken back is over: nobody needs it any more.

    Of people the rest goes, too: who they are stands where the import wrote it, and leaves with them.
    """
    over = ImportRow.objects.filter(batch__applied_at__lt=oldest())
    over = over.exclude(batch__state=ImportState.UNDOING)
    over.filter(before__isnull=False).update(before=None)
    of_people = [importer.kind for importer in importers() if importer.holds_people]
    empty_rows(over.filter(batch__kind__in=of_people).exclude(values={}))


# --- the job ------------------------------------------------------------------------------------------------


def chunk(job: Job) -> Chunk:
    """Go on with the importer's undoes; the import is taken back after the last."""
    batch = _batch_of(job)
    if batch.state != ImportState.UNDOING:
        raise DomainError(_("This import is not being taken back any more."))
    _check_rights(batch)
    piece = next_piece(batch, job, recognition.importer_of(batch).undoes)
    if piece is None:
        return _finish(batch, job)
    failpoint("intake.undo.before_commit")
    return piece


def failed(job: Job) -> None:
    """What was taken back stays so; the rest can be taken back by asking again."""
    batch = _batch_of(job)
    if batch.state != ImportState.UNDOING:
        return
    batch.state = ImportState.APPLIED
    stopped = _("Taking back was stopped. Rows taken back before stay so; ask again for the rest.")
    batch.problem = stopped if job.state == JobState.CANCELLED else f"{job.error} {stopped}"
    batch.counts = {**batch.counts, "undone": _counts(batch)}
    batch.version += 1
    batch.save(update_fields=["state", "problem", "counts", "version"])
    _record(batch, ImportState.APPLIED)
    telling.tell_stopped(batch, job)


def _finish(batch: ImportBatch, job: Job) -> Chunk:
    counts = _counts(batch)
    batch.counts = {**batch.counts, "undone": counts}
    batch.state = ImportState.TAKEN_BACK
    batch.undone_at = clock.now()
    batch.problem = ""
    batch.version += 1
    batch.save(update_fields=["counts", "state", "undone_at", "problem", "version"])
    _record(batch, ImportState.TAKEN_BACK)
    telling.tell(batch, telling.UNDONE)
    failpoint("intake.undo.before_end")
    url = reverse("portal:import-undo", kwargs={"pk": batch.pk})
    return Chunk(
        job.total or 0,
        is_done=True,
        stage=pgettext("import", "Taken back"),
        log=(undid(counts),),
        result={"url": url},
    )


def _counts(batch: ImportBatch) -> dict[str, int]:
    found = dict(
        batch.rows.exclude(undo_outcome="")
        .values_list("undo_outcome")
        .annotate(Count("pk"))
        .order_by()
    )
    return {name: found.get(name, 0) for name in UndoOutcome.values}


def _record(batch: ImportBatch, state: ImportState) -> None:
    audit.record(
        actor=batch.undone_by,
        action=AuditAction.STATE,
        target=batch,
        owner=batch.organisation_id,
        changes={
            "state": [ImportState.UNDOING, state],
            **{name: [None, count] for name, count in batch.counts["undone"].items()},
        },
        reason=batch.undo_reason,
    )


def _check_rights(batch: ImportBatch) -> None:
    """Stop when the person who takes it back left or lost the role since the last chunk."""
    member = actor_of(batch)
    is_active = member.is_active and member.user.is_active and member.organisation.is_active
    if not is_active or not recognition.importer_of(batch).may_import(member):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))


def _batch_of(job: Job) -> ImportBatch:
    return (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("organisation", "membership", "file")
        .select_related("undone_by__organisation", "undone_by__user", "undone_by__unit")
        .get(pk=job.params["batch"])
    )
