"""Any statement of an import may fail, its connection be cut or its process killed there: the retry ends the same."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from portal.models import Job
from tests.conftest import Cast
from tests.reliability.copies import administer, copies, differences, picture
from tests.reliability.flows import Counting, process
from tests.reliability.plans import PLANS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SEED = 20240911
#: from upload to undoing, with the merge of a workbook, and from correction to the further import
KINDS = ["base list", "filled template", "merged workbook", "mended list"]
#: subjects of one chunk: each step takes two or three
CHUNK_ROWS = 13


def fails() -> None:
    raise OperationalError("made to fail")


def is_cut() -> None:
    """The server ends our session, as when it restarts."""
    connection.ensure_connection()
    administer(f"SELECT pg_terminate_backend({connection.connection.get_backend_pid()})")


def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


FAULTS: dict[str, Callable[[], None]] = {"fails": fails, "is cut": is_cut, "is killed": is_killed}


def disturbed(plan: Any, fault: str, at: int) -> None:
    """Walk the plan to its end with one fault on the way."""
    ended = process(plan, counting=Counting(at, FAULTS[fault]))
    if fault == "is killed":
        assert ended.code == -signal.SIGKILL, f"statement {at} was not reached"
        ended = process(plan)
    assert ended.code == 0, f"statement {at} {fault}: nobody could go on"


def play(cast: Cast, kind: str, fault: str, choose: Callable[[int], list[int]]) -> tuple[int, int]:
    """Disturb an import at the chosen statements; returns how many were, and how many statements it has."""
    plan = PLANS[kind](cast, random.Random(f"{kind} {SEED}"))
    plan.chunk_rows = CHUNK_ROWS
    with copies() as world:
        world.fresh()
        whole = process(plan)
        assert whole.code == 0
        wanted = picture()
        chosen = choose(whole.statements)
        for at in chosen:
            world.fresh(is_read=True)
            disturbed(plan, fault, at)
            found = differences(wanted, picture())
            assert found == [], f"statement {at} of {whole.statements} {fault}"
            assert not Job.objects.exclude(state="done").exists()
    return len(chosen), whole.statements


@pytest.mark.parametrize("fault", list(FAULTS))
@pytest.mark.parametrize("kind", KINDS)
def test_some_statements_fail(cast: Cast, kind: str, fault: str) -> None:
    rng = random.Random(f"{kind} {fault}")
    tried, statements = play(cast, kind, fault, lambda count: rng.sample(range(1, count + 1), k=2))
    assert (tried, statements > 100) == (2, True)


@pytest.mark.soak
@pytest.mark.parametrize("fault", list(FAULTS))
@pytest.mark.parametrize("kind", KINDS)
def test_every_statement_fails(
    cast: Cast, kind: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each statement fails; each third one finds its session cut, or kills its process."""
    step = 1 if fault == "fails" else 3
    tried, statements = play(cast, kind, fault, lambda count: list(range(1, count + 1, step)))
    assert tried >= statements // step
    with capsys.disabled():
        print(f"\n{kind}: {tried} of {statements} statements, each {fault}")  # noqa: T201
