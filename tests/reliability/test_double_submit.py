"""The same form sent twice has one effect: the second time is refused, or changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.security import routes
from tests.security.matrix import Row, rows
from tests.security.test_matrix import Portal, taken_back
from tests.security.worlds import build_world

pytestmark = pytest.mark.django_db

# a second sending is a second wish
TWICE_IS_TWO = {
    "portal:import-new": "a second upload is a second upload; what it would do is shown before it does it",
    "portal:people-contact": "a second look is a second look, in the trail and counted",
    "inventory:dossier-contact": "likewise",
    "evaluation:expert-contact": "likewise",
    "portal:people-password": "a second new password; the first was shown once and is void",
    "portal:password-reset": "a second mail, at most five in a quarter of an hour",
    "reporting:coverage-refresh": "counting again changes no record",
    "inventory:dossier-export": "a second copy",
    "inventory:dossier-pdf": "a second copy",
    "portal:import-errors": "a second copy",
    "portal:import-undo-rows": "a second copy",
    "portal:list-export": "a second copy",
    "portal:staff-export": "a second copy",
}


@pytest.fixture(scope="module")
def portal(django_db_setup: None, django_db_blocker: Any) -> Iterator[Portal]:
    with django_db_blocker.unblock(), taken_back():
        yield Portal(build_world())


def forms() -> list[Row]:
    return [
        row
        for row in rows().values()
        if "POST" in row.outcomes and not row.quiet and row.name not in TWICE_IS_TWO
    ]


@pytest.mark.parametrize("row", forms(), ids=lambda row: row.name)
def test_sent_twice_done_once(portal: Portal, row: Row) -> None:
    client = portal.clients[row.allowed("POST")[-1]]
    with taken_back():
        question = portal.question(row, "POST", portal.world.own)
        assert routes.outcome(question.ask(client)) == "ok"
        once = routes.digest()
        assert once != portal.state
        status = question.ask(client).status_code
        assert routes.digest() == once
    assert status in (200, 302, 403, 404, 409, 422)


def test_exceptions_are_routes() -> None:
    assert set(TWICE_IS_TWO) <= set(routes.all_routes())
