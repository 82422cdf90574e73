"""Speed and remaining time of a job: of the last stretch, in words, the same on every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from portal import clock, job_words
from portal.choices import JobState
from portal.jobs import pace
from portal.jobs.registry import Chunk
from portal.models import Job

START = datetime(2026, 3, 2, 4, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def going(**fields: object) -> Job:
    given = {"state": JobState.RUNNING, "started_at": START, "stage": "rows", "total": 10_000}
    return Job(**{**given, **fields})


def walked(job: Job, *chunks: tuple[float, int], stage: str = "rows") -> Job:
    """The job as it stands after these chunks: (seconds after its start, place)."""
    for seconds, place in chunks:
        job.marks = pace.marks_after(job, Chunk(place, stage=stage), after(seconds))
        job.next_line, job.stage = place, stage
    return job


def test_only_the_last_stretch_counts() -> None:
    job = walked(going(), (10, 100), (20, 200), (30, 1200), (40, 2200), (50, 3200))

    found = pace.pace_of(job, after(50))

    assert found == pace.Pace(100.0, 68.0)


def test_time_since_the_last_chunk_is_taken_from_the_rest() -> None:
    job = walked(going(), (10, 1000))

    assert pace.pace_of(job, after(40)).seconds_left == 60
    assert pace.pace_of(job, after(4000)).seconds_left == 0


@pytest.mark.parametrize(("stage", "place"), [("checks", 3000), ("rows", 0)])
def test_a_new_step_begins_a_new_stretch(stage: str, place: int) -> None:
    job = walked(going(), (10, 1000), (20, 2000))
    walked(job, (21, place), stage=stage)

    assert pace.pace_of(job, after(21)) is None
    walked(job, (23, place + 1000), stage=stage)
    assert pace.pace_of(job, after(23)).per_second == 500


def test_a_worker_that_takes_over_begins_anew() -> None:
    """The hours between a killed worker and the next are no slowness."""
    job = walked(going(), (10, 1000))
    job.started_at = after(7200)

    walked(job, (7210, 2000))

    assert pace.pace_of(job, after(7210)).per_second == 100


def test_marks_stay_few_however_small_the_chunks() -> None:
    job = walked(going(), *((at / 50, at) for at in range(1, 5000)))

    assert len(job.marks) < 30
    assert round(pace.pace_of(job, after(100)).per_second) == 50


def test_nothing_is_said_without_progress_or_size() -> None:
    assert pace.pace_of(going(), START) is None
    unknown = walked(going(total=None), (10, 1000))
    assert pace.pace_of(unknown, after(10)) == pace.Pace(100.0, None)
    assert job_words.figures(unknown) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (12, "about 10 seconds"),
        (44, "about 40 seconds"),
        (58, "about 1 minute"),
        (130, "about 2 minutes"),
        (55 * 60, "about 1 hour"),
        (2.6 * 3600, "about 3 hours"),
    ],
)
def test_remaining_time_in_words(seconds: float, words: str) -> None:
    with translation.override("en"):
        assert job_words.in_time(seconds) == words


def test_figures_of_a_running_job() -> None:
    job = walked(going(step=2, steps=3), (10, 1000), (20, 2500))
    with translation.override("en"), clock.frozen(after(20)):
        assert job_words.figures(job) == [
            "Step 2 of 3",
            "2,500 of 10,000 rows",
            "125 rows per second",
            "this step: about 1 minute left",
        ]
        job.step = 3
        assert job_words.figures(job)[-1] == "about 1 minute left"
        job.state = JobState.QUEUED
        assert job_words.figures(job) == ["Step 3 of 3", "2,500 of 10,000 rows"]
        job.state = JobState.DONE
        assert job_words.figures(job) == ["10,000 rows"]


def test_the_bar_goes_on_over_all_steps() -> None:
    places = [(1, 0), (1, 9_999), (2, 0), (2, 5_000), (3, 10_400)]
    shown = [going(step=step, steps=3, next_line=at).percent for step, at in places]
    assert shown == [0, 33, 33, 50, 99]
    assert going(next_line=2_500).percent == 25
