"""Two institutions: nothing of one, not even whether it exists, shows in any page, file, count or error of the other.

Proof that these tests bite: tests/security/seeded_faults.md lists faults planted by hand, and what found them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from inventory.models import PoolRule
from portal.jobs import queue, runner
from portal.models import StoredFile
from portal.services import saved_views
from reporting.services.coverage import take_snapshot
from tests.conftest import PageClient, build_cast, signed_in
from tests.security import crawling, routes
from tests.security.marks import KEYS, MARK, Second, mark_of, plant_second
from tests.security.matrix import rows
from tests.security.payloads import POSTED
from tests.security.worlds import World, holding

pytestmark = pytest.mark.django_db
# pages one person looks at; `make soak` looks at all of them
MOST = 80
SOAK = 3000
ROLES = (
    "manager",
    "unit_manager",
    "inventor",
    "auditor",
    "department",
    "district_official",
    "enterprise",
)
# beside the keys of the other, and nobody's
ABSENT = KEYS + 999
ABSENT_TOKEN = "nobodys-token"
ANY_KEY = re.compile(rb"765432\d{3}")
# what a form is sent once with
ANY_NONCE = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# what the city pool shows to enterprises of every institution: these columns of pooled patents and no other
CATALOGUE = "/evaluation/"
IN_CATALOGUE = (
    "portal.organisation.name",
    "inventory.patent.title",
    "inventory.patent.abstract",
    "inventory.patent.first_claim",
    "inventory.patent.classes",
    "inventory.patentholder.name",
    "inventory.patentinventor.name",
    "inventory.dossier.advantages",
    "inventory.dossier.prospects",
)


@dataclass
class Isolation:
    """The first institution alone, what its people saw then, and the second one beside it."""

    world: World
    alone: dict[str, dict[str, tuple[int, str, bytes]]] = field(default_factory=dict)
    second: Second | None = None

    @property
    def other(self) -> Second:
        assert self.second is not None
        return self.second

    @cached_property
    def clients(self) -> dict[str, PageClient]:
        """Everybody signs in once: the page of a person says when that was."""
        people = self.world.people
        return {role: signed_in(who) for role in ROLES if (who := people[role]) is not None}


def seeds() -> list[str]:
    """Addresses without a record, for those that no link leads to."""
    names = [
        row.name
        for row in rows().values()
        if "GET" in row.outcomes and not row.record and "password-reset" not in row.name
    ]
    return ["/", *(routes.path_of(name) for name in names if name != "portal:home")]


def make_first() -> tuple[World, PoolRule]:
    """One university with everything, as the cast knows it."""
    cast = build_cast()
    rule = PoolRule.objects.create(number=1, min_stars=3, kinds=["invention"])
    people = {role: getattr(cast, role) for role in ROLES}
    world = World(cast, people)
    world.own = holding(cast.participation, cast.school, cast.manager, cast.inventor, rule)
    world.own["job"] = queue.ask("portal.test-of-routes", actor=cast.manager).pk
    world.own["view"] = saved_views.save_view(
        list_name="portal.jobs", name="演示视图", query="", shared="nobody", actor=cast.manager
    ).pk
    runner.run_due("test-worker")
    take_snapshot(campaign=cast.campaign)
    return world, rule


@pytest.fixture(scope="module")
def isolation(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Isolation]:
    """Crawl alone first, then let the second institution in."""
    is_soak = "soak" in (request.config.getoption("markexpr") or "")
    most = SOAK if is_soak else MOST
    with django_db_blocker.unblock(), transaction.atomic():
        world, rule = make_first()
        found = Isolation(world)
        for role, client in found.clients.items():
            found.alone[role] = crawling.crawl(client, seeds(), most)
        found.second = plant_second(world.cast, rule)
        yield found
        transaction.set_rollback(True)


def marks_in(second: Second, *texts: Any) -> list[str]:
    """The marks that occur, whatever their case, with some text around."""
    found = []
    for each in texts:
        text = (
            each if isinstance(each, str) else bytes(each).decode("utf-8", "replace")
        ).casefold()
        for mark in second.marks:
            place = text.find(mark.casefold())
            if place >= 0:
                found.append(f"{mark}: …{text[max(0, place - 60) : place + 40]}…")
    return found


def is_catalogue(address: str, role: str) -> bool:
    """The catalogue's pages, and the start page of enterprises, which shows what is new in it."""
    return address.startswith(CATALOGUE) or (role == "enterprise" and address == "/")


