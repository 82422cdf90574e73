"""How fast a job goes: marks of its last stretch, kept with the checkpoint, and what they say about the rest.

Looked at is the last stretch, not the time since the beginning: reading a file, comparing it and writing it go at
speeds of their own, and a job that waited for a worker is not slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.jobs.registry import Chunk
    from portal.models import Job

#: [seconds since the epoch, place in the work]
Mark = list[float]

#: seconds looked back
STRETCH = 20.0
#: marks closer than this are one
CLOSE = 1.0


@dataclass(frozen=True)
class Pace:
    """Rows per second over the last stretch, and the seconds that the rest of the step takes at that speed."""

    per_second: float
    seconds_left: float | None


def marks_after(job: Job, chunk: Chunk, now: datetime) -> list[Mark]:
    """The marks as they are kept after a chunk, `job` being as it was before it; a new step begins a new stretch."""
    here: Mark = [now.timestamp(), float(chunk.next_line)]
    if chunk.next_line <= job.next_line or (job.stage and chunk.stage != job.stage):
        return [here]
    marks = _since_the_start(job)
    if len(marks) > 1 and marks[-1][0] - marks[-2][0] < CLOSE:
        marks.pop()
    marks.append(here)
    while len(marks) > 2 and marks[1][0] <= here[0] - STRETCH:
        marks.pop(0)
    return marks


def _since_the_start(job: Job) -> list[Mark]:
    """What was kept; from where this worker took the job up, where that was later."""
    began = job.started_at.timestamp() if job.started_at else 0.0
    kept: Sequence[Mark] = job.marks or []
    if not kept or kept[-1][0] < began:
        return [[began, float(job.next_line)]] if began else []
    return [list(mark) for mark in kept if mark[0] >= began]


def pace_of(job: Job, now: datetime) -> Pace | None:
    """The pace of running work; None while nothing is known. Time since the last mark is taken from the rest."""
    if len(job.marks) < 2:
        return None
    (began, first), (at, last) = job.marks[0], job.marks[-1]
    if at <= began or last <= first:
        return None
    per_second = (last - first) / (at - began)
    if job.total is None:
        return Pace(per_second, None)
    rest = max(0.0, job.total - last) / per_second
    return Pace(per_second, max(0.0, rest - max(0.0, now.timestamp() - at)))
