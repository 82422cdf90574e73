"""The lists of one import: rows with what they change, issues, rows taken back; narrowed, searched, paged, exported."""

from __future__ import annotations

from collections.abc import Callable

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Patent
from portal import listing
from portal.choices import ImportState
from portal.lists.export import ask_for_export
from portal.lists.intake import (
    CHANGED_CELLS,
    IMPORT_ISSUES,
    IMPORT_ROWS,
    IMPORT_UNDO,
    SHOWN_CHANGES,
    Change,
)
from portal.lists.spec import ListSpec
from portal.models import ImportBatch, Job, Membership, StoredFile
from portal.services import import_undo, imports
from tests.conftest import Cast, PageClient
from tests.inventory.importing.conftest import HEAD, confirm, fresh, run_jobs, upload
from tests.inventory.importing.test_base_import import row

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[Membership], PageClient]
Upload = Callable[..., ImportBatch]
__all__ = ["upload"]
OTHER = "演示外部大学"


@pytest.fixture
def mixed(cast: Cast, upload: Upload) -> ImportBatch:
    """Of four rows one is there, one is changed, one is new and one is refused."""
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)]))
    changed = row(2, 专利名称="一种改名的装置")
    return upload(cast.manager, [HEAD, row(1), changed, row(3), row(4, 专利权人=OTHER)])


def asked(client: PageClient, spec: ListSpec, batch: ImportBatch, **query: str) -> list[int]:
    """The lines that a list shows under a query."""
    answer = client.get(reverse(spec.url_name), {"batch": batch.pk, **query})
    assert answer.status_code == 200
    return [each.line for each in answer.context["page"].items]


def text_of(client: PageClient, spec: ListSpec, batch: ImportBatch, **query: str) -> str:
    return client.get(reverse(spec.url_name), {"batch": batch.pk, **query}).content.decode()


def test_rows_are_browsed_by_outcome_and_by_rule(
    cast: Cast, client_of: ClientOf, mixed: ImportBatch
) -> None:
    client = client_of(cast.manager)
    assert asked(client, IMPORT_ROWS, mixed) == [2, 3, 4, 5]
    by_outcome = {name: asked(client, IMPORT_ROWS, mixed, outcome=name) for name in OUTCOMES}
    assert by_outcome == {"added": [4], "changed": [3], "unchanged": [2], "refused": [5]}
    rule = mixed.issues.get(line=5, level="error").rule
    assert asked(client, IMPORT_ROWS, mixed, rule=rule) == [5]
    assert asked(client, IMPORT_ISSUES, mixed, rule=rule) == [5]
    assert asked(client, IMPORT_ISSUES, mixed, level="error") == [5]


OUTCOMES = ("added", "changed", "unchanged", "refused")


def test_a_changed_row_says_which_cell_from_what_to_what(
    cast: Cast, client_of: ClientOf, mixed: ImportBatch
) -> None:
    text = text_of(client_of(cast.manager), IMPORT_ROWS, mixed, outcome="changed")
    before, after = mixed.rows.get(line=3).changes["title"]
    assert after == "一种改名的装置"
    assert f'<del title="{before}">{before}</del>' in text
    assert f'<ins title="{after}">{after}</ins>' in text


def test_rows_are_searched_by_number_and_by_title(
    cast: Cast, client_of: ClientOf, mixed: ImportBatch
) -> None:
    client = client_of(cast.manager)
    number = mixed.rows.get(line=4).values["number"]
    assert asked(client, IMPORT_ROWS, mixed, q="改名的") == [3]
    assert asked(client, IMPORT_ROWS, mixed, q=f"CN{number[:12]}.{number[12:]}") == [4]
    assert asked(client, IMPORT_ROWS, mixed, q=f"ZL {number[:4]} {number[4:]}") == [4]
    assert asked(client, IMPORT_ROWS, mixed, q="没有这个词") == []


