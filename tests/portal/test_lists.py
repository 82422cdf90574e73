"""The registry of lists: every list page is in it, and a query means the same everywhere."""

from __future__ import annotations

import csv
import inspect
import io
import re
from urllib.parse import urlencode

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.urls import URLResolver, get_resolver, reverse

from portal.choices import AuditAction
from portal.errors import DomainError
from portal.jobs import runner
from portal.lists import few, registry
from portal.lists import place as lists_place
from portal.lists.registry import narrowed
from portal.models import AuditEntry, Job, Membership, StoredFile
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_a_query_means_the_same_rows_as_on_the_page(cast: Cast, client_of) -> None:
    draft = factories.entry(cast.participation, state="draft")
    factories.entry(cast.participation)
    factories.entry(cast.other_participation, state="draft")

    found = narrowed("inventory.entries", "state=draft", cast.manager)
    page = client_of(cast.manager).get(reverse("inventory:entry-list"), {"state": "draft"})

    assert list(found) == [draft]
    assert [row.pk for row in page.context["page"].items] == [draft.pk]


@pytest.mark.parametrize("query", ["state=zzz", "unit=999999", "unit=x", "state=draft&stars=9"])
def test_what_is_not_understood_is_refused_and_never_passed_over(cast: Cast, query: str) -> None:
    factories.entry(cast.participation, state="draft")

    with pytest.raises(DomainError):
        narrowed("inventory.entries", query, cast.manager)


def test_a_list_that_is_not_ones_own_is_refused(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        narrowed("inventory.reviews", "", cast.city)


def test_lists_have_pages_of_their_own() -> None:
    addresses = [reverse(spec.url_name) for spec in registry.all_lists()]

    assert len(set(addresses)) == len(addresses) >= 13


def test_cards_are_sorted_by_a_menu_as_their_heads_are_not_seen(cast: Cast, client_of) -> None:
    address = reverse("portal:people-list")
    answer = client_of(cast.manager).get(address, {"order": "-username", "is_active": "true"})
    menu = answer.content.decode().partition('id="list-sort"')[2].partition("</details>")[0]

    assert re.findall(r'href="(\?[^"]+)"', menu) == [
        "?is_active=true&amp;order=name",
        "?is_active=true&amp;order=username",
        "?is_active=true&amp;order=created",
    ]
    assert menu.count('aria-current="true"') == menu.count("当前为倒序") == 1


def test_a_table_that_keeps_its_heads_has_no_second_way_to_sort(cast: Cast, client_of) -> None:
    factories.entry(cast.participation)

    answer = client_of(cast.manager).get(reverse("inventory:entry-list"))

    assert b'id="list-sort"' not in answer.content


# --- filters in words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("状态:草稿", "state=draft"),
        ("状态：草稿", "state=draft"),
        ("state:draft", "state=draft"),
        ("State:Draft 装置", "state=draft&q=装置"),
        ("状态:草稿,未建档 类型:发明", "state=draft&state=unfiled&kind=invention"),
        ("负责人:@me", "responsible=@me"),
        ('"比例3:1" 星级:4', 'q="比例3:1"&stars=4'),
    ],
)
def test_words_become_filters(cast: Cast, client_of, text: str, query: str) -> None:
    answer = client_of(cast.manager).get(reverse("inventory:entry-list"), {"q": text})

    assert answer.status_code == 302
    found = QueryDict(answer["Location"].partition("?")[2])
    assert {k: sorted(v) for k, v in found.lists()} == {
        k: sorted(v) for k, v in QueryDict(query).lists()
    }


@pytest.mark.parametrize("text", ["颜色:红", "状态:绿", "状态:审核", "unit:zzz", "状态:"])
def test_unknown_words_are_said_and_nothing_is_shown(cast: Cast, client_of, text: str) -> None:
    factories.entry(cast.participation)

    page = client_of(cast.manager).get(reverse("inventory:entry-list"), {"q": text})

    assert page.context["page"].question.problems
    assert page.context["page"].items == []
    with pytest.raises(DomainError):
        narrowed("inventory.entries", f"q={text}", cast.manager)


