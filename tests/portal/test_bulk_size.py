"""Twenty thousand dossiers edited as one job and taken back: run with -m soak, which prints how long it took."""

from __future__ import annotations

import time

import pytest

from inventory.models import Dossier
from portal.jobs import runner
from portal.services import bulk
from tests import factories
from tests.conftest import Cast
from tests.portal.test_bulk import asked, outcomes, staged, started

pytestmark = [pytest.mark.django_db, pytest.mark.soak]
ROWS = 20_000


def test_twenty_thousand_there_and_back(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    for _piece in range(10):  # the database ends transactions that think for too long
        factories.entries(cast.participation, ROWS // 10)
    run = asked(staged(cast.manager), cast.manager, stars="5", intent_mode="-")
    start = time.perf_counter()
    started(run, cast.manager)
    runner.run_due("worker")
    there = time.perf_counter() - start
    run.refresh_from_db()
    assert outcomes(run) == {"changed": ROWS}

    start = time.perf_counter()
    bulk.undo_run(run_id=run.pk, reason="看错了", actor=cast.manager)
    runner.run_due("worker")
    back = time.perf_counter() - start

    assert Dossier.objects.filter(stars=3).count() == ROWS
    with capsys.disabled():
        print(f"\n{ROWS} dossiers: edited in {there:.1f} s, taken back in {back:.1f} s")  # noqa: T201
