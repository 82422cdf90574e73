"""Walking the steps of an importer: one bounded piece of the one the job is in, with its checkpoint."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Max

from portal.intake.registry import Step
from portal.jobs.registry import Chunk
from portal.models import ImportBatch, Job


def next_piece(batch: ImportBatch, job: Job, steps: Sequence[Step]) -> Chunk | None:
    """Go on with the step that `job.result["phase"]` names; None when all are done."""
    number = job.result.get("phase", 0)
    if number >= len(steps):
        return None
    step = steps[number]
    next_line = step.run(batch, job.next_line, settings.JOB_CHUNK_ROWS)
    total = batch.rows.aggregate(last=Max("line"))["last"] or 0
    if next_line is not None:
        return Chunk(next_line, total=total, stage=str(step.label), step=(number + 1, len(steps)))
    # what comes next is named; the last step is followed by the end of the job
    following = min(number + 1, len(steps) - 1)
    return Chunk(
        total if following == number else 0,
        total=total,
        stage=str(steps[following].label),
        step=(following + 1, len(steps)),
        result={"phase": number + 1},
    )
