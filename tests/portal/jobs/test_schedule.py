"""What happens by itself: once per slot, however many look; a failing task stops nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection

from portal import clock, housekeeping
from portal.jobs import queue, registry
from portal.jobs.registry import ScheduledTask
from portal.jobs.schedule import run_schedule, slot_of
from portal.models import Job, ScheduledRun, StoredFile
from portal.services import files
from tests.conftest import Cast

NOON = datetime(2026, 3, 2, 12, 7, tzinfo=UTC)


@pytest.fixture
def tasks() -> Iterator[dict[str, ScheduledTask]]:
    """An empty schedule to fill."""
    before = dict(registry._tasks)
    registry._tasks.clear()
    yield registry._tasks
    registry._tasks.clear()
    registry._tasks.update(before)


def test_slots_begin_at_whole_multiples() -> None:
    assert slot_of(NOON, timedelta(minutes=15)) == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert slot_of(NOON, timedelta(days=1)) == datetime(2026, 3, 2, tzinfo=UTC)


def test_a_task_runs_once_per_slot(db, tasks) -> None:
    ran: list[datetime] = []
    registry.schedule(ScheduledTask("t", timedelta(minutes=15), lambda: ran.append(clock.now())))

    for minute in (7, 8, 14, 15, 29, 31):
        with clock.frozen(NOON.replace(minute=minute)):
            run_schedule()

    assert [moment.minute for moment in ran] == [7, 15, 31]
    assert ScheduledRun.objects.count() == 3


def test_a_failing_task_is_tried_again_and_stops_nobody(db, tasks) -> None:
    ran: list[str] = []

    def fail() -> None:
        ran.append("bad")
        raise ZeroDivisionError

    registry.schedule(ScheduledTask("bad", timedelta(hours=1), fail))
    registry.schedule(ScheduledTask("good", timedelta(hours=1), lambda: ran.append("good")))

    assert [run_schedule(), run_schedule()] == [["good"], []]
    assert ran == ["bad", "good", "bad"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_workers_run_a_slot_once(tasks) -> None:
    registry.schedule(
        ScheduledTask("t", timedelta(days=1), lambda: queue.ask("noop", actor=None) and None)
    )

    def look(_: int) -> list[str]:
        try:
            return run_schedule()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        names = [name for names in pool.map(look, range(8)) for name in names]

    assert names == ["t"]
    assert Job.objects.count() == 1


def test_months_of_the_trail_are_made_ahead_and_making_them_twice_is_safe(db) -> None:
    housekeeping.make_audit_months()
    housekeeping.make_audit_months()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'portal_auditentry'::regclass"
        )
        partitions = cursor.fetchone()[0]
        cursor.execute(
            "SELECT to_regclass('portal_auditentry_' || to_char(now() + interval '3 months', 'YYYYMM'))"
        )
        assert cursor.fetchone()[0] is not None
    assert partitions >= 5


def test_leftovers_go_and_work_of_people_stays(cast: Cast) -> None:
    own = queue.ask("test", actor=cast.manager)
    system = queue.ask("outbox", actor=None)
    fresh = queue.ask("outbox", actor=None)
    old = clock.now() - timedelta(days=8)
    Job.objects.filter(pk__in=[own.pk, system.pk]).update(state="done", finished_at=old)
    Job.objects.filter(pk=fresh.pk).update(state="done", finished_at=clock.now())
    ScheduledRun.objects.create(task="t", slot=clock.now() - timedelta(days=3))
    kept = ScheduledRun.objects.create(task="t", slot=clock.now())

    housekeeping.remove_leftovers()

    assert set(Job.objects.all()) == {own, fresh}
    assert list(ScheduledRun.objects.all()) == [kept]


def test_expired_exports_lose_their_content_and_keep_their_row(cast: Cast) -> None:
    def keep(purpose: str) -> StoredFile:
        return files.keep_file(
            content=ContentFile(b"rows"), name="a.xlsx", purpose=purpose, actor=cast.manager
        )

    export, upload = keep("export"), keep("upload")
    storage, path = export.content.storage, export.content.name

    with clock.frozen(clock.now() + timedelta(hours=23)):
        assert files.remove_expired_files() == 0
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert files.remove_expired_files() == 1

    export.refresh_from_db()
    upload.refresh_from_db()
    assert (bool(export.content), storage.exists(path)) == (False, False)
    assert upload.content.read() == b"rows"


def test_the_command_does_what_is_due_and_ends(cast: Cast) -> None:
    job = queue.ask("outbox", actor=None)

    call_command("run_jobs", "--once")

    job.refresh_from_db()
    assert job.state == "done"
