"""Staging a file piece by piece: rows to subjects, judged as they are read, into the staging tables.

Of a long file, half of each piece is staged by a second process in a transaction of its own. What that one stages is
what this one would have: the halves meet where a subject begins. Rows staged without a checkpoint are staged afresh.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import islice
from typing import Final

from django.conf import settings
from django.db import transaction

from portal.failpoints import failpoint
from portal.intake import corrections, recognition, staging
from portal.intake.cutting import Cut
from portal.intake.files import RowFile
from portal.intake.registry import Shape, Subject
from portal.models import ImportBatch
from portal.second_process import beside, check_meanwhile

#: So many rows below the middle may still belong to the subject above; of a file with longer ones nothing is halved.
LONGEST: Final = 200


def stage(batch: ImportBatch, first: int, *, in_halves: bool = False) -> int | None:
    """Stage the subjects of the rows from this place of the sheet on; the place to go on from, None at the end.

    Rows are read as corrected; an import that corrects another reads the rows which that one refused. `in_halves` where
    all that reading needs is committed: the second process sees nothing else.
    """
    file = RowFile(batch)
    shape = recognition.shape_of(batch, file)
    rows = file.summary.sheets[shape.sheet].rows
    halves = _halves(batch, shape, first, rows) if in_halves else None
    if in_halves:
        _forget_from(batch, shape, first)
    if halves is None:
        return _stage_rows(batch, shape, first)
    middle, end = halves

    def lower() -> bytes:
        with transaction.atomic():
            _stage_rows(batch, shape, middle, end)
        return b""

    with beside(lower) as second:
        _stage_rows(batch, shape, first, middle)
        check_meanwhile()
        failpoint("intake.halves.staging")
        is_done = second() is not None
    if not is_done:
        _forget_from(batch, shape, middle)
        _stage_rows(batch, shape, middle, end)
    return end


def _forget_from(batch: ImportBatch, shape: Shape, place: int) -> None:
    """Forget what a piece that was cut short left below this place."""
    if batch.continues_id is None:
        below = next(corrections.rows_of(batch, shape.sheet, place), None)
        if below is not None:
            staging.clear_from(batch, below[1].row)


def _halves(
    batch: ImportBatch, shape: Shape, first: int, rows: int
) -> tuple[int, int | None] | None:
    """Where the second half of a piece begins and where it ends, None for the end of the sheet; None: not halved."""
    if batch.continues_id is not None or rows - first < settings.BESIDE_ROWS:
        return None
    middle = _begins_from(batch, shape, first + settings.JOB_CHUNK_ROWS)
    if middle is None:
        return None
    end = _begins_from(batch, shape, middle + settings.JOB_CHUNK_ROWS)
    is_last = middle + settings.JOB_CHUNK_ROWS >= rows
    return (middle, end) if is_last or end is not None else None


def _begins_from(batch: ImportBatch, shape: Shape, place: int) -> int | None:
    """The first place from here on at which a subject begins; None at the end, or where it is too far below."""
    reader = recognition.importer_of(batch).reader(batch, shape)
    near = islice(corrections.rows_of(batch, shape.sheet, place), LONGEST)
    return next((at for at, row in near if reader.begins(row)), None)


def _stage_rows(
    batch: ImportBatch, shape: Shape, first: int, until: int | None = None
) -> int | None:
    """Stage the subjects from this place on; the place to go on from: `until`, else where a piece is full."""
    importer = recognition.importer_of(batch)
    cut = Cut(importer.reader(batch, shape), shape)
    most = settings.JOB_CHUNK_ROWS if until is None else sys.maxsize
    next_row = None
    for at, row in corrections.rows_of(batch, shape.sheet, first, corrections.own_lines(batch)):
        if at == until or cut.is_full_before(at, row, most):
            next_row = at
            break
        cut.take(row)
    subjects = cut.finish()
    written = _written_before(batch, subjects)
    subjects = [one for one in subjects if one.line not in written]
    staging.store_subjects(batch, subjects, importer.judge(batch, shape, subjects))
    return next_row


def _written_before(batch: ImportBatch, subjects: Sequence[Subject]) -> set[int]:
    """Excel rows among these that were written before the import was stopped and read again."""
    if not subjects:
        return set()
    near = batch.rows.filter(line__range=(subjects[0].line, subjects[-1].line), is_applied=True)
    return set(near.values_list("line", flat=True))
