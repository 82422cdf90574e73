"""The job `intake.errors`: the person's own bad rows with a column that says what is wrong."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath

from django.core.files import File
from django.utils.translation import gettext as _

from portal.choices import RowOutcome, UndoOutcome
from portal.failpoints import failpoint
from portal.intake import corrections, recognition
from portal.intake.files import RowFile
from portal.intake.reading import batch_of
from portal.intake.registry import Importer
from portal.intake.wording import words_of
from portal.jobs.registry import Chunk, Tick
from portal.models import ImportBatch, ImportIssue, Job, StoredFile
from portal.services.files import keep_file
from portal.spreadsheets.writing import annotate_copy

KIND = "intake.errors"
# which rows: those that could not be taken, or those that stayed when the import was taken back
KEPT = "kept"
STAYED = (UndoOutcome.KEPT, UndoOutcome.PARTLY)


def prepare(job: Job, tick: Tick) -> None:
    """Make sure that the rows as read are there."""
    batch = ImportBatch.objects.select_related("file").get(pk=job.params["batch"])
    RowFile(batch).make(tick)


def chunk(job: Job) -> Chunk:
    """Write the whole report: bad rows are few."""
    batch = batch_of(job)
    importer = recognition.importer_of(batch)
    file = RowFile(batch)
    shape = recognition.shape_of(batch, file)
    is_kept = job.params.get("rows") == KEPT
    found = _notes(batch) if is_kept else _problems(batch, importer)
    problems = {(shape.sheet, line): text for line, text in found.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "errors.xlsx")
        head = _("Why it stays") if is_kept else recognition.error_heading()
        heads = {shape.sheet: (shape.header_row, head)}
        rows = (row for _at, row in corrections.rows_of(batch, shape.sheet))
        count = annotate_copy(path, rows, file.summary.sheets, problems, heads)
        made = _keep(job, batch, path, is_kept=is_kept)
    failpoint("intake.errors.before_commit")
    words = (
        _("%(count)s rows that were not taken back.")
        if is_kept
        else _("%(count)s rows that could not be taken.")
    )
    log = (words % {"count": count},)
    result = {"file": made.pk, "batch": batch.pk}
    return Chunk(count, total=count, is_done=True, stage=_("Report ready"), result=result, log=log)


def _problems(batch: ImportBatch, importer: Importer) -> dict[int, str]:
    """Text by Excel row: all rows of a refused subject, the words beside the rows they are about."""
    lines: dict[int, list[str]] = {}
    refused = batch.rows.filter(outcome=RowOutcome.REFUSED)
    for own in refused.values_list("raw", flat=True).iterator():
        lines |= {line: [] for line in own}
    for issue in batch.issues.filter(level="error").order_by("line", "pk").iterator():
        if issue.line in lines:
            lines[issue.line].append(_text(issue, importer))
    return {line: "\n".join(texts) for line, texts in lines.items()}


def _notes(batch: ImportBatch) -> dict[int, str]:
    """Why rows stayed when the import was taken back, by Excel row; beside the first row of each."""
    lines: dict[int, str] = {}
    kept = batch.rows.filter(undo_outcome__in=STAYED).order_by("line")
    for line, own, note in kept.values_list("line", "raw", "undo_note").iterator():
        lines |= dict.fromkeys(own, "") | {line: note}
    return lines


def _text(issue: ImportIssue, importer: Importer) -> str:
    words = words_of(importer, issue.rule, issue.params)
    place = f"{issue.header} ({issue.column}{issue.line})" if issue.column else f"{issue.line}"
    return f"{place}: {words.title}. {words.text}"


def _keep(job: Job, batch: ImportBatch, path: Path, *, is_kept: bool) -> StoredFile:
    words = _("%(name)s-not-taken-back.xlsx") if is_kept else _("%(name)s-errors.xlsx")
    name = words % {"name": PurePath(batch.file.name).stem}
    with path.open("rb") as source:
        return keep_file(
            content=File(source),
            name=name,
            purpose=StoredFile.Purpose.REPORT,
            actor=job.membership or batch.membership,
        )