def test_words_name_units_and_never_foreign_ones(cast: Cast, client_of) -> None:
    factories.unit(cast.other, name="演示机密学院")
    client = client_of(cast.manager)

    own = client.get(reverse("inventory:entry-list"), {"q": "学院:材料"})
    pages = [
        client.get(reverse("inventory:entry-list"), {"q": f"学院:{name}"})
        for name in ("机密", "没有")
    ]

    assert own["Location"].endswith(f"?unit={cast.school.pk}")
    problems = [page.context["page"].question.problems[0] for page in pages]
    assert problems[0].replace("机密", "没有") == problems[1]


def test_at_me_is_the_reader(cast: Cast) -> None:
    mine = factories.entry(cast.participation, responsible=cast.manager.user)
    factories.entry(cast.participation, responsible=cast.inventor.user)

    assert list(narrowed("inventory.entries", "responsible=@me", cast.manager)) == [mine]


# --- columns, cut addresses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["columns=number,nonsense", "order=secret", "unit=999999", "state=x"]
)
def test_a_cut_address_says_so_and_shows_the_rest(cast: Cast, client_of, query: str) -> None:
    entry = factories.entry(cast.participation)

    page = client_of(cast.manager).get(f"{reverse('inventory:entry-list')}?{query}").context["page"]

    assert page.question.is_cut
    assert page.items == [entry]


def test_columns_are_chosen_in_order(cast: Cast, client_of) -> None:
    factories.entry(cast.participation)

    page = client_of(cast.manager).get(
        reverse("inventory:entry-list"), {"columns": ["granted", "title"]}
    )

    keys = [column.key for column in page.context["page"].question.columns]
    assert keys == ["number", "granted", "title"]


# --- the place of a row -----------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["listed", "priority", "number"])
@pytest.mark.parametrize("is_long", [False, True])
def test_neighbours_are_those_of_the_filtered_order(
    cast: Cast, client_of, monkeypatch: pytest.MonkeyPatch, is_long: bool, order: str
) -> None:
    if is_long:
        monkeypatch.setattr(few, "KEYS_CAP", 2)
        monkeypatch.setattr(lists_place, "COUNTED_BEFORE", 1)
    entries = [factories.entry(cast.participation, state="draft") for _ in range(3)]
    factories.entry(cast.participation)
    client = client_of(cast.manager)

    def place(entry):
        answer = client.get(
            entry.dossier.get_absolute_url(),
            {"list": "inventory.entries", "at": entry.pk, "state": "draft", "order": order},
            headers={"HX-Request": "true", "HX-Target": "drawer-body"},
        )
        return answer.context["place_in_list"]

    places = [place(entry) for entry in entries]

    # of a long list the planner's estimate is shown
    shown = ["1", "1+", "1+"] if is_long else ["1 / 3", "2 / 3", "3 / 3"]
    assert [p.position.partition(" / ≈ ")[0] for p in places] == shown
    assert (places[0].previous_url, places[2].next_url) == ("", "")
    assert f"/dossiers/{entries[2].dossier_id}/" in places[1].next_url
    assert f"at={entries[0].pk}" in places[1].previous_url


def test_a_row_outside_has_no_place_and_is_not_opened(cast: Cast, client_of) -> None:
    foreign = factories.entry(cast.other_participation)
    factories.entry(cast.participation)
    client = client_of(cast.manager)

    pages = [
        client.get(reverse("inventory:entry-list"), {"row": pk}).content
        for pk in (foreign.pk, 999_999)
    ]

    assert b"data-open-row" not in pages[0] + pages[1]
    assert pages[0].count(b"notice") == pages[1].count(b"notice") > 0


# --- export -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_an_export_holds_the_rows_of_the_page_in_its_order(
    cast: Cast, client_of, settings, file_format: str
) -> None:
    settings.JOB_CHUNK_ROWS = 2
    for state in ("draft", "unfiled", "draft", "draft"):
        factories.entry(cast.participation, state=state)
    factories.entry(cast.other_participation, state="draft")
    query = {"state": "draft", "order": "-number", "columns": "number,title,granted"}
    client = client_of(cast.manager)
    page = client.get(reverse("inventory:entry-list"), query).context["page"]

    client.post(
        reverse("portal:list-export"),
        {"list": "inventory.entries", "query": urlencode(query), "format": file_format},
    )
    runner.run_due("test-worker")

    job = Job.objects.get(kind="portal.list_export")
    assert (job.state, job.total, job.result["count"]) == ("done", 3, 3)
    rows = rows_of(StoredFile.objects.get(pk=job.result["file"]), file_format)
    assert [row[0] for row in rows[1:]] == [entry.patent.number for entry in page.items]
    assert len(rows[0]) == 3
    told = AuditEntry.objects.get(action=AuditAction.EXPORT, object_type="portal.storedfile")
    assert told.changes["rows"] == [None, 3]