def test_values_of_a_file_are_text_and_no_markup(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1)]))
    evil = '<script>alert("1")</script>' + "长" * 300
    batch = upload(cast.manager, [HEAD, row(1, 专利名称=evil), row(2, 专利权人="<b>x</b>")])
    client = client_of(cast.manager)
    for spec in (IMPORT_ROWS, IMPORT_ISSUES):
        text = text_of(client, spec, batch)
        assert "<script>alert" not in text
        assert "<b>x</b>" not in text
    detail = client.get(reverse("portal:import-detail", args=[batch.pk])).content.decode()
    assert "<b>x</b>" not in detail


@pytest.mark.parametrize("spec", [IMPORT_ROWS, IMPORT_ISSUES, IMPORT_UNDO])
def test_an_import_of_others_has_no_rows(
    cast: Cast, client_of: ClientOf, mixed: ImportBatch, spec: ListSpec
) -> None:
    url = reverse(spec.url_name)
    for who in (cast.outsider, cast.city):
        assert client_of(who).get(url, {"batch": mixed.pk}).status_code == 404
        assert client_of(who).get(url, {"batch": mixed.pk + 1000}).status_code == 404
        job = ask_for_export(
            list_name=spec.name,
            query=f"batch={mixed.pk}",
            file_format="csv",
            has_all_columns=True,
            actor=who,
        )
        run_jobs()
        assert Job.objects.get(pk=job.pk).state == "failed"
    assert client_of(cast.auditor).get(url, {"batch": mixed.pk}).status_code == 200
    assert client_of(cast.inventor).get(url, {"batch": mixed.pk}).status_code == 403
    assert StoredFile.objects.filter(purpose="export").count() == 0


def test_the_rows_come_as_a_workbook(cast: Cast, mixed: ImportBatch) -> None:
    job = ask_for_export(
        list_name=IMPORT_ROWS.name,
        query=f"batch={mixed.pk}&outcome=changed",
        file_format="xlsx",
        has_all_columns=True,
        actor=cast.manager,
    )
    run_jobs()
    file = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result["file"])
    with file.content.open("rb") as content:
        sheet = openpyxl.load_workbook(content).active
        lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    assert len(lines) == 2
    assert lines[1][0] == 3
    assert "一种改名的装置" in str(lines[1])
    assert "patents" in file.name


@pytest.mark.parametrize("spec", [IMPORT_ROWS, IMPORT_ISSUES])
def test_pages_go_on_by_key_in_a_constant_number_of_queries(
    cast: Cast, client_of: ClientOf, upload: Upload, monkeypatch, spec: ListSpec
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 10)
    client = client_of(cast.manager)
    costs, seen = set(), []
    for count in (12, 45):
        bad = [row(serial, 专利权人=OTHER) for serial in range(count)]
        batch = upload(cast.manager, [HEAD, *bad])
        seen, cursor = [], ""
        while True:
            query = {"batch": batch.pk, **({"cursor": cursor} if cursor else {})}
            with CaptureQueriesContext(connection) as queries:
                page = client.get(reverse(spec.url_name), query).context["page"]
            seen += [each.line for each in page.items]
            if cursor:
                costs.add(len(queries))
            cursor = page.next_cursor
            if not cursor:
                break
        errors = batch.issues if spec is IMPORT_ISSUES else batch.rows
        assert sorted(seen) == sorted(errors.values_list("line", flat=True))
    assert len(costs) == 1, costs


