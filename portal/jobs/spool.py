"""What an export gathers chunk by chunk, in files beside the uploads: its keys, and its rows for the last chunk.

Keys are found once, in the order of the file, so that a chunk need not walk the whole order again, and a row that
changes meanwhile is neither lost nor written twice. Rows are one JSON list a line; their size after the last committed
chunk is in the job, so what a killed worker left behind it is cut off.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from portal.models import Job

_KEY: Final = array("q").itemsize
_KEYS_AT_ONCE: Final = 10_000
#: How a value that JSON does not know stands in a line, and how it comes back.
_KINDS: Final[dict[str, Callable[[str], Any]]] = {
    "d": date.fromisoformat,
    "t": datetime.fromisoformat,
    "n": Decimal,
}


def keep_keys(job: Job, keys: Iterable[int]) -> int:
    """Keep the keys of what goes out, in its order; returns how many."""
    path = _keys_of(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("wb") as file:
        some = array("q")
        for count, key in enumerate(keys, 1):  # noqa: B007 - the last number is the count
            some.append(key)
            if len(some) == _KEYS_AT_ONCE:
                some.tofile(file)
                some = array("q")
        some.tofile(file)
    return count


def keys_at(job: Job, first: int, most: int) -> list[int]:
    """So many of the keys from place `first` (from 0) on; fewer at the end."""
    with _keys_of(job).open("rb") as file:
        file.seek(first * _KEY)
        return array("q", file.read(most * _KEY)).tolist()


def append(job: Job, rows: Iterable[Sequence[Any]]) -> int:
    """Add rows behind what the last committed chunk left; returns the new size."""
    path = spool_of(job)
    path.parent.mkdir(parents=True, exist_ok=True)
    pack = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_packed).encode
    with path.open("ab") as file:
        file.truncate(job.result.get("size", 0))
        file.writelines(pack(row).encode(errors="replace") + b"\n" for row in rows)
        file.flush()
        return file.seek(0, 2)


def spooled(job: Job) -> Iterator[list[Any]]:
    """The rows gathered so far."""
    path = spool_of(job)
    if not path.exists():
        return
    left = job.result.get("size", 0)
    unpack = json.JSONDecoder().decode
    with path.open("rb") as file:
        for line in file:
            left -= len(line)
            if left < 0:
                return
            row = unpack(line.decode())
            yield [_KINDS[one[0]](one[1]) if type(one) is list else one for one in row]


def remove_spool(job: Job) -> None:
    """Forget what was gathered."""
    spool_of(job).unlink(missing_ok=True)
    _keys_of(job).unlink(missing_ok=True)


def spool_of(job: Job) -> Path:
    """Where the rows of a job wait."""
    return Path(settings.MEDIA_ROOT, "exports", f"{job.pk}.jsonl")


def _keys_of(job: Job) -> Path:
    return Path(settings.MEDIA_ROOT, "exports", f"{job.pk}.keys")


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    # what else stands in a cell is text by the time it is written
    return ["n", str(value)] if isinstance(value, Decimal) else str(value)
