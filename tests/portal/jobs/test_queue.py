"""The job table as a queue: claims, leases, fencing, the retry cap, cancelling."""

from __future__ import annotations

import select
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from portal.choices import JobState
from portal.errors import InvalidTransition
from portal.jobs import queue
from portal.jobs.registry import Chunk
from portal.models import Job, JobLog
from tests import factories
from tests.conftest import Cast


@pytest.fixture
def job(cast: Cast) -> Job:
    return queue.ask("test", actor=cast.manager, params={"n": 1})


def _expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_asking_writes_the_row_for_the_organisation(job: Job, cast: Cast) -> None:
    assert (job.state, job.organisation, job.params) == (
        JobState.QUEUED,
        cast.university,
        {"n": 1},
    )


def test_the_same_key_gives_the_same_job(cast: Cast) -> None:
    first = queue.ask("test", actor=cast.manager, idempotency_key="k")

    assert queue.ask("test", actor=cast.manager, idempotency_key="k") == first


def test_a_claim_takes_the_job_once(job: Job) -> None:
    claimed = queue.claim("a")

    assert (claimed.pk, claimed.attempt, claimed.state) == (job.pk, 1, JobState.RUNNING)
    assert queue.claim("b") is None


def test_an_expired_lease_goes_to_the_next_worker(job: Job) -> None:
    queue.claim("a")
    _expire(job)

    taken = queue.claim("b")

    assert (taken.pk, taken.attempt, taken.lease_owner) == (job.pk, 2, "b")


def test_a_zombie_writes_nothing(job: Job) -> None:
    zombie = queue.claim("a")
    _expire(job)
    owner = queue.claim("b")

    with pytest.raises(queue.LeaseLost):
        queue.hold(zombie)
    assert not queue.end(zombie, JobState.FAILED, "zombie")
    queue.give_back(zombie)
    queue.postpone(zombie, timedelta(seconds=1), "zombie")
    job.refresh_from_db()
    assert (job.state, job.lease_owner, job.attempt, job.error) == (JobState.RUNNING, "b", 2, "")
    assert queue.hold(owner).pk == job.pk


def test_the_fourth_attempt_is_not_made(job: Job) -> None:
    for _ in range(queue.MAX_ATTEMPTS):
        assert queue.claim("a").state == JobState.RUNNING
        _expire(job)

    assert queue.claim("a").state == JobState.FAILED
    assert queue.claim("a") is None


def test_giving_back_does_not_count_as_an_attempt(job: Job) -> None:
    for _ in range(5):
        queue.give_back(queue.claim("a"))

    assert queue.claim("b").attempt == 1


def test_a_postponed_job_waits(job: Job) -> None:
    queue.postpone(queue.claim("a"), timedelta(hours=1), "down")

    assert queue.claim("a") is None
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.QUEUED, "down")


def test_the_checkpoint_moves_and_the_end_clears_old_errors(job: Job) -> None:
    held = queue.claim("a")
    queue.checkpoint(held, Chunk(5, total=10, stage="half", log=("one",), result={"a": 1}))
    Job.objects.filter(pk=job.pk).update(error="old")
    held = queue.hold(held)
    queue.checkpoint(held, Chunk(10, is_done=True, result={"b": 2}))

    job.refresh_from_db()
    assert (job.next_line, job.total, job.result) == (10, 10, {"a": 1, "b": 2})
    assert (job.state, job.percent, job.error) == (JobState.DONE, 100, "")
    assert [line.message for line in JobLog.objects.filter(job=job)] == ["one"]


def test_cancelling_is_asked_once_or_more_and_refused_after_the_end(job: Job) -> None:
    queue.cancel(job=job)
    assert queue.cancel(job=job).cancel_requested
    queue.end(queue.claim("a"), JobState.CANCELLED)

    with pytest.raises(InvalidTransition):
        queue.cancel(job=job)


def test_organisations_take_turns(cast: Cast) -> None:
    first = queue.ask("test", actor=cast.manager)
    queue.ask("test", actor=cast.manager)
    other = queue.ask("test", actor=cast.outsider)

    assert [queue.claim("a").pk, queue.claim("b").pk] == [first.pk, other.pk]


@pytest.fixture
def listener() -> Iterator[object]:
    raw = connection.get_new_connection(connection.get_connection_params())
    raw.autocommit = True
    with raw.cursor() as cursor:
        cursor.execute("LISTEN portal_jobs")
    yield raw
    raw.close()


@pytest.mark.django_db(transaction=True)
def test_a_new_job_rings_at_commit(listener) -> None:
    actor = factories.membership()

    job = queue.ask("test", actor=actor)

    select.select([listener], [], [], 5)
    listener.poll()
    assert [note.payload for note in listener.notifies] == [str(job.pk)]