def test_what_became_of_rows_taken_back_is_a_list(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = confirm(cast.manager, upload(cast.manager, [HEAD, row(1), row(2)]))
    touched = batch.rows.get(line=3)
    Patent.objects.filter(pk=touched.target_id).update(version=99)
    client = client_of(cast.manager)
    assert asked(client, IMPORT_UNDO, batch) == [3]

    import_undo.take_back(
        actor=cast.manager, batch=fresh(batch), seen_version=batch.version, reason="wrong year"
    )
    run_jobs()
    batch = fresh(batch)

    assert batch.state == ImportState.TAKEN_BACK
    assert asked(client, IMPORT_UNDO, batch) == [2, 3]
    stayed = batch.rows.get(line=3)
    assert asked(client, IMPORT_UNDO, batch, undone=stayed.undo_outcome) == [3]
    assert stayed.undo_note in text_of(client, IMPORT_UNDO, batch)
    page = client.get(reverse("portal:import-undo", args=[batch.pk])).content.decode()
    assert stayed.undo_note in page
    narrowed = client.get(
        reverse("portal:import-undo", args=[batch.pk]), {"undone": "taken_back"}
    ).context["page"]
    assert [each.line for each in narrowed.items] == [2]


def test_the_overview_says_the_consequences_in_one_sentence_and_every_number_opens(
    cast: Cast, client_of: ClientOf, mixed: ImportBatch
) -> None:
    client = client_of(cast.manager)
    url = reverse("portal:import-detail", args=[mixed.pk])
    answer = client.get(url)
    context, text = answer.context, answer.content.decode()

    assert context["sentence"] in text
    assert context["sentence"].count("1") == 4
    for item in context["consequences"]:
        if item.get("url"):
            assert len(client.get(item["url"]).context["page"].items) == item["count"]
    for rule in context["rules"]:
        assert len(client.get(rule["url"]).context["page"].items) == rule["count"]
        assert rule["text"]


def test_columns_that_nobody_knows_are_named(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, [[*HEAD, "内部标记"], [*row(1), "甲"]])
    fields = {str(one["index"]): one["field"] for one in batch.columns}
    imports.map_columns(actor=cast.manager, batch=batch, seen_version=batch.version, fields=fields)
    run_jobs()

    answer = client_of(cast.manager).get(reverse("portal:import-detail", args=[batch.pk]))

    assert answer.context["unknown"] == ["I 内部标记"]
    assert "I 内部标记" in answer.content.decode()


def test_a_discarded_upload_says_that_its_rows_are_gone(
    cast: Cast, client_of: ClientOf, mixed: ImportBatch
) -> None:
    imports.discard(actor=cast.manager, batch=mixed, seen_version=mixed.version)
    assert asked(client_of(cast.manager), IMPORT_ROWS, mixed) == []


def test_without_an_import_the_lists_are_empty(cast: Cast, client_of: ClientOf, mixed) -> None:
    for spec in (IMPORT_ROWS, IMPORT_ISSUES, IMPORT_UNDO):
        for query in ({}, {"batch": ""}):
            answer = client_of(cast.manager).get(reverse(spec.url_name), query)
            assert (answer.status_code, answer.context["page"].items) == (200, [])


# --- at the size of a real list ---------------------------------------------------------------------------


def fill(batch: ImportBatch, first: int, last: int) -> None:
    """Rows first…last of an upload, every tenth refused with an error, every third with a notice."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO portal_importrow (batch_id, line, key, raw, "values", outcome, changes, is_applied)
            SELECT %s, n, '2017' || n, '[]', jsonb_build_object('number', '2017' || n, 'title', '一种装置' || n),
                CASE n %% 10 WHEN 0 THEN 'refused' WHEN 1 THEN 'changed' ELSE 'added' END, '{}', false
            FROM generate_series(%s, %s) AS n
            """,
            [batch.pk, first, last],
        )
        cursor.execute(
            """
            INSERT INTO portal_importissue (batch_id, line, "column", header, level, rule, value, params)
            SELECT %s, n, 'B', '', CASE n %% 10 WHEN 0 THEN 'error' ELSE 'notice' END,
                CASE n %% 10 WHEN 0 THEN 'date' ELSE 'url' END, 'x', '{}'
            FROM generate_series(%s, %s) AS n WHERE n %% 10 = 0 OR n %% 3 = 0
            """,
            [batch.pk, first, last],
        )
        cursor.execute("ANALYZE portal_importrow, portal_importissue")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"outcome": "changed"},
        {"rule": "url"},
        {"q": "装置77"},
        {"q": "201777"},
        {"order": "-line"},
        {"q": "没有这个词"},
    ],
    ids=str,
)
@pytest.mark.parametrize("spec", [IMPORT_ROWS, IMPORT_ISSUES])
def test_twenty_thousand_rows_cost_no_more_queries_than_a_hundred(
    cast: Cast, client_of: ClientOf, upload: Upload, spec: ListSpec, query: dict[str, str]
) -> None:
    client = client_of(cast.manager)
    batch = upload(cast.manager, [HEAD, row(1)])
    query = {
        name: value for name, value in query.items() if spec is IMPORT_ROWS or name != "outcome"
    }
    fill(batch, 3, 300)
    asked(client, spec, batch, **query)
    with CaptureQueriesContext(connection) as few:
        asked(client, spec, batch, **query)
    fill(batch, 301, 20_000)
    with CaptureQueriesContext(connection) as many:
        found = asked(client, spec, batch, **query)

    # where there are more rows than are collected: what counting costs, the count, and the walk along the order
    assert len(many) <= len(few) + 3
    assert len(found) == 0 if query.get("q") == "没有这个词" else len(found) > 40


