"""Export in the national layout: heads and lists as in the template, rows, filter, rights, job."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory import vocabulary
from inventory.choices import DossierState
from inventory.exports import national
from inventory.exports.layout import write_workbook
from inventory.importing.columns import COLUMNS, GROUPS, HINT
from inventory.models import BaseListEntry, Dossier, StatusMark
from inventory.services import exports
from portal.choices import AuditAction, JobState
from portal.jobs import runner
from portal.models import AuditEntry, Job, Membership, StoredFile
from tests import factories
from tests.conftest import Cast, PageClient


def run(actor: Membership, query: str = "") -> Job:
    job = exports.ask_for_export(actor=actor, query=query)
    runner.run_due("test-worker")
    return Job.objects.get(pk=job.pk)


def rows_in(file: StoredFile) -> list[list[Any]]:
    """The rows below the head, blank cells at the ends cut off."""
    page = openpyxl.load_workbook(io.BytesIO(file.content.read()))["批量导入"]
    return [list(row) for row in page.iter_rows(min_row=4, values_only=True)]


def cells(row: list[Any]) -> dict[str, Any]:
    return {c.field: cell for c, cell in zip(COLUMNS, row, strict=True) if cell is not None}


# --- the layout -------------------------------------------------------------------------------------


def test_heads_merged_cells_and_option_sheets_are_those_of_the_template(tmp_path: Path) -> None:
    path = tmp_path / "layout.xlsx"
    assert write_workbook(path, [[1, "CN"]]) == 1
    book = openpyxl.load_workbook(path)
    page = book["批量导入"]
    assert page["A1"].value == HINT
    assert {one.words for one in GROUPS} == {c.value for c in page[2] if c.value}
    assert [c.value for c in page[3]] == [column.header or None for column in COLUMNS]
    assert sorted(map(str, page.merged_cells.ranges)) == [
        "A1:AD1", "A2:G2", "H2:J2", "K2:K3", "L2:O2", "P2:W2", "X2:X3", "Y2:Y3", "Z2:AD2",
    ]  # fmt: skip
    assert page.freeze_panes == "C4"
    assert [(sheet.title, sheet.sheet_state) for sheet in book][1:] == [
        ("专利实施化状态（含产业化）", "hidden"),
        ("转化意愿", "hidden"),
        ("技术成熟度", "hidden"),
        ("专利价值分级自评", "hidden"),
        ("意向价格", "hidden"),
        ("其他", "hidden"),
    ]
    licensed = [cell.value for cell in book["专利实施化状态（含产业化）"]["B"]]
    assert licensed == [
        "已许可", *(word for _code, word in vocabulary.STATUS_LICENSED), vocabulary.CUSTOM_LABEL
    ]  # fmt: skip
    assert [cell.value for cell in book["意向价格"]["A"]] == [w for _c, w in vocabulary.PRICE_BANDS]


def test_drop_downs_cascade_by_defined_names(tmp_path: Path) -> None:
    path = tmp_path / "layout.xlsx"
    write_workbook(path, [[1] for _ in range(100)])
    book = openpyxl.load_workbook(path)
    found = {
        str(one.sqref): (one.formula1, bool(one.showErrorMessage))
        for one in book["批量导入"].data_validations.dataValidation
    }
    assert found == {
        "K4:K103": ("其他!$D$7:$D$8", True),
        "L4:L1048576": ("'专利实施化状态（含产业化）'!$A$1:$I$1", False),
        "M4:M1048576": ("INDIRECT($L4)", False),
        "P4:P1048576": ("转化意愿!$A$1:$C$1", False),
        "Q4:Q1048576": ("INDIRECT($P4)", False),
        "U4:U103": ("意向价格!$A$1:$A$12", True),
        "X4:X103": ("技术成熟度!$A$1:$A$4", True),
        "Y4:Y103": ("专利价值分级自评!$A$2:$A$6", False),
    }
    level1 = {word for code, word in vocabulary.STATUS_LEVEL1 if code != "custom"}
    assert set(book.defined_names) == level1 | {word for _code, word in vocabulary.INTENT_LEVEL1}
    area = "'专利实施化状态（含产业化）'!$B$2:$B$13"
    assert book.defined_names["已许可"].attr_text == area


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "layout.xlsx"
    write_workbook(path, [["=1+1", "+1", "@x", "-2", 5, 2.5]])
    row = openpyxl.load_workbook(path)["批量导入"][4]
    assert [(cell.value, cell.data_type) for cell in row[:6]] == [
        ("=1+1", "s"), ("+1", "s"), ("@x", "s"), ("-2", "s"), (5, "n"), (2.5, "n"),
    ]  # fmt: skip
    assert row[0].quotePrefix


# --- the job ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_row_holds_the_register_and_the_dossier(cast: Cast) -> None:
    entry = factories.entry(cast.participation, is_filled=True, state=DossierState.DRAFT)
    StatusMark.objects.create(
        dossier=entry.dossier, position=2, level1="transferred", level2="equity", amount=Decimal(5)
    )
    file = StoredFile.objects.get(pk=run(cast.manager).result["file"])
    first, second = rows_in(file)
    own = cells(first)
    assert (own["sequence"], own["application_number"]) == (1, entry.patent.number)
    assert (own["legal_status"], own["inventors"]) == ("有效", "演示甲、演示乙")
    assert (own["org_unit"], own["contact"]) == ("演示第一大学", "13800000000")
    assert (own["status_level1"], own["status_level2"]) == ("尚未实施", "无需填写")
    assert cells(second) == {
        "status_level1": "已转让",
        "status_level2": "已作价入股",
        "status_detail": 5,
    }


@pytest.mark.django_db
def test_the_export_follows_the_filter_and_the_rights(cast: Cast) -> None:
    draft = factories.entry(cast.participation, state=DossierState.DRAFT, unit=cast.school)
    factories.entry(cast.participation, state=DossierState.COMPLETED)
    joint = factories.patent(cast.other, cast.university)
    theirs = factories.entry(cast.other_participation, joint, contact_name="秘密联系人")
    BaseListEntry.objects.create(
        campaign=cast.campaign,
        institution=cast.university,
        patent=joint,
        dossier=theirs.dossier,
        listed_on=theirs.listed_on,
        due_on=factories.due_day(cast.campaign, theirs.patent),
    )

    def exported(actor: Membership, query: str = "") -> list[str]:
        file = StoredFile.objects.get(pk=run(actor, query).result["file"])
        return [cells(row)["application_number"] for row in rows_in(file)]

    assert len(exported(cast.manager)) == 2
    assert exported(cast.manager, "state=draft") == [draft.patent.number]
    assert exported(cast.unit_manager) == [draft.patent.number]
    assert exported(cast.manager, f"q={draft.patent.title}&cursor=x&unknown=1") == [
        draft.patent.number
    ]


@pytest.mark.django_db
def test_the_file_expires_belongs_to_who_asked_and_is_in_the_trail(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    factories.entry(cast.participation)
    with django_capture_on_commit_callbacks(execute=True):
        job = run(cast.manager, "state=unfiled")
    file = StoredFile.objects.get(pk=job.result["file"])
    assert (file.purpose, file.owner, file.expires_at is not None) == (
        "export",
        cast.manager.user,
        True,
    )
    entry = AuditEntry.objects.get(action=AuditAction.EXPORT)
    assert entry.changes == {"dossiers": [None, 1], "filter": [None, "state=unfiled"]}
    assert (entry.object_id, entry.job_id) == (file.pk, job.pk)
    assert not national.spool_of(job).exists()


@pytest.mark.django_db
def test_chunks_go_on_from_what_was_committed(cast: Cast, settings: Any) -> None:
    settings.JOB_CHUNK_ROWS = 2
    for _ in range(5):
        factories.entry(cast.participation)
    job = exports.ask_for_export(actor=cast.manager, query="")
    spool = national.spool_of(job)
    spool.parent.mkdir(parents=True, exist_ok=True)
    spool.write_text("left by a killed worker\n")
    runner.run_due("test-worker")
    job.refresh_from_db()
    assert (job.state, job.result["count"]) == (JobState.DONE, 5)
    file = StoredFile.objects.get(pk=job.result["file"])
    assert [cells(row)["sequence"] for row in rows_in(file)] == [1, 2, 3, 4, 5]


@pytest.mark.django_db
def test_who_may_ask(cast: Cast, client_of: Callable[[Membership], PageClient]) -> None:
    answer = client_of(cast.manager).post("/inventory/export/?state=draft")
    job = Job.objects.get(kind="inventory.export")
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
    assert job.params == {"query": "state=draft"}
    assert client_of(cast.inventor).post("/inventory/export/").status_code == 403
    assert client_of(cast.city).post("/inventory/export/").status_code == 403
    assert client_of(cast.manager).get("/inventory/export/").status_code == 405


@pytest.mark.django_db
def test_rights_are_those_of_each_chunk(cast: Cast, settings: Any) -> None:
    """What leaves one's unit while the file is gathered is not in it, and the numbers have no gap."""
    settings.JOB_CHUNK_ROWS = 1
    for _ in range(3):
        factories.entry(cast.participation, unit=cast.school)
    job = exports.ask_for_export(actor=cast.unit_manager, query="")
    asked = iter([True])
    runner.run_next("test-worker", is_over=lambda: next(asked, False))
    job.refresh_from_db()
    assert (job.state, job.next_line, job.total) == (JobState.QUEUED, 1, 3)
    moved = Dossier.objects.order_by("priority", "pk")[1]
    Dossier.objects.filter(pk=moved.pk).update(
        unit=factories.unit(cast.university, name="演示另院")
    )
    runner.run_due("test-worker")
    job.refresh_from_db()
    assert (job.state, job.result["count"]) == (JobState.DONE, 2)
    found = [cells(row) for row in rows_in(StoredFile.objects.get(pk=job.result["file"]))]
    assert [row["sequence"] for row in found] == [1, 2]
    assert moved.patent.number not in {row["application_number"] for row in found}


@pytest.mark.django_db
def test_a_dossier_without_a_contact_names_the_default_one(cast: Cast) -> None:
    cast.participation.contact_name, cast.participation.contact_phone = "演示科技处", "010-00000000"
    cast.participation.save()
    factories.entry(cast.participation, state=DossierState.DRAFT)
    (row,) = rows_in(StoredFile.objects.get(pk=run(cast.manager).result["file"]))
    own = cells(row)
    assert (own["contact_name"], own["contact"]) == ("演示科技处", "010-00000000")


@pytest.mark.django_db
def test_a_chunk_costs_the_same_however_many_rows(cast: Cast) -> None:
    def queries(count: int) -> int:
        for _ in range(count):
            factories.entry(cast.participation, is_filled=True, state=DossierState.DRAFT)
        with CaptureQueriesContext(connection) as asked:
            run(cast.manager)
        return len(asked)

    assert queries(2) == queries(20)
