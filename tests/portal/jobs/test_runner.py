"""Doing jobs: chunks and checkpoints in one transaction, faults, cancelling, a worker killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now

from portal import audit
from portal.choices import AuditAction, JobState
from portal.errors import DomainError
from portal.jobs import queue, registry, runner
from portal.jobs.registry import Chunk, JobKind
from portal.models import AuditEntry, Job, JobLog, Organisation, SignInThrottle
from tests import factories
from tests.conftest import Cast

ROWS = 5


@pytest.fixture
def kinds() -> Iterator[Callable[..., None]]:
    """Register kinds for one test."""
    before = dict(registry._kinds)

    def add(chunk: Callable[[Job], Chunk], **more: object) -> None:
        registry.register(JobKind("test", "Test", chunk, **more))

    yield add
    registry._kinds.clear()
    registry._kinds.update(before)


def write_row(job: Job) -> Chunk:
    """One row per chunk, in the transaction of the checkpoint."""
    line = job.next_line + 1
    SignInThrottle.objects.create(key=f"{job.pk}-{line}")
    return Chunk(line, total=ROWS, is_done=line == ROWS, log=(f"row {line}",))


def written() -> int:
    return SignInThrottle.objects.count()


def test_a_job_runs_chunk_by_chunk_to_its_end(cast: Cast, kinds) -> None:
    kinds(write_row)
    job = queue.ask("test", actor=cast.manager)

    assert runner.run_due("w") == 1

    job.refresh_from_db()
    assert (job.state, job.next_line, written()) == (JobState.DONE, ROWS, ROWS)
    assert JobLog.objects.filter(job=job).count() == ROWS
    assert job.finished_at is not None


def test_entries_of_the_trail_carry_the_job(cast: Cast, kinds) -> None:
    def chunk(job: Job) -> Chunk:
        audit.record(actor=job.membership, action=AuditAction.IMPORT, target=None)
        return Chunk(1, is_done=True)

    kinds(chunk)
    job = queue.ask("test", actor=cast.manager)
    runner.run_due("w")

    assert AuditEntry.objects.get(action=AuditAction.IMPORT).job_id == job.pk


def test_a_failing_chunk_leaves_nothing_half_done(cast: Cast, kinds) -> None:
    failed: list[int] = []

    def chunk(job: Job) -> Chunk:
        done = write_row(job)
        if done.next_line == 3:
            raise DomainError("Row 3 cannot be written.")
        return done

    kinds(chunk, failed=lambda job: failed.append(job.pk))
    job = queue.ask("test", actor=cast.manager)
    runner.run_due("w")

    job.refresh_from_db()
    assert (job.state, job.error, job.next_line) == (JobState.FAILED, "Row 3 cannot be written.", 2)
    assert (written(), failed) == (2, [job.pk])


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (ValidationError(["One.", "Two."]), "One.; Two."),
        (ZeroDivisionError(), None),
    ],
)
def test_faults_end_the_job_not_the_worker(cast: Cast, kinds, problem, words) -> None:
    def chunk(job: Job) -> Chunk:
        raise problem

    kinds(chunk)
    job = queue.ask("test", actor=cast.manager)
    assert runner.run_due("w") == 1

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.error == words or (words is None and str(job.pk) in job.error)


def test_an_unknown_kind_fails_in_words(cast: Cast) -> None:
    job = queue.ask("from_the_future", actor=cast.manager)
    runner.run_due("w")

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "from_the_future" in job.error


def test_a_lost_database_postpones_the_job(cast: Cast, kinds) -> None:
    def chunk(job: Job) -> Chunk:
        raise OperationalError("gone")

    kinds(chunk)
    job = queue.ask("test", actor=cast.manager)
    runner.run_due("w")

    job.refresh_from_db()
    assert (job.state, job.error, job.attempt) == (JobState.QUEUED, "gone", 1)


def test_a_worker_that_lost_its_lease_stops_without_writing(cast: Cast, kinds) -> None:
    def prepare(job: Job, tick: Callable[[], None]) -> None:
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
        queue.claim("other")

    kinds(write_row, prepare=prepare)
    job = queue.ask("test", actor=cast.manager)
    runner.run_next("w")

    job.refresh_from_db()
    assert (job.state, job.lease_owner, written()) == (JobState.RUNNING, "other", 0)


def test_a_zombie_with_a_fault_does_not_end_the_other_ones_job(cast: Cast, kinds) -> None:
    def prepare(job: Job, tick: Callable[[], None]) -> None:
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
        queue.claim("other")
        raise DomainError("late")

    kinds(write_row, prepare=prepare)
    job = queue.ask("test", actor=cast.manager)
    runner.run_next("w")

    job.refresh_from_db()
    assert (job.state, job.lease_owner, job.error) == (JobState.RUNNING, "other", "")


def test_a_cancelled_job_stops_at_the_next_chunk(cast: Cast, kinds) -> None:
    ended: list[int] = []

    def chunk(job: Job) -> Chunk:
        if job.next_line == 1:
            queue.cancel(job=job)
        return write_row(job)

    kinds(chunk, failed=lambda job: ended.append(job.pk))
    job = queue.ask("test", actor=cast.manager)
    runner.run_due("w")

    job.refresh_from_db()
    assert (job.state, job.next_line, written(), ended) == (JobState.CANCELLED, 2, 2, [job.pk])


def test_a_job_cancelled_while_waiting_is_not_prepared(cast: Cast, kinds) -> None:
    prepared: list[int] = []
    kinds(write_row, prepare=lambda job, tick: prepared.append(job.pk))
    job = queue.ask("test", actor=cast.manager)
    queue.cancel(job=job)
    runner.run_due("w")

    job.refresh_from_db()
    assert (job.state, prepared, written()) == (JobState.CANCELLED, [], 0)


def test_cancelling_reaches_long_preparation(cast: Cast, kinds) -> None:
    def prepare(job: Job, tick: Callable[[], None]) -> None:
        queue.cancel(job=job)
        tick()

    kinds(write_row, prepare=prepare)
    job = queue.ask("test", actor=cast.manager)
    runner.run_due("w")

    job.refresh_from_db()
    assert (job.state, job.error, written()) == (JobState.CANCELLED, "", 0)


@pytest.mark.parametrize("what", ["membership", "user", "organisation"])
def test_withdrawn_rights_stop_the_job(cast: Cast, kinds, what: str) -> None:
    kinds(write_row)
    job = queue.ask("test", actor=cast.manager)
    owner = cast.manager if what == "membership" else getattr(cast.manager, what)
    owner.is_active = False
    owner.save(update_fields=["is_active"])
    runner.run_due("w")

    job.refresh_from_db()
    assert (job.state, written()) == (JobState.FAILED, 0)


def test_the_retry_cap_calls_the_failed_hook(cast: Cast, kinds) -> None:
    failed: list[int] = []
    kinds(write_row, failed=lambda job: failed.append(job.pk))
    job = queue.ask("test", actor=cast.manager)
    Job.objects.filter(pk=job.pk).update(attempt=queue.MAX_ATTEMPTS)

    runner.run_due("w")

    job.refresh_from_db()
    assert (job.state, failed, written()) == (JobState.FAILED, [job.pk], 0)
    assert job.finished_at is not None


def test_a_stopping_worker_gives_the_job_back_between_chunks(cast: Cast, kinds) -> None:
    kinds(write_row)
    job = queue.ask("test", actor=cast.manager)
    answers = iter([False, True, True])

    runner.run_due("w", is_stopping=lambda: next(answers))

    job.refresh_from_db()
    assert (job.state, job.next_line, job.attempt, job.lease_owner) == (JobState.QUEUED, 1, 0, "")
    runner.run_due("w")
    assert written() == ROWS


WORKER = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
from tests import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
settings.FAILPOINTS = os.environ.get("ARMED", "")
django.setup()
from portal.jobs import registry, runner
from tests.portal.jobs.test_runner import write_row
registry.register(registry.JobKind("test", "Test", write_row))
runner.run_due("subprocess")
"""


