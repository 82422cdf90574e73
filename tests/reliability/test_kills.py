"""The power goes at every named point of every kind of import: the database ends as after an undisturbed run."""

from __future__ import annotations

import random
import re
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from portal.models import ImportRow
from tests.conftest import Cast
from tests.reliability.copies import copies, differences, picture
from tests.reliability.flows import Ended, Plan, process
from tests.reliability.plans import PLANS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
KILLED = -signal.SIGKILL
SEED = 20240911
SEEDS = 10


@dataclass(frozen=True)
class Point:
    """A passage of a failpoint, told apart by the one that was passed before it."""

    failpoint: str
    after: str = ""

    def passages(self, passed: list[str]) -> list[int]:
        """Which passages of the failpoint are of this point, counted from 1."""
        numbers: Counter[str] = Counter()
        found, before = [], ""
        for name in passed:
            numbers[name] += 1
            if name == self.failpoint and self.after in ("", before):
                found.append(numbers[name])
            if name not in ("job.before_commit", "intake.before_notice"):
                before = name
        return found


#: where the sandbox is at work: there it has to read the file itself
READING = ("intake.reading", "intake.after_read")
#: passed by every import, whatever its kind
COMMON = {
    "uploaded, not committed": Point("intake.upload.before_commit"),
    "claimed, nothing done": Point("job.after_claim"),
    "while the reader works": Point("intake.reading"),
    "read, not recognised": Point("intake.after_read"),
    "recognised, not committed": Point("job.before_commit", "intake.after_read"),
    "rows staged, not committed": Point("intake.staging.before_commit"),
    "rows staged": Point("job.after_commit", "intake.staging.before_commit"),
    "rows checked, not committed": Point("intake.check.before_commit"),
    "rows checked": Point("job.after_commit", "intake.check.before_commit"),
    "previewed, not committed": Point("intake.preview.before_commit"),
    "previewed": Point("job.after_commit", "intake.preview.before_commit"),
    "confirmed, not committed": Point("intake.confirm.before_commit"),
    "rows written, not committed": Point("intake.apply.before_commit"),
    "rows written": Point("job.after_commit", "intake.apply.before_commit"),
    "applied, not counted as done": Point("intake.apply.before_end"),
    "a notice to be written": Point("intake.before_notice"),
    "done, nobody told": Point("job.before_commit", "intake.apply.before_end"),
    "done and told": Point("job.after_commit", "intake.apply.before_end"),
    "between two pieces": Point("job.between_chunks"),
}
UNDOING = {
    "undoing asked for, not committed": Point("intake.undo.asked"),
    "rows taken back, not committed": Point("intake.undo.before_commit"),
    "rows taken back": Point("job.after_commit", "intake.undo.before_commit"),
    "taken back, not counted as done": Point("intake.undo.before_end"),
    "taken back and told": Point("job.after_commit", "intake.undo.before_end"),
}
#: where a second process is at work, which dies with the first unless it is done
STAGING_IN_HALVES = {"half staged beside": Point("intake.halves.staging")}
WRITING_IN_HALVES = {"half written beside": Point("intake.halves.writing")}
MERGING = {
    "two sides weighed": Point("intake.merge.weighing"),
    "a side chosen, not committed": Point("intake.merge.before_commit"),
}
MENDING = {
    "columns placed, not committed": Point("intake.map.before_commit"),
    "cells corrected, not committed": Point("intake.correct.before_commit"),
    "bad rows written to a file, not committed": Point("intake.errors.before_commit"),
    "what stayed out taken up, not committed": Point("intake.further.before_commit"),
}
POINTS = {
    "base list": COMMON | STAGING_IN_HALVES | UNDOING,
    "mended list": COMMON | MENDING,
    "filled template": COMMON | STAGING_IN_HALVES | WRITING_IN_HALVES | UNDOING,
    "merged workbook": COMMON | MERGING | UNDOING,
    "personnel list": COMMON,
    "platform answer": COMMON,
    "classification table": COMMON,
}


def undisturbed(plan: Plan) -> tuple[Ended, dict[str, list[str]]]:
    ended = process(plan, beats=True)
    assert ended.code == 0, "the undisturbed run failed; its reason stands above"
    rows = ImportRow.objects.filter(batch__gt=plan.before)
    assert rows.filter(is_applied=True).count() > rows.filter(outcome="refused").count()
    return ended, picture()


def kill_and_go_on(plan: Plan, point: Point, passed: list[str], rng: random.Random) -> str:
    """Kill a process at one passage of a point, and let another one go on; where it died."""
    armed = f"{point.failpoint}:{rng.choice(point.passages(passed))}"
    if point.failpoint == "intake.reading":
        # how often depends on how busy the machine is
        armed = f"{point.failpoint}:{rng.randint(1, 2)}"
    assert process(plan, armed=armed, beats=True).code == KILLED, f"{armed} was not reached"
    assert process(plan, beats=True).code == 0, f"nobody could go on after {armed}"
    return armed


def play(cast: Cast, kind: str, seed: int, share: int | None = None) -> int:
    """Kill at every point of a kind (or so many of them) in the world of a seed; returns how many deaths there were."""
    rng = random.Random(f"{kind} {seed}")
    plan = PLANS[kind](cast, rng)
    points = POINTS[kind]
    with copies() as world:
        world.fresh()
        whole, wanted = undisturbed(plan)
        missed = [name for name, point in points.items() if not point.passages(whole.passed)]
        assert missed == [], f"not passed: {missed}"
        chosen = list(points) if share is None else rng.sample(list(points), share)
        for name in chosen:
            world.fresh(is_read=points[name].failpoint not in READING)
            armed = kill_and_go_on(plan, points[name], whole.passed, rng)
            assert differences(wanted, picture()) == [], f"{name} ({armed}), seed {seed}"
    return len(chosen)


@pytest.mark.parametrize("kind", list(PLANS))
def test_killed_at_some_points(cast: Cast, kind: str) -> None:
    assert play(cast, kind, SEED, share=3) == 3


@pytest.mark.soak
@pytest.mark.parametrize("kind", list(PLANS))
@pytest.mark.parametrize("seed", range(SEED, SEED + SEEDS))
def test_killed_at_every_point(cast: Cast, kind: str, seed: int) -> None:
    assert play(cast, kind, seed) == len(POINTS[kind])


def test_every_point_of_the_intake_is_killed_at() -> None:
    """A point somebody adds belongs to the kinds that pass it."""
    folders = [Path(settings.BASE_DIR, app) for app in ("portal", "inventory")]
    sources = [path.read_text(encoding="utf-8") for one in folders for path in one.rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'failpoint\("([a-z_.]+)"\)', text)}
    tried = {point.failpoint for points in POINTS.values() for point in points.values()}
    assert named == tried
    assert len(tried) >= 14
