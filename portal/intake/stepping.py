"""Walking the steps of an importer: one bounded piece of the one the job is in, with its checkpoint.

Where a step allows it, half of the piece is done by a second process in a transaction of its own. Its rows are marked
as done in that transaction, so whatever becomes of this one they are not done again: the checkpoint only says where to
look.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from portal.failpoints import failpoint
from portal.intake.registry import Step
from portal.jobs.registry import Chunk
from portal.json_text import decode, encode
from portal.models import ImportBatch, Job
from portal.second_process import beside, check_meanwhile


def next_piece(batch: ImportBatch, job: Job, steps: Sequence[Step]) -> Chunk | None:
    """Go on with the step that `job.result["phase"]` names; None when all are done."""
    number = job.result.get("phase", 0)
    if number >= len(steps):
        return None
    step = steps[number]
    next_line = _run(step, batch, job.next_line)
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


def _run(step: Step, batch: ImportBatch, first: int) -> int | None:
    """Do the next rows from this line on; the line to go on from, None after the last."""
    limit = settings.JOB_CHUNK_ROWS
    middle = _middle(step, batch, first)
    if middle is None:
        return step.run(batch, first, limit)

    def lower() -> bytes:
        with transaction.atomic():
            return encode(step.run(batch, middle, limit)).encode()

    with beside(lower) as second:
        step.run(batch, first, limit)
        check_meanwhile()
        failpoint("intake.halves.writing")
        answer = second()
    # what the second process did, though it could not say so, is not there to be done any more
    return step.run(batch, middle, limit) if answer is None else decode(answer)


def _middle(step: Step, batch: ImportBatch, first: int) -> int | None:
    """The line that the second half of a piece begins with; None where one process does it alone."""
    if step.rows is None:
        return None
    lines = step.rows(batch, first).values_list("line", flat=True)
    last = settings.BESIDE_ROWS - 1
    if not lines[last : last + 1]:
        return None
    return lines[settings.JOB_CHUNK_ROWS : settings.JOB_CHUNK_ROWS + 1].first()