def _worker(armed: str) -> int:
    environment = {
        **os.environ,
        "TEST_DATABASE": connection.settings_dict["NAME"],
        "ARMED": armed,
    }
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WORKER)], env=environment, check=False, timeout=60
    ).returncode


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("armed", "kept"),
    [("job.before_commit:3", 2), ("job.after_commit:3", 3), ("job.between_chunks:1", 1)],
)
def test_a_killed_worker_leaves_whole_chunks_and_the_next_one_goes_on(
    armed: str, kept: int
) -> None:
    job = queue.ask("test", actor=factories.membership())

    killed = _worker(armed)
    job.refresh_from_db()
    after_kill = (job.state, job.next_line, written())
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    ended = _worker("")

    job.refresh_from_db()
    assert (killed, ended) == (-signal.SIGKILL, 0)
    assert after_kill == (JobState.RUNNING, kept, kept)
    assert (job.state, job.next_line, written(), job.attempt) == (JobState.DONE, ROWS, ROWS, 2)


@pytest.mark.django_db(transaction=True)
def test_the_checkpoint_is_in_the_transaction_of_the_rows(kinds) -> None:
    seen: list[tuple[int, int]] = []

    def chunk(job: Job) -> Chunk:
        done = write_row(job)
        assert transaction.get_connection().in_atomic_block
        seen.append((job.next_line, written()))
        return done

    kinds(chunk)
    queue.ask("test", actor=factories.membership())
    runner.run_due("w")

    assert seen == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    assert Organisation.objects.count() == 1