def rows_of(file: StoredFile, file_format: str) -> list[list[str]]:
    raw = file.content.read()
    if file_format == "csv":
        assert raw.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_list_longer_than_a_sheet_is_refused_in_words(cast: Cast, client_of, monkeypatch) -> None:
    monkeypatch.setattr("portal.lists.export.EXCEL_ROWS", 3)
    for _ in range(3):
        factories.entry(cast.participation)
    ended = {}
    for file_format in ("xlsx", "csv"):
        client_of(cast.manager).post(
            reverse("portal:list-export"), {"list": "inventory.entries", "format": file_format}
        )
        runner.run_due("test-worker")
        job = Job.objects.order_by("-pk")[0]
        ended[file_format] = (job.state, "CSV" in job.error)

    assert ended == {"xlsx": ("failed", True), "csv": ("done", False)}


def test_an_export_is_made_with_the_rights_of_its_moment(cast: Cast, client_of) -> None:
    client_of(cast.unit_manager).post(
        reverse("portal:list-export"), {"list": "inventory.reviews", "format": "csv"}
    )
    Membership.objects.filter(pk=cast.unit_manager.pk).update(role="inventor")
    runner.run_due("test-worker")

    assert Job.objects.get(kind="portal.list_export").state == "failed"


# --- the palette ------------------------------------------------------------------------------------


def test_the_palette_finds_within_ones_rights(cast: Cast, client_of) -> None:
    own = factories.entry(cast.participation).patent
    foreign = factories.entry(cast.other_participation).patent
    client = client_of(cast.manager)

    found = client.get(reverse("portal:find"), {"q": own.number}).content.decode()
    not_found = client.get(reverse("portal:find"), {"q": foreign.number}).content.decode()

    assert own.get_absolute_url() in found
    assert foreign.get_absolute_url() not in not_found


@pytest.mark.parametrize("key", ["", "x", "-1", "1.5", "9" * 5000])
def test_what_is_no_key_in_an_address_names_nothing(cast: Cast, client_of, key: str) -> None:
    found = {"batch": key, "table": key}
    client = client_of(cast.manager)
    routes = ("portal:outbox-recipients", "inventory:classification-rules")

    assert [client.get(reverse(route), found).status_code for route in routes] == [404, 404]
    assert client.get(reverse("inventory:upload-items"), found).status_code == 200


# --- every list -------------------------------------------------------------------------------------


def test_every_list_page_is_registered() -> None:
    """A view that asks `page_of` is a page of the registry, and the other way round."""
    lists = {spec.url_name for spec in registry.all_lists()}
    asking = {
        name
        for name, view in named_views()
        if re.search(r"\bpage_of\(", inspect.getsource(inspect.unwrap(view)))
    }
    assert asking == {spec.url_name for spec in registry.all_lists() if spec.columns}
    assert asking <= lists


def named_views():
    for name, pattern in patterns(get_resolver().url_patterns):
        if inspect.isfunction(inspect.unwrap(pattern.callback)):
            yield name, pattern.callback


def patterns(found, space=""):
    for each in found:
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from patterns(each.url_patterns, inner)
        else:
            yield f"{space}{each.name}", each


@pytest.mark.parametrize("spec", registry.all_lists(), ids=lambda spec: spec.name)
def test_declarations_name_what_exists(spec) -> None:
    filters = set(spec.filterset.base_filters)
    keys = [column.key for column in spec.columns]
    assert len(set(keys)) == len(keys)
    assert {c.order for c in spec.columns} - {""} <= set(spec.orderings)
    assert {c.filter for c in spec.columns} - {""} <= filters
