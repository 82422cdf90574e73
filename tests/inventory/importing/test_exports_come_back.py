"""What the portal exports and WPS saves comes back as no change, whatever WPS did to it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inventory.choices import DossierState
from inventory.exports.layout import write_workbook
from inventory.importing.columns import COLUMNS, FIRST_DATA_ROW, PLACES, SHEET
from inventory.models import Dossier, Patent
from inventory.services import exports
from portal.choices import JobState, StaffCategory
from portal.lists.export import ask_for_export
from portal.models import ImportBatch, Job, Membership, StaffMember, StoredFile
from portal.staff_table import write_staff
from tests import factories, workbooks, wps
from tests.conftest import Cast
from tests.inventory.importing.conftest import run_jobs
from tests.inventory.importing.test_national_round_trip import varied
from tests.inventory.workbooks.conftest import Sheet, made
from tests.inventory.workbooks.test_odd_files import EDITS
from tests.inventory.workbooks.test_round_trip import filled

pytestmark = pytest.mark.django_db(transaction=True)
Upload = Callable[..., ImportBatch]
__all__ = ["made"]
SEEDS = [3, 20241130]


def file_of(job: Job, folder: Path, name: str = "export.xlsx") -> Path:
    """The file a job made, under a name of its own."""
    run_jobs()
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    kept = StoredFile.objects.get(pk=job.result["file"])
    path = folder / name
    path.write_bytes(Path(kept.content.path).read_bytes())
    return path


def national(cast: Cast, folder: Path) -> Path:
    return file_of(exports.ask_for_export(actor=cast.manager, query=""), folder)


def listed(actor: Membership, name: str, folder: Path, file_format: str = "xlsx") -> Path:
    job = ask_for_export(
        list_name=name, query="", file_format=file_format, has_all_columns=True, actor=actor
    )
    return file_of(job, folder, f"list.{file_format}")


def rows(path: Path) -> list[list[Any]]:
    page = openpyxl.load_workbook(path).worksheets[0]
    return [list(row) for row in page.iter_rows(values_only=True)]


def assert_unchanged(batch: ImportBatch, kind: str, count: int) -> None:
    assert (batch.kind, batch.state, batch.problem) == (kind, "preview", "")
    assert list(batch.issues.filter(level="error").values_list("rule", "params")) == []
    assert list(batch.rows.values_list("outcome", flat=True)) == ["unchanged"] * count


# --- the national template --------------------------------------------------------------------------


@pytest.mark.parametrize("habit", wps.HABITS)
def test_the_national_layout(cast: Cast, upload: Upload, tmp_path: Path, habit: str) -> None:
    count = len(varied(cast))
    Dossier.objects.filter(state=DossierState.DRAFT).update(advantages="第一行\n第二行 =1+1")
    path = wps.saved_by_wps(national(cast, tmp_path), habit)
    assert_unchanged(upload(cast.manager, path), "national", count)


@pytest.mark.parametrize("habit", wps.HABITS)
def test_a_round_trip_workbook(
    cast: Cast, made: Callable[..., Sheet], upload: Upload, habit: str
) -> None:
    count = len(varied(cast))
    Dossier.objects.update(unit=cast.school)
    path = wps.saved_by_wps(made(cast.manager, unit=cast.school.pk).path, habit)
    assert_unchanged(upload(cast.manager, path), "national", count)


def test_the_national_layout_saved_as_et_and_renamed(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    count = len(varied(cast))
    # an .et of WPS holds the same stream as an .xls
    path = workbooks.xls(tmp_path / "export.xls", rows(national(cast, tmp_path)), SHEET)
    assert_unchanged(upload(cast.manager, path), "national", count)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("habit", ["share_strings", "all_at_once"])
def test_edits_of_some_cells_are_exactly_these(
    cast: Cast, upload: Upload, tmp_path: Path, seed: int, habit: str
) -> None:
    rng = random.Random(seed)
    dossiers = filled(cast, 5, contact_name="演示联系人", contact_phone="13800000000",
                      uses_default_contact=False)  # fmt: skip
    lines = rows(national(cast, tmp_path))
    place = {line[PLACES["B"]]: at for at, line in enumerate(lines)}
    wanted: dict[str, set[str]] = {}
    for _ in range(rng.randint(3, 9)):
        dossier, field = rng.choice(dossiers), rng.choice(list(EDITS))
        letter, words = EDITS[field]
        number = dossier.patent.number
        lines[place[number]][PLACES[letter]] = rng.choice(words)
        wanted.setdefault(number, set()).add(COLUMNS[PLACES[letter]].field)
    head, body = lines[: FIRST_DATA_ROW - 1], lines[FIRST_DATA_ROW - 1 :]
    rng.shuffle(body)
    path = rewritten(tmp_path / "edited.xlsx", [*head, *body])
    batch = upload(cast.manager, wps.saved_by_wps(path, habit))
    assert list(batch.issues.filter(level="error")) == []
    changed = batch.rows.filter(outcome="changed")
    assert {row.values["number"]: set(row.changes) for row in changed} == wanted


def rewritten(path: Path, lines: list[list[Any]]) -> Path:
    """The cells in our own writing, as the exports are."""
    write_workbook(path, lines[FIRST_DATA_ROW - 1 :])
    return path


# --- lists ------------------------------------------------------------------------------------------


def several(cast: Cast) -> int:
    """Patents on the list in several states, one with a number that ends in X, one with a formula for a title."""
    for state in DossierState:
        factories.entry(cast.participation, state=state, unit=cast.school)
    patent = Patent.objects.order_by("pk")[0]
    patent.title = "=一种+演示\n装置"
    patent.granted_on = patent.granted_on or patent.filed_on + timedelta(days=700)
    patent.save()
    return len(DossierState)


@pytest.mark.parametrize("habit", wps.HABITS)
def test_the_work_list_is_a_base_list(
    cast: Cast, upload: Upload, tmp_path: Path, habit: str
) -> None:
    count = several(cast)
    before = list(Patent.objects.order_by("pk").values())
    path = wps.saved_by_wps(listed(cast.manager, "inventory.entries", tmp_path), habit)
    batch = upload(cast.manager, path, options={"campaign": str(cast.campaign.pk)})
    assert_unchanged(batch, "base", count)
    assert list(Patent.objects.order_by("pk").values()) == before


def test_the_work_list_as_csv(cast: Cast, upload: Upload, tmp_path: Path) -> None:
    count = several(cast)
    path = listed(cast.manager, "inventory.entries", tmp_path, "csv")
    batch = upload(cast.manager, path, options={"campaign": str(cast.campaign.pk)})
    assert_unchanged(batch, "base", count)


def people(cast: Cast) -> int:
    for place, category in enumerate(StaffCategory):
        StaffMember.objects.create(
            organisation=cast.university,
            name=f"演示{'甲乙丙丁戊己庚'[place]}",
            staff_number=f"00{place}",
            unit=cast.school,
            title="教授",
            category=category,
            phone="13800001234",
            email="person@example.edu.cn",
        )
    return len(StaffCategory)


@pytest.mark.parametrize("habit", wps.HABITS)
def test_the_personnel_list(cast: Cast, upload: Upload, tmp_path: Path, habit: str) -> None:
    count = people(cast)
    path = tmp_path / "staff.xlsx"
    write_staff(path, cast.manager)
    assert_unchanged(upload(cast.manager, wps.saved_by_wps(path, habit)), "personnel", count)


def test_the_page_of_the_personnel_list_with_masked_contacts(
    cast: Cast, upload: Upload, tmp_path: Path
) -> None:
    count = people(cast)
    batch = upload(cast.manager, listed(cast.manager, "portal.staff", tmp_path))
    assert_unchanged(batch, "personnel", count)
    assert batch.issues.filter(rule="masked").count() == count