def test_number_and_name_are_called_what_the_kind_calls_them(
    cast: Cast, client_of: ClientOf, mixed: ImportBatch, upload: Upload
) -> None:
    persons = upload(cast.manager, [["姓名", "工号"], ["演示甲", "1001"]])
    client = client_of(cast.manager)
    for batch, heads in ((mixed, ["申请号", "专利名称"]), (persons, ["工号", "姓名"])):
        for spec in (IMPORT_ROWS, IMPORT_ISSUES, IMPORT_UNDO):
            query = {"batch": batch.pk}
            columns = client.get(reverse(spec.url_name), query).context["page"].question.columns
            named = [str(one.label) for one in columns if one.key in ("number", "name")]
            assert named == heads, spec.name
    job = ask_for_export(
        list_name=IMPORT_ROWS.name,
        query=f"batch={persons.pk}",
        file_format="xlsx",
        has_all_columns=True,
        actor=cast.manager,
    )
    run_jobs()
    made = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result["file"])
    with made.content.open("rb") as content:
        rows = list(openpyxl.load_workbook(content).active.iter_rows(values_only=True))
    assert any({"工号", "姓名"} <= set(cells) for cells in rows)


def test_long_values_show_where_they_part(cast: Cast, client_of: ClientOf, upload: Upload) -> None:
    same = "一种用于极端工况条件下多场耦合分析的高温压力试验夹具及其使用方法与制备工艺和应用"
    confirm(cast.manager, upload(cast.manager, [HEAD, row(1, 专利名称=f"{same}甲版")]))
    batch = upload(cast.manager, [HEAD, row(1, 专利名称=f"{same}乙版")])
    text = text_of(client_of(cast.manager), IMPORT_ROWS, batch)
    start = f"…{same[-8:]}"
    assert f">{start}甲版</del>" in text
    assert f">{start}乙版</ins>" in text


def test_many_changes_open_with_a_click() -> None:
    changes = [Change(f"项{at}", "", f"值{at}") for at in range(SHOWN_CHANGES + 1)]
    assert "<details" not in CHANGED_CELLS.show(changes)
    text = CHANGED_CELLS.show([*changes, Change("末项", "", "末值")])
    seen, _, folded = text.partition("<details")
    assert (f"值{SHOWN_CHANGES - 1}<" in seen, f"值{SHOWN_CHANGES}<" in seen) == (True, False)
    assert "末值" in folded


def test_a_number_that_cannot_be_read_stands_as_the_file_has_it(
    cast: Cast, client_of: ClientOf, upload: Upload
) -> None:
    batch = upload(cast.manager, [HEAD, row(1), row(2), row(3, 申请号="CN201719000003.9")])
    query = {"batch": batch.pk, "outcome": "refused"}
    page = client_of(cast.manager).get(reverse("portal:import-rows"), query)
    assert [shown.number for shown in page.context["page"].rows] == ["CN201719000003.9"]
