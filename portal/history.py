"""One line of time about one thing, put together from what each app has to say about it.

Apps register sources in AppConfig.ready; a source gives its newest events before a moment, without what this reader may
not know. Pages are cut at a moment; events of the same moment are never parted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from portal.models import AuditEntry, BulkRun, ImportBatch, Membership


@dataclass(frozen=True)
class Event:
    """Something that happened. `changes`: {name, field, before, after} in words; `entry`: key in the trail."""

    at: datetime
    kind: str
    title: str
    actor: str = ""
    capacity: str = ""
    reason: str = ""
    changes: Sequence[dict[str, Any]] = ()
    entry: int | None = None
    run_id: int | None = None
    job_id: int | None = None


@dataclass(frozen=True)
class Source:
    """One kind of events: events(membership, target, before, limit), newest first."""

    kind: str
    label: Any
    events: Callable[[Membership, Any, datetime | None, int], list[Event]]


@dataclass
class TimeLine:
    """A page of events, newest first, and the moment before which the next page begins."""

    events: list[Event]
    next_before: datetime | None
    # {run: address}, {job: address} of bulk acts and imports this reader may open
    runs: dict[int, str] = field(default_factory=dict)
    imports: dict[int, str] = field(default_factory=dict)


_sources: dict[str, list[Source]] = {}


def add_source(subject: str, source: Source) -> None:
    """Let an app tell about a subject ('inventory.patent')."""
    _sources.setdefault(subject, []).append(source)


def sources_of(subject: str) -> list[Source]:
    return _sources.get(subject, [])


def time_line(
    subject: str,
    membership: Membership,
    target: Any,
    *,
    kinds: Collection[str] = (),
    before: datetime | None = None,
    limit: int = 50,
) -> TimeLine:
    """The newest events before a moment, of these kinds or all; a constant number of queries."""
    asked = [source for source in sources_of(subject) if not kinds or source.kind in kinds]
    found = [
        each for source in asked for each in source.events(membership, target, before, limit + 1)
    ]
    found.sort(key=lambda event: event.at, reverse=True)
    page = found[:limit]
    page += [event for event in found[limit:] if page and event.at == page[-1].at]
    line = TimeLine(page, page[-1].at if len(found) > len(page) else None)
    runs = {event.run_id for event in page if event.run_id}
    jobs = {event.job_id for event in page if event.job_id}
    if runs:
        seen = BulkRun.objects.visible_to(membership).filter(pk__in=runs)
        line.runs = {run.pk: run.get_absolute_url() for run in seen}
    if jobs:
        batches = ImportBatch.objects.visible_to(membership).filter(job__in=jobs)
        line.imports = {
            batch.job_id or 0: reverse("portal:import-detail", args=[batch.pk]) for batch in batches
        }
    return line


def before_moment(found: Any, name: str, before: datetime | None) -> Any:
    """Rows of a queryset older than a moment."""
    return found if before is None else found.filter(**{f"{name}__lt": before})


def from_entry(entry: AuditEntry, kind: str, title: str, **more: Any) -> Event:
    """An event from an entry of the trail (with_people)."""
    return Event(
        at=entry.at,
        kind=kind,
        title=title,
        actor=entry.user.name if entry.user else "",
        entry=entry.pk,
        capacity=entry.get_role_display(),
        run_id=entry.run_id,
        job_id=entry.job_id,
        **more,
    )