@pytest.mark.parametrize("role", ROLES)
def test_pages_are_the_same_whether_the_other_exists(isolation: Isolation, role: str) -> None:
    client = isolation.clients[role]
    different, leaked = [], []
    for address, before in isolation.alone[role].items():
        if is_catalogue(address, role):
            continue
        after = crawling.ask(client, address)
        leaked += [f"{address}: {mark}" for mark in marks_in(isolation.other, after[1], after[2])]
        if after != before:
            different.append(address)
    assert leaked == []
    assert different == []
    assert len(isolation.alone[role]) > 15


def test_catalogue_shows_what_is_meant_for_enterprises(isolation: Isolation) -> None:
    """Pooled patents of the other are offered; its people, contacts, notes and the rest of the dossier are not."""
    client = isolation.clients["enterprise"]
    pages = crawling.crawl(client, ["/", reverse("evaluation:catalogue")], MOST)
    assert "/" in pages
    texts = [
        text.decode()
        for address, (_s, _h, text) in pages.items()
        if is_catalogue(address, "enterprise")
    ]
    meant = {mark_of(name) for name in IN_CATALOGUE}
    found = {mark for text in texts for mark in re.findall(rf"{MARK}\d\d", text)}
    assert mark_of("inventory.patent.title") in found
    assert found <= meant


@pytest.mark.parametrize("role", ROLES)
def test_addresses_of_the_other_show_nothing(isolation: Isolation, role: str) -> None:
    client = isolation.clients[role]
    leaked = []
    for row in rows().values():
        if row.record not in isolation.other.keys or role in row.sees_all:
            continue
        for method in row.outcomes:
            with transaction.atomic():
                path = routes.path_of(row.name, isolation.other.keys[row.record])
                response = getattr(client, method.lower())(path)
                text = routes.body(response)
                transaction.set_rollback(True)
            found = marks_in(isolation.other, repr(list(response.items())), text)
            leaked += [f"{method} {path}: {mark}" for mark in found]
            assert routes.outcome(response) in {"404", "403"}, f"{method} {path}"
    assert leaked == []


@pytest.mark.parametrize("role", ["manager", "department"])
def test_filters_answer_alike_for_foreign_and_absent_values(
    isolation: Isolation, role: str
) -> None:
    """Every parameter of every list with a key, a word and a number of the other, and with one of nobody."""
    client = isolation.clients[role]
    different = []
    for address, (status, headers, text) in isolation.alone[role].items():
        if status != 200 or "?" in address or "text/html" not in headers:
            continue
        page = text.decode()
        for name in sorted(crawling.filters_of(page)):
            probes = keys_to_try(isolation.other) if crawling.offers_keys(page, name) else []
            for foreign, nobody in [*probes, *words_to_try(isolation.other)]:
                answers = [filtered(client, address, name, value) for value in (foreign, nobody)]
                if answers[0] != answers[1]:
                    different.append(f"{address}?{name}={foreign}")
    assert different == []


def filtered(client: PageClient, address: str, name: str, value: str) -> tuple[int, bytes]:
    status, _headers, text = crawling.ask(client, f"{address}?{name}={value}")
    return status, text.replace(value.encode(), b"value")


def words_to_try(second: Second) -> list[tuple[str, str]]:
    """(value of the other, value of nobody), as long as each other and of the same kind (a check digit may be X)."""
    number = second.marks[1]
    return [(MARK, "qjxvc"), (number, number[:5] + "0" * 7 + number[-1])]


def keys_to_try(second: Second) -> list[tuple[str, str]]:
    return [(str(second.keys[name]), str(ABSENT)) for name in ("organisation", "unit", "person")]


