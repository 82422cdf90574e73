"""Corrected rows checked again inside the request that corrected them; the long way is the job `intake.read`.

An upload of at most settings.JOB_CHUNK_ROWS staged rows (what the job does between two checkpoints) is staged and
checked again whole: whatever a cell changes elsewhere (a number that no longer stands twice, a row that now continues
the one above) is found. Of a larger one the subjects of the corrected rows are read again, which gives the rules of
cells at once; what the register says waits for the job, and until then there is no digest to confirm.
"""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings

from portal.choices import RowOutcome
from portal.intake import corrections, pieces, preview, reading, recognition, staging
from portal.intake.cutting import subjects_of
from portal.intake.files import RowFile
from portal.models import ImportBatch


def is_small(batch: ImportBatch) -> bool:
    """Whether all of it is checked again at once."""
    return bool(batch.counts["rows"] <= settings.JOB_CHUNK_ROWS)


def check_whole(batch: ImportBatch) -> None:
    """Stage and check everything again, and make the preview; the caller holds the lock of the batch."""
    staging.clear(batch)
    place: int | None = 0
    while place is not None:
        place = pieces.stage(batch, place)
    for step in recognition.importer_of(batch).checks:
        place = 0
        while place is not None:
            place = step.run(batch, place, settings.JOB_CHUNK_ROWS)
    reading.make_preview(batch)


def check_cells(batch: ImportBatch, lines: Collection[int]) -> None:
    """Read again the refused subjects that these Excel rows belong to; the preview can no longer be confirmed."""
    shape = recognition.shape_of(batch, RowFile(batch))
    touched = _subjects_with(batch, lines)
    own = {line for raw in touched.values() for line in raw}
    reader = recognition.importer_of(batch).reader(batch, shape)
    found = subjects_of(reader, shape, corrections.rows_of(batch, shape.sheet, 0, own))
    batch.issues.filter(line__in=own).delete()
    batch.rows.filter(pk__in=touched).delete()
    staging.store_subjects(batch, found)
    batch.counts = {**batch.counts, **preview.counts(batch)}
    batch.preview_digest = ""
    batch.version += 1
    batch.save(update_fields=["counts", "preview_digest", "version"])


def _subjects_with(batch: ImportBatch, lines: Collection[int]) -> dict[int, list[int]]:
    """{key: Excel rows} of the refused subjects with one of these rows among theirs."""
    wanted = set(lines)
    refused = batch.rows.filter(outcome=RowOutcome.REFUSED).values_list("pk", "raw")
    return {pk: raw for pk, raw in refused.iterator() if not wanted.isdisjoint(raw)}
