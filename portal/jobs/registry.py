"""Which kinds of job exist, and which tasks run by the clock. Apps register in AppConfig.ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from portal.models import Job

Tick = Callable[[], None]


@dataclass(frozen=True)
class Chunk:
    """What one chunk did: the checkpoint after it, the size if known, the end if reached.

    `stage` says what comes next; `step` is (which, of how many) where the rows are gone through more than once.
    """

    next_line: int
    total: int | None = None
    is_done: bool = False
    stage: str = ""
    step: tuple[int, int] | None = None
    log: tuple[str, ...] = ()
    result: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobKind:
    """How one kind of job is done.

    `prepare` runs outside any transaction, may take long, calls tick() at least every five seconds (the lease is
    renewed there) and must be safe to repeat. `chunk` does a bounded piece from job.next_line inside the transaction
    that also moves the checkpoint. `failed` runs in the transaction that marks the job failed or cancelled. `page` is
    the path of what the job is about, where it is seen while it goes on and afterwards.
    """

    name: str
    label: Any
    chunk: Callable[[Job], Chunk]
    prepare: Callable[[Job, Tick], None] | None = None
    failed: Callable[[Job], None] | None = None
    page: Callable[[Job], str] | None = None


@dataclass(frozen=True)
class ScheduledTask:
    """Something that happens by itself once per slot of `every`, counted from midnight UTC."""

    name: str
    every: timedelta
    run: Callable[[], None]


_kinds: dict[str, JobKind] = {}
_tasks: dict[str, ScheduledTask] = {}


def register(kind: JobKind) -> None:
    _kinds[kind.name] = kind


def schedule(task: ScheduledTask) -> None:
    _tasks[task.name] = task


def kind_named(name: str) -> JobKind | None:
    return _kinds.get(name)


def scheduled_tasks() -> list[ScheduledTask]:
    return list(_tasks.values())