@pytest.mark.parametrize("role", ["manager", "unit_manager", "inventor"])
def test_posted_keys_of_the_other_are_keys_of_nobody(isolation: Isolation, role: str) -> None:
    """Each key-like value of each form, replaced by each key of the other: nothing more happens than for no key."""
    client = isolation.clients[role]
    different, leaked = [], []
    for row in rows().values():
        if "POST" not in row.outcomes or row.outcomes["POST"].get(role) not in ("ok", "none"):
            continue
        if row.is_query or row.name in {"set_language", "portal:sign-out"}:
            continue
        path = routes.path_of(row.name, isolation.world.own.get(row.record))
        for name in keyed_fields(row.name, isolation.world):
            # the token of a link is no number: it is compared with a token of nobody
            nothing = {
                is_number: posted(client, path, row.name, isolation.world, {name: nobodys})
                for is_number, nobodys in ((True, ABSENT), (False, ABSENT_TOKEN))
            }
            for kind, key in isolation.other.keys.items():
                answer = posted(client, path, row.name, isolation.world, {name: key})
                leaked += [f"{path} {name}: {m}" for m in marks_in(isolation.other, answer[1])]
                if answer != nothing[str(key).isdecimal()]:
                    different.append(f"{path} {name}={kind}")
    assert leaked == []
    assert different == []


def keyed_fields(route: str, world: World) -> list[str]:
    """Fields of a form whose value looks like a key."""
    data = POSTED[route](world, world.own)
    return [
        name
        for name, value in data.items()
        if name in ("pick", "unit", "responsible", "organisation", "institutions", "membership")
        or (name == "campaign" and value)
    ]


def posted(
    client: PageClient, path: str, route: str, world: World, changed: Mapping[str, int | str]
) -> tuple[int, bytes, str]:
    """Status, page after it without the value asked for, and what became of the business rows."""
    (name, key), *_ = changed.items()
    with transaction.atomic():
        data = POSTED[route](world, world.own)
        is_versioned = name == "pick" and "-" in str(data[name])
        data[name] = f"{key}-1" if is_versioned else key
        response = client.post(path, data, follow=True)
        text = routes.body(response)
        if not str(key).isdecimal():
            text = text.replace(str(key).encode(), b"token")  # a form shows what was typed
        state = routes.digest()
        transaction.set_rollback(True)
    return response.status_code, ANY_NONCE.sub(b"nonce", ANY_KEY.sub(b"key", text)), state


@pytest.mark.parametrize(
    ("role", "route", "query"),
    [
        ("manager", "inventory:dossier-export", ""),
        ("unit_manager", "inventory:dossier-export", ""),
        ("manager", "inventory:dossier-export", "institution={organisation}"),
        ("manager", "portal:import-errors", ""),
    ],
)
def test_files_hold_nothing_of_the_other(
    isolation: Isolation, role: str, route: str, query: str
) -> None:
    client = isolation.clients[role]
    row = rows()[route]
    with transaction.atomic():
        path = routes.path_of(route, isolation.world.own.get(row.record))
        asked = query.format(**isolation.other.keys)
        response = client.post(
            f"{path}?{asked}", POSTED[route](isolation.world, isolation.world.own)
        )
        assert routes.outcome(response) == "ok"
        runner.run_due("test-worker")
        page = client.get(response["Location"])
        person = isolation.world.people[role]
        assert person is not None
        file = StoredFile.objects.filter(owner=person.user).latest("pk")
        taken = client.get(reverse("portal:file-download", args=[file.pk]))
        assert taken.status_code == 200, routes.body(page)
        content = routes.body(taken)
        transaction.set_rollback(True)
    texts = [repr(list(taken.items())).encode(), routes.body(page), *unpacked(content)]
    assert content.startswith(b"PK")
    assert marks_in(isolation.other, *texts) == []


def unpacked(content: bytes) -> list[bytes]:
    """The members of a workbook, or the bytes as they are."""
    if not content.startswith(b"PK"):
        return [content]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [archive.read(name) for name in archive.namelist()]


@pytest.mark.soak
@pytest.mark.parametrize("role", ROLES)
def test_all_pages_are_the_same_whether_the_other_exists(isolation: Isolation, role: str) -> None:
    test_pages_are_the_same_whether_the_other_exists(isolation, role)
