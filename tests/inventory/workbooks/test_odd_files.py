"""What people do to a workbook before it comes back: sort, delete, paste, rename; and what forgers do."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from inventory.choices import DossierState
from inventory.importing.columns import COLUMNS, FIRST_DATA_ROW, PLACES
from inventory.importing.workbook_keys import GUIDE_SHEET, ForgedKey, RowKey, read_key
from inventory.models import Dossier, WorkbookBase
from inventory.services.dossiers import save_dossier
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import confirm
from tests.inventory.importing.test_national_round_trip import varied
from tests.inventory.workbooks.conftest import Sheet
from tests.inventory.workbooks.test_round_trip import Made, Upload, filled, outcomes, rules

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS = [7, 20240911]
#: Column and what a person writes into it.
EDITS: dict[str, tuple[str, Sequence[Any]]] = {
    "combination_name": ("H", ["新组合"]),
    "combination_note": ("J", ["新描述"]),
    "is_publicly_funded": ("K", ["是"]),
    "partner_cities": ("S", ["广东省-深圳市", "江苏省-苏州市，浙江省-杭州市"]),
    "partner_firms": ("T", ["演示丙公司", "演示丁公司，演示戊公司"]),
    "price_band": ("U", ["具体面议", "100万以上"]),
    "contact_name": ("V", ["新联系人"]),
    "maturity": ("X", ["批量生产、成熟应用阶段"]),
    "stars": ("Y", ["四星", "五星", "４星"]),
    "advantages": ("Z", ["新的优势"]),
    "industry": ("AA", ["建筑业", "信息传输、软件和信息技术服务业"]),
    "prospects": ("AB", ["新的前景"]),
    "strategic_codes": ("AC", ["3.1", "新材料产业-前沿新材料；1.5"]),
}


def rewritten(sheet: Sheet, rows: list[list[Any]], name: str = "rewritten.xlsx") -> Path:
    """The same cells as values in a new book, as after pasting them or saving them with another program."""
    path = sheet.path.with_name(name)
    # not with openpyxl: it takes text that begins with = for a formula
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    page = book.add_worksheet("我的表")
    for line, row in enumerate(rows):
        page.write_row(line, 0, row)
    book.close()
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_exactly_the_edited_cells_change(cast: Cast, made: Made, upload: Upload, seed: int) -> None:
    rng = random.Random(seed)
    dossiers = filled(cast, 6, contact_name="演示联系人", contact_phone="13800000000",
                      uses_default_contact=False)  # fmt: skip
    sheet = made(cast.manager, unit=cast.school.pk)
    wanted: dict[str, set[str]] = {}
    for _ in range(rng.randint(3, 9)):
        dossier, field = rng.choice(dossiers), rng.choice(list(EDITS))
        letter, words = EDITS[field]
        sheet.put(dossier, letter, rng.choice(words))
        wanted.setdefault(dossier.patent.number, set()).add(COLUMNS[PLACES[letter]].field)
    rows = sheet.rows()
    body = rows[FIRST_DATA_ROW - 1 :]
    rng.shuffle(body)
    batch = upload(cast.manager, rewritten(sheet, rows[: FIRST_DATA_ROW - 1] + body))
    assert rules(batch) == []
    changed = {
        row.values["number"]: set(row.changes) for row in batch.rows.filter(outcome="changed")
    }
    assert changed == wanted
    confirm(cast.manager, batch)
    again = upload(cast.manager, rewritten(sheet, rows, "again.xlsx"))
    assert (set(outcomes(again)), rules(again)) == ({"unchanged"}, [])


@pytest.mark.parametrize("seed", SEEDS)
def test_sorted_rows_find_the_patent_they_belong_to(
    cast: Cast, made: Made, upload: Upload, seed: int
) -> None:
    count = len(varied(cast))
    Dossier.objects.update(unit=cast.school)
    sheet = made(cast.manager, unit=cast.school.pk)
    rows = sheet.rows()
    head, body = rows[: FIRST_DATA_ROW - 1], rows[FIRST_DATA_ROW - 1 :]
    assert len(body) > count, "no rows for further statuses"
    random.Random(seed).shuffle(body)
    batch = upload(cast.manager, rewritten(sheet, head + body))
    assert (outcomes(batch), rules(batch)) == (["unchanged"] * count, [])


def test_a_status_added_below_and_one_taken_out(cast: Cast, made: Made, upload: Upload) -> None:
    (dossier,) = filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    line = sheet.line_of(dossier)
    sheet.page.insert_rows(line + 1)
    sheet.page[f"L{line + 1}"], sheet.page[f"M{line + 1}"] = "即将放弃专利权", "年费过高"
    confirm(cast.manager, upload(cast.manager, sheet.save()))
    assert list(dossier.status_marks.values_list("level1", flat=True)) == [
        "not_implemented",
        "abandoning",
    ]
    again = made(cast.manager, "again.xlsx", unit=cast.school.pk)
    for letter in "LM":
        again.page[f"{letter}{line + 1}"] = None
    confirm(cast.manager, upload(cast.manager, again.save("back2.xlsx")))
    assert list(dossier.status_marks.values_list("level1", flat=True)) == ["not_implemented"]


def test_every_answer_column_may_be_deleted(cast: Cast, made: Made, upload: Upload) -> None:
    varied(cast)
    Dossier.objects.update(unit=cast.school)
    sheet = made(cast.manager, unit=cast.school.pk)
    rows = sheet.rows()
    for place in range(PLACES["H"], PLACES["AD"] + 1):
        less = [row[:place] + row[place + 1 :] for row in rows]
        batch = upload(cast.manager, rewritten(sheet, less))
        assert (set(outcomes(batch)), rules(batch)) == ({"unchanged"}, []), COLUMNS[place]


def test_another_sheet_name_and_full_width_digits(cast: Cast, made: Made, upload: Upload) -> None:
    first, second = filled(cast, 2)
    sheet = made(cast.manager, unit=cast.school.pk)
    sheet.put(first, "R", "２０")
    del sheet.book[GUIDE_SHEET]
    sheet.page.title = "材料学院 9月"
    path = sheet.path.with_name("renamed.xlsx")
    sheet.book.save(path)
    batch = upload(cast.manager, path)
    assert (batch.sheet, rules(batch)) == ("材料学院 9月", [])
    assert sorted(outcomes(batch)) == ["changed", "unchanged"]
    assert second.version == Dossier.objects.get(pk=second.pk).version


def test_without_hidden_columns_it_is_a_template_and_this_is_said(
    cast: Cast, made: Made, upload: Upload
) -> None:
    (dossier,) = filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    sheet.put(dossier, "Y", "四星")
    sheet.page.delete_cols(len(COLUMNS) + 1, 3)
    batch = upload(cast.manager, sheet.save())
    assert (outcomes(batch), rules(batch, "notice")) == (["changed"], ["keys_missing"])


def test_a_row_of_another_unit_is_refused_by_name(cast: Cast, made: Made, upload: Upload) -> None:
    filled(cast)
    other = factories.unit(cast.university, name="演示物理学院")
    factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True, unit=other)
    sheet = made(cast.manager, unit=other.pk)
    batch = upload(cast.unit_manager, sheet.path)
    assert (outcomes(batch), rules(batch)) == (["refused"], ["other_unit"])
    assert batch.issues.get(level="error").params["unit"] == "演示物理学院"


def test_a_row_of_another_institution_is_refused_and_names_nobody(
    cast: Cast, made: Made, upload: Upload
) -> None:
    entry = factories.entry(cast.other_participation, state=DossierState.DRAFT, is_filled=True)
    sheet = made(cast.outsider)
    batch = upload(cast.manager, sheet.path)
    assert rules(batch) == ["key_foreign"]
    issue = batch.issues.get(rule="key_foreign")
    assert cast.other.name not in str(issue.params)
    assert entry.dossier.pk not in batch.rows.values_list("target_id", flat=True)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_key_is_refused(cast: Cast, made: Made, upload: Upload, place: int) -> None:
    (dossier,) = filled(cast)
    sheet = made(cast.manager, unit=cast.school.pk)
    cell = sheet.page.cell(sheet.line_of(dossier), len(COLUMNS) + 1 + place)
    wrong = {0: cell.value[:-1] + ("a" if cell.value[-1] != "a" else "b"), 1: "99", 2: "0" * 32}
    cell.value = wrong[place]
    sheet.put(dossier, "Y", "四星")
    batch = upload(cast.manager, sheet.save())
    assert (outcomes(batch), rules(batch)) == (["refused"], ["key_forged"])


def test_columns_sorted_apart_are_noticed(cast: Cast, made: Made, upload: Upload) -> None:
    first, second = filled(cast, 2)
    sheet = made(cast.manager, unit=cast.school.pk)
    numbers = [sheet.line_of(first), sheet.line_of(second)]
    for letter in "BC":
        cells = [sheet.page[f"{letter}{line}"] for line in numbers]
        cells[0].value, cells[1].value = cells[1].value, cells[0].value
    batch = upload(cast.manager, sheet.save())
    assert rules(batch) == ["key_other_patent"] * 2


def test_an_unknown_base_is_asked_about_only_where_the_version_moved(
    cast: Cast, made: Made, upload: Upload
) -> None:
    still, moved = filled(cast, 2)
    sheet = made(cast.manager, unit=cast.school.pk)
    for dossier in (still, moved):
        sheet.put(dossier, "Y", "四星")
    save_dossier(dossier_id=moved.pk, seen_version=moved.version,
                 values={"prospects": "门户里写的"}, actor=cast.unit_manager)  # fmt: skip
    WorkbookBase.objects.all().delete()
    batch = upload(cast.manager, sheet.save())
    by_number = dict(batch.rows.values_list("target_id", "outcome"))
    assert by_number == {still.pk: "changed", moved.pk: "refused"}
    assert rules(batch) == ["conflict", "conflict"]


def test_a_key_is_read_in_any_width_and_only_with_its_own_cells() -> None:
    key = RowKey(3, 45, 1, 7, "ab" * 16)
    text, version, digest = key.cells()
    assert read_key(text, "７", f" {digest} ") == key
    for forged in ((text, "8", digest), (text, version, "cd" * 16), ("3-46-1-x", version, digest),
                   ("", version, digest), ("3-45", version, digest)):  # fmt: skip
        with pytest.raises(ForgedKey):
            read_key(*forged)
