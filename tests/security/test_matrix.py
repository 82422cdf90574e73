"""Every route, every role: matrix.yaml is what the portal answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import PageClient, signed_in
from tests.security import routes
from tests.security.matrix import METHODS, ROLES, Row, rows, scoped
from tests.security.payloads import PATCHED, POSTED
from tests.security.routes import Question
from tests.security.worlds import World, build_world

pytestmark = pytest.mark.django_db
MISSING = 999_999_999
WRITING = ("POST", "PATCH")


class Portal:
    """One world for all questions of this module; every question is taken back."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clients = {role: self._client(role) for role in ROLES}
        self.missing = {name: absent(key) for name, key in world.own.items()}
        self.state = routes.digest()

    def _client(self, role: str) -> PageClient:
        membership = self.world.people[role]
        return PageClient() if membership is None else signed_in(membership)

    def question(self, row: Row, method: str, keys: dict[str, Any]) -> Question:
        """The request that succeeds for the right role, about the record of `keys`."""
        path = routes.path_of(row.name, keys.get(row.record))
        if method == "POST":
            # a record that does not exist is asked about with the words for an existing one
            words = keys if keys is not self.missing else self.world.own
            return Question(method, path, POSTED[row.name](self.world, words))
        if method == "PATCH":
            words = keys if keys is not self.missing else self.world.own
            data, headers = PATCHED[row.name](self.world, words)
            return Question(method, path, data, "application/json", headers)
        return Question(method, path)


def absent(key: Any) -> Any:
    """The key of nothing; a query string with such keys."""
    is_query = isinstance(key, str) and "=" in key
    return re.sub(r"(?<==)\d+", str(MISSING), key) if is_query else MISSING


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever is written inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def portal(django_db_setup: None, django_db_blocker: Any) -> Iterator[Portal]:
    with django_db_blocker.unblock(), taken_back():
        yield Portal(build_world())


def pairs(method: str | None = None) -> list[Any]:
    return [
        pytest.param(row, each, id=f"{each}-{row.name}")
        for row in rows().values()
        for each in row.outcomes
        if method in (None, each)
    ]


def test_matrix_and_resolver_name_the_same_routes() -> None:
    assert sorted(routes.all_routes()) == sorted(rows())


def test_rows_are_whole() -> None:
    for row in rows().values():
        allowed = {"object", "query", "sees_all", "quiet", "untold", *METHODS}
        assert row.keys <= allowed, row.name
        assert row.outcomes, row.name
        for method, outcomes in row.outcomes.items():
            assert sorted(outcomes) == sorted(ROLES), f"{method} {row.name}"
        has_key = (
            "<" in routes.all_routes()[row.name] and "uid" not in routes.all_routes()[row.name]
        )
        assert has_key == (bool(row.record) and not row.is_query), row.name


def test_every_posting_route_has_its_request() -> None:
    assert sorted(POSTED) == sorted(row.name for row in rows().values() if "POST" in row.outcomes)
    assert sorted(PATCHED) == sorted(row.name for row in rows().values() if "PATCH" in row.outcomes)


@pytest.mark.parametrize(("row", "method"), pairs())
def test_every_role_gets_its_answer(portal: Portal, row: Row, method: str) -> None:
    expected = row.outcomes[method]
    found, changed, untold = {}, [], []
    for role, client in portal.clients.items():
        with taken_back():
            trail = routes.audit_count()
            answer = portal.question(row, method, portal.world.own).ask(client)
            found[role] = routes.outcome(answer)
            if method in WRITING and routes.digest() != portal.state:
                changed.append(role)
                if not row.untold and routes.audit_count() == trail:
                    untold.append(role)

    assert found == {role: "ok" if said == "none" else said for role, said in expected.items()}
    acts = method in WRITING and not row.quiet
    assert changed == [role for role in portal.clients if acts and expected[role] == "ok"]
    assert untold == []


def test_reading_writes_nothing(portal: Portal) -> None:
    """All pages of everybody, one after the other, leave every business row as it was."""
    for row in rows().values():
        if "GET" in row.outcomes:
            for role in row.allowed("GET")[:3]:
                portal.question(row, "GET", portal.world.own).ask(portal.clients[role])
    assert routes.digest() == portal.state


@pytest.mark.parametrize("row", [r for r in rows().values() if r.record], ids=lambda r: r.name)
def test_foreign_and_missing_records_look_the_same(portal: Portal, row: Row) -> None:
    for method, outcomes in row.outcomes.items():
        for role in sorted(scoped() - row.sees_all):
            client = portal.clients[role]
            answers = []
            for keys in (portal.world.foreign, portal.missing):
                with taken_back():
                    answer = portal.question(row, method, keys).ask(client)
                    text = routes.without_key(routes.body(answer), keys[row.record])
                    answers.append((answer.status_code, text))
                    assert routes.digest() == portal.state, f"{method} {role} changed something"
            assert answers[0] == answers[1], f"{method} {role}"
            refused = {"ok": {404}, "403": {403, 404}}.get(outcomes[role], {404})
            assert answers[0][0] in refused, f"{method} {role}: {answers[0][0]}"


@pytest.mark.parametrize("row", list(rows().values()), ids=lambda r: r.name)
def test_other_methods_are_refused(portal: Portal, row: Row) -> None:
    first = next(iter(row.outcomes))
    client = portal.clients[row.allowed(first)[-1]]
    path = portal.question(row, first, portal.world.own).path
    answers = {}
    for method in METHODS:
        # Django's own switch of languages takes any method and acts on POST only
        if method not in row.outcomes and row.name != "set_language":
            with taken_back():
                answers[method] = Question(method, path).ask(client).status_code
    assert Counter(answers.values()) == Counter({405: len(answers)} if answers else {})


@pytest.mark.parametrize(("row", "method"), [*pairs("POST"), *pairs("PATCH")])
def test_every_act_needs_its_token(portal: Portal, row: Row, method: str) -> None:
    allowed = portal.clients[row.allowed(method)[-1]]
    with taken_back():
        question = portal.question(row, method, portal.world.own)
        assert question.ask(routes.csrf_client(allowed)).status_code == 403
        assert routes.digest() == portal.state
