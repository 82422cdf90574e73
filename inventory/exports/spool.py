"""Rows that wait in a file beside the uploads until the workbook is written: one JSON list a line.

The size after the last committed chunk is in the job, so what a killed worker left behind it is cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from inventory.exports.layout import Value
from portal.models import Job


def spool_of(job: Job) -> Path:
    """Where the rows of a job wait."""
    return Path(settings.MEDIA_ROOT, "exports", f"{job.pk}.jsonl")


def append(job: Job, rows: Iterable[Sequence[Value]]) -> int:
    """Add rows behind what the last committed chunk left; returns the new size."""
    path = spool_of(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.truncate(job.result.get("size", 0))
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        file.flush()
        return file.seek(0, 2)


def spooled(job: Job) -> Iterator[list[Value]]:
    """The rows gathered so far."""
    path = spool_of(job)
    if not path.exists():
        return
    left = job.result.get("size", 0)
    with path.open("rb") as file:
        for line in file:
            left -= len(line)
            if left < 0:
                return
            row: list[Any] = json.loads(line)
            yield row


def remove_spool(job: Job) -> None:
    spool_of(job).unlink(missing_ok=True)
