"""Every list answers the same in two databases that differ only in what the reader may not see.

The questions come from the registry: for each role and list every filter with each kind of value (what it offers,
keys of what is hidden, nobody's, nonsense), the same filters in words, every order both ways, search words, columns,
views, the row of the drawer, and the file. They are asked while the secret is there and again after it is rolled
back, so that even the keys in the pages are the same; only tokens of forms are masked.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django import forms
from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from inventory.choices import DossierState
from inventory.models import PoolEntry, PoolRule
from inventory.services.pool_moves import take_out
from portal.choices import JobState, Role
from portal.jobs import runner
from portal.lists.asking import understand
from portal.lists.export import KIND, ask_for_export
from portal.lists.registry import all_lists, list_named
from portal.lists.spec import ListSpec
from portal.models import Job, Membership, SavedView, StoredFile
from reporting.services.coverage import take_snapshot
from tests import factories
from tests.conftest import PageClient, build_cast, signed_in
from tests.lists import FEW, FOREIGN_WORD, NOBODYS, values_of
from tests.security import routes
from tests.security.worlds import World, figure_query, holding

pytestmark = pytest.mark.django_db
# of all that a reader can ask, in the suite; the soak asks all
SAMPLE = 8
CAST = (
    *("city", "department", "other_department", "district_official", "enterprise"),
    *("manager", "unit_manager", "inventor", "auditor"),
    *("system_admin", "security_admin", "audit_admin"),
)
OFFICIALS = ("department", "other_department", "district_official")
# what the address of these lists names is one part of them
WHOLE = ("evaluation.catalogue", "inventory.upload_items")
OUTSIDERS = ("expert", "enterprise", "service")


# --- the two worlds -----------------------------------------------------------------------------------


def world_of_one() -> World:
    """The university with an object of every kind, and a reader of every role."""
    cast = build_cast()
    firm = factories.organisation("service_body")
    people: dict[str, Membership | None] = {
        "bureau_auditor": factories.membership(Role.AUDITOR, cast.bureau),
        "expert": factories.membership(Role.EXPERT, cast.university),
        "service": factories.membership(Role.SERVICE_CONTACT, firm),
    }
    people |= {name: getattr(cast, name) for name in CAST}
    world = World(cast, people)
    rule = PoolRule.objects.create(number=1, min_stars=3, kinds=["invention"])
    factories.campaign()
    world.own = holding(cast.participation, cast.school, cast.manager, cast.inventor, rule)
    world.own["rule"] = rule.pk
    elsewhere = factories.unit(cast.university, name="演示别的学院")
    person = factories.membership(Role.INVENTOR, cast.university, unit=elsewhere)
    world.own |= {"elsewhere": elsewhere, "person_elsewhere": person.user}
    world.own["colleagues"] = [
        factories.membership(each.role, each.organisation, unit=each.unit)
        for each in people.values()
        if each is not None
    ]
    world.people["colleague"] = world.own["colleagues"][0]
    snapshot = take_snapshot(campaign=cast.campaign)
    world.own["reporting.rows"] = figure_query(snapshot, cast.university.pk)
    return world


def another_institution(world: World) -> None:
    """One with an object of every kind; officials see every campaign, so it brings none."""
    cast = world.cast
    unit = factories.unit(cast.other, name="演示外部学院")
    inventor = factories.membership(Role.INVENTOR, cast.other, unit=unit)
    rule = PoolRule.objects.get(pk=world.own["rule"])
    holding(cast.other_participation, unit, cast.outsider, inventor, rule, has_campaigns=False)


def one_outside_the_catalogue(world: World) -> None:
    """The same with nothing in the pool: what the city admitted is for the outsiders, too."""
    another_institution(world)
    found = PoolEntry.objects.filter(institution=world.cast.other).in_pool()
    versions = dict(found.values_list("pk", "version"))
    take_out(versions=versions, reason="演示出库理由", actor=world.cast.city)


def another_unit(world: World) -> None:
    """Dossiers of another school of the same university, in every state."""
    unit = world.own["elsewhere"]
    person = world.own["person_elsewhere"]
    for state in DossierState.values:
        factories.entry(
            world.cast.participation, state=state, unit=unit, responsible=person, stars=5
        )


def private_things(world: World) -> None:
    """Views and jobs that a colleague of every reader shares with nobody.

    The jobs have ended: run between the questions, they would write into the trail, which some readers may see.
    """
    for owner in world.own["colleagues"]:
        for spec in all_lists():
            SavedView.objects.create(
                list_name=spec.name, name="演示私有", owner=owner, organisation=owner.organisation
            )
        Job.objects.create(
            kind=KIND,
            state=JobState.DONE,
            membership=owner,
            organisation=owner.organisation,
            params={"list": "portal.jobs", "query": "", "format": "csv", "all_columns": False},
        )


@dataclass(frozen=True)
class Secret:
    """What is added in the second world, who may not see it, and who may: for him the answers must differ."""

    add: Callable[[World], None]
    readers: tuple[str, ...]
    insider: str


SECRETS = {
    "another institution": Secret(
        another_institution,
        ("manager", "unit_manager", "inventor", "auditor", *OFFICIALS),
        "city",
    ),
    "an institution outside the catalogue": Secret(one_outside_the_catalogue, OUTSIDERS, "city"),
    "another unit": Secret(another_unit, ("unit_manager", "inventor"), "manager"),
    "private things": Secret(private_things, (*CAST, "bureau_auditor"), "colleague"),
}


# --- the questions ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asking:
    """A question to a list: its results, its whole page, or its file."""

    spec: str
    query: str
    what: str = "results"

    def __str__(self) -> str:
        return f"{self.what} of {self.spec}?{self.query}"


def questions(world: World, reader: Membership, most: int | None) -> list[Asking]:
    """Everything a reader can ask of the lists he may open, from the allow-lists of the registry."""
    found = []
    for spec in all_lists():
        if not spec.may_open(reader):
            found.append(Asking(spec.name, "", "page"))
            continue
        before = scope_of(spec, world)
        queries = [before + query for query in dict.fromkeys(_queries(spec, reader, before, most))]
        found += [Asking(spec.name, query) for query in queries]
        found.append(Asking(spec.name, before, "page"))
        # the list of jobs would hold the job itself, with its time
        if spec.columns and spec.name != "portal.jobs":
            orders = [f"{before}order={name}" for name in spec.orders_for(reader)]
            found += [Asking(spec.name, query, "file") for query in [before, *orders]]
    return found


def scope_of(spec: ListSpec, world: World) -> str:
    """The beginning of a query string that says which list it is."""
    is_named = spec.scope and spec.name not in WHOLE
    return f"{world.own[spec.name]}&" if is_named else ""


def _queries(spec: ListSpec, reader: Membership, before: str, most: int | None) -> Iterator[str]:
    form = understand(spec, reader, QueryDict(before)).filterset.form
    for order in spec.orders_for(reader):
        yield f"order={order}"
        yield f"order=-{order}"
    for name, target in form.fields.items():
        for key, value in values_of(name, target, most):
            yield urlencode({key: value})
        for word in _words(target, most):
            yield urlencode({"q": f'{target.label}:"{word}"'})
    yield from (f"{name}=1" for name in set(spec.filterset.base_filters) - set(form.fields))
    for word in ("演示", "石墨烯", FOREIGN_WORD, f'"{FOREIGN_WORD}:甲"', "CN2"):
        yield urlencode({"q": word})
    yield urlencode({"columns": ",".join(column.key for column in spec.columns[::-1])})
    yield f"order=dossier__price_band&row={NOBODYS}"
    yield from _hidden_keys(spec, reader, before)


def _hidden_keys(spec: ListSpec, reader: Membership, before: str) -> Iterator[str]:
    """Rows and views that there are, but not for this reader."""
    rows = spec.rows(understand(spec, reader, QueryDict(before)).asked)
    # as values: not every list can stand inside another query
    seen = list(rows.values_list("pk", flat=True))
    for key in rows.model._default_manager.exclude(pk__in=seen).order_by("pk")[:FEW]:
        yield f"row={key.pk}"
    for view in SavedView.objects.filter(list_name=spec.name).exclude(owner=reader)[:FEW]:
        yield f"view={view.pk}"


def _words(target: forms.Field, most: int | None) -> list[str]:
    offered = []
    if isinstance(target, forms.ChoiceField):
        offered = [str(text) for value, text in target.choices if str(value)][:most]
    return [*offered, "演示", "外部", FOREIGN_WORD]


# --- the answers --------------------------------------------------------------------------------------


def answer(client: PageClient, reader: Membership, asking: Asking) -> bytes:
    """What the reader is told, byte for byte but for the tokens of forms; nothing stays behind."""
    with rolled_back():
        if asking.what == "file":
            return _file(asking, reader)
        spec = list_named(asking.spec)
        assert spec is not None
        headers = {"HX-Request": "true"} if asking.what == "results" else {}
        page = client.get(f"{reverse(spec.url_name)}?{asking.query}", headers=headers)
        moved = page.get("HX-Redirect", "") + page.get("Location", "")
        return f"{page.status_code} {moved}\n".encode() + routes.body(page)


def _file(asking: Asking, reader: Membership) -> bytes:
    """The list as CSV, as the job writes it."""
    job = ask_for_export(
        list_name=asking.spec,
        query=asking.query,
        file_format="csv",
        has_all_columns=True,
        actor=reader,
    )
    runner.run_due("test-worker")
    job.refresh_from_db()
    if job.state == "failed":
        # what the address names is not this reader's
        return f"refused: {job.error}".encode()
    return bytes(StoredFile.objects.get(pk=job.result["file"]).content.read())


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cache.clear()


def differences(
    secret: Secret, readers: tuple[str, ...], most: int | None, sample: int | None
) -> tuple[int, list[str]]:
    """How many answers were compared, and the questions answered otherwise, as "reader: question"."""
    world = world_of_one()
    clients = {name: signed_in(reader_of(world, name)) for name in readers}
    asked: dict[tuple[str, Asking], bytes] = {}
    with rolled_back():
        secret.add(world)
        for name, client in clients.items():
            reader = reader_of(world, name)
            found = questions(world, reader, most)
            if sample is not None:
                found = _sampled(found, random.Random(name), sample)
            asked |= {(name, each): answer(client, reader, each) for each in found}
        insider = reader_of(world, secret.insider)
        told = answer_all(world, insider)
    assert told != answer_all(world, insider), (
        "nobody is answered otherwise: the comparison cannot fail"
    )
    otherwise = []
    for (name, each), beside in asked.items():
        alone = answer(clients[name], reader_of(world, name), each)
        if alone != beside:
            otherwise.append(f"{name}: {each}\n{_first_difference(alone, beside)}")
    return len(asked), otherwise


def _sampled(found: list[Asking], chance: random.Random, most: int) -> list[Asking]:
    """Every list as a whole page, with what its filters offer, and some of the other questions."""
    others = [each for each in found if each.what != "page"]
    pages = [each for each in found if each.what == "page"]
    return [*pages, *chance.sample(others, min(most, len(others)))]


def answer_all(world: World, reader: Membership) -> list[bytes]:
    """The lists this reader may open, as they open."""
    client = signed_in(reader)
    lists = [spec for spec in all_lists() if spec.may_open(reader)]
    return [answer(client, reader, Asking(spec.name, scope_of(spec, world))) for spec in lists]


def _first_difference(alone: bytes, beside: bytes) -> str:
    lines = alone.decode().splitlines(), beside.decode().splitlines()
    pairs = zip(*lines, strict=False)
    pair = next((pair for pair in pairs if pair[0] != pair[1]), ("", "more lines"))
    at = next((n for n, (a, b) in enumerate(zip(*pair, strict=False)) if a != b), 0)
    return " | ".join(text[max(at - 60, 0) : at + 160] for text in pair)


def reader_of(world: World, name: str) -> Membership:
    found = world.people[name]
    assert found is not None
    return found


@pytest.mark.parametrize("name", SECRETS)
def test_lists_answer_the_same_with_and_without_what_is_hidden(name: str) -> None:
    secret = SECRETS[name]
    compared, otherwise = differences(secret, secret.readers, FEW, SAMPLE)

    assert "\n".join(otherwise) == ""
    assert compared >= len(secret.readers) * SAMPLE


@pytest.mark.soak
@pytest.mark.parametrize(
    ("name", "reader"),
    [(name, reader) for name, secret in SECRETS.items() for reader in secret.readers],
)
def test_lists_answer_the_same_whatever_is_asked(
    name: str, reader: str, record_property: Callable[[str, object], None]
) -> None:
    """A reader at a time: the questions of one take minutes, and both cores work."""
    compared, otherwise = differences(SECRETS[name], (reader,), None, None)

    record_property("compared", compared)
    assert "\n".join(otherwise) == ""
    assert compared > 0
