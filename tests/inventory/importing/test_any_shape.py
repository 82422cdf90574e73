"""Whatever people and programs do to a file on its way, it says the same: shuffled, cut, typed otherwise, edited.

Drawn from seeds: three in the suite, more in the long runs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from inventory.choices import DossierState
from inventory.importing.columns import COLUMNS, FIRST_DATA_ROW, PLACES
from inventory.models import BaseListEntry, Dossier, Patent
from inventory.services import exports
from portal.choices import ImportState
from portal.models import ImportBatch, Job, StoredFile
from tests import factories
from tests.conftest import Cast
from tests.inventory.importing.conftest import HEAD, confirm, run_jobs
from tests.inventory.importing.test_base_import import row
from tests.inventory.importing.test_imports_taken_back import take_back
from tests.inventory.importing.test_national_round_trip import varied
from tests.inventory.workbooks.test_odd_files import EDITS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Upload = Callable[..., ImportBatch]
Sheet = list[list[Any]]
SEEDS = [
    *range(3),
    *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 30)),
]
SERIAL_OF = date(1899, 12, 30)
WIDE = str.maketrans("0123456789.-/X", "０１２３４５６７８９．－／Ｘ")


def written(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """These cells as values in a book of their own; text stays text, days get a date format."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    day = book.add_format({"num_format": "yyyy/m/d"})
    page = book.add_worksheet("表")
    for line, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime | date):
                page.write_datetime(line, column, cell, day)
            elif cell is not None:
                page.write(line, column, cell)
    book.close()
    return path


# --- base lists ---------------------------------------------------------------------------------------


def register() -> dict[str, Any]:
    """What the register and the lists say of every patent, by its number."""
    listed = dict(BaseListEntry.objects.values_list("patent", "dossier__unit__name"))
    return {
        one.application_number: (
            one.title, one.kind, one.filed_on, one.granted_on, one.publication_number, one.simple_status,
            one.expires_on, one.next_fee_on, one.search_key,
            [(holder.name, holder.organisation_id) for holder in one.holders.all()],
            [inventor.name for inventor in one.inventors.all()],
            listed.get(one.pk, "not listed"),
        )
        for one in Patent.objects.prefetch_related("holders", "inventors")
    }  # fmt: skip


def as_typed(rng: random.Random, day: date) -> Any:
    """A day as people, Excel, WPS and vendors write it."""
    y, m, d = day.year, day.month, day.day
    serial = (day - SERIAL_OF).days
    return rng.choice([
        day, serial, str(serial), f"{serial}.0", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}-{m:02}-{d:02}",
        f"{y}{m:02}{d:02}", f"{y}年{m}月{d}日", f"{y}-{m:02}-{d:02} 00:00:00", f" {y}/{m:02}/{d:02}\t",
        f"{y}-{m:02}-{d:02}".translate(WIDE), f"{y}/{m}/{d}".translate(WIDE),
    ])  # fmt: skip


def number_as_typed(rng: random.Random, shown: str) -> str:
    """An application number as it is found in lists: with and without CN, ZL, point and blanks, in any width."""
    plain = shown.removeprefix("CN")
    return rng.choice([
        shown, plain, plain.replace(".", ""), f"ZL{plain}", f"ZL {plain[:4]} {plain[4:5]} {plain[5:]}", f"{shown}\t",
        f"{plain}".translate(WIDE), f"cn{plain.lower()}", f" {plain}　",
    ])  # fmt: skip


def list_of(cast: Cast, rng: random.Random, count: int) -> list[dict[str, Any]]:
    rows = []
    for serial in range(count):
        values = dict(zip(HEAD, row(serial), strict=True))
        values["申请日"] = date(2017, 3, 1 + serial % 28)
        # a Tuesday, as grants are announced
        values["授权公告日"] = date(2019, 6, 4) + timedelta(weeks=serial)
        values["发明人"] = ";".join(rng.sample(["演示甲", "演示乙", "演示丙"], rng.randint(1, 3)))
        values["专利权人"] = rng.choice(["演示第一大学", "演示第一大学;演示外部大学"])
        rows.append(values | {"所属学院": rng.choice(["", cast.school.name])})
    return rows


def sheet_of(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> Sheet:
    return [list(names), *([one[name] for name in names] for one in rows)]


def retyped(rng: random.Random, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows in another order, each cell in another spelling."""
    found = [
        {
            **one,
            "申请号": number_as_typed(rng, one["申请号"]),
            "申请日": as_typed(rng, one["申请日"]),
            "授权公告日": as_typed(rng, one["授权公告日"]),
            "发明人": one["发明人"].replace(";", rng.choice([";", " ; ", "；", "、", " | "])),
            "专利名称": rng.choice([one["专利名称"], f" {one['专利名称']}\n"]),
        }
        for one in rows
    ]
    rng.shuffle(found)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_says_the_same_however_it_is_typed(
    cast: Cast, upload: Upload, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    rows = list_of(cast, rng, 12)
    names = [*HEAD, "所属学院"]
    options = {"campaign": str(cast.campaign.pk)}
    plain = upload(
        cast.manager, written(tmp_path / "a.xlsx", sheet_of(rows, names)), options=options
    )
    plain = confirm(cast.manager, plain)
    assert plain.counts["added"] == 12
    wanted = register()
    take_back(cast.manager, plain)
    assert register() == {}

    rng.shuffle(names)
    other = written(tmp_path / "b.xlsx", sheet_of(retyped(rng, rows), names))
    other = confirm(cast.manager, upload(cast.manager, other, options=options))
    assert (other.state, other.counts["added"], other.counts["issues"]) == (
        ImportState.APPLIED,
        12,
        0,
    )
    assert register() == wanted

    # and once it is there, the same with columns left out changes nothing
    kept = [name for name in names if name in ("申请号", "专利名称") or rng.random() < 0.6]
    less = written(tmp_path / "c.xlsx", sheet_of(retyped(rng, rows), kept))
    less = upload(cast.manager, less, options=options)
    assert (less.state, less.counts["unchanged"]) == (ImportState.PREVIEW, 12), list(
        less.rows.exclude(outcome="unchanged").values_list("changes", flat=True)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_exactly_the_edited_cells_of_a_list_change(
    cast: Cast, upload: Upload, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    rows = list_of(cast, rng, 10)
    names = list(HEAD)
    confirm(cast.manager, upload(cast.manager, written(tmp_path / "a.xlsx", sheet_of(rows, names))))
    edits: dict[str, Callable[[], Any]] = {
        "专利名称": lambda: f"一种改名装置{rng.random()}",
        "授权公告日": lambda: date(2020, 1, 7) + timedelta(weeks=rng.randint(0, 40)),
        "公开（公告）号": lambda: f"CN{108_000_000 + rng.randint(1, 999_999)}B",
        "发明人": lambda: f"演示{rng.choice('丁戊己庚')}",
    }
    fields = {"专利名称": "title", "授权公告日": "granted_on", "公开（公告）号": "publication_number",
              "发明人": "inventors"}  # fmt: skip
    wanted: dict[int, set[str]] = {}
    for _edit in range(rng.randint(1, 12)):
        at, name = rng.randrange(len(rows)), rng.choice(list(edits))
        rows[at][name] = edits[name]()
        wanted.setdefault(at + 2, set()).add(fields[name])
    batch = upload(cast.manager, written(tmp_path / "b.xlsx", sheet_of(rows, names)))
    changed = {one.line: set(one.changes) for one in batch.rows.filter(outcome="changed")}
    assert changed == wanted
    before = {key: list(value) for key, value in register().items()}
    confirm(cast.manager, batch)
    after = {key: list(value) for key, value in register().items()}
    assert sum(before[key] != after[key] for key in before) == len(wanted)


# --- the national template -------------------------------------------------------------------------------


def exported(cast: Cast, folder: Path, name: str) -> Sheet:
    """The template as the portal hands it out now, as text cells."""
    job = exports.ask_for_export(actor=cast.manager, query="")
    run_jobs()
    file = StoredFile.objects.get(pk=Job.objects.get(pk=job.pk).result["file"])
    with file.content.open() as content:
        page = openpyxl.load_workbook(content).worksheets[0]
        return [[cell.value for cell in line] for line in page.iter_rows()]


def blocks(body: Sheet) -> list[Sheet]:
    """Each patent with the rows that continue it."""
    found: list[Sheet] = []
    for line in body:
        if line[PLACES["B"]] or not found:
            found.append([])
        found[-1].append(line)
    return found


def template_world(cast: Cast, rng: random.Random) -> int:
    varied(cast)
    for _number in range(6):
        factories.entry(
            cast.participation, state=DossierState.DRAFT, is_filled=True, unit=cast.school
        )
    return Dossier.objects.count()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_template_says_the_same_shuffled_cut_and_in_full_width(
    cast: Cast, upload: Upload, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    count = template_world(cast, rng)
    rows = exported(cast, tmp_path, "out.xlsx")
    head, body = rows[: FIRST_DATA_ROW - 1], blocks(rows[FIRST_DATA_ROW - 1 :])
    rng.shuffle(body)
    lines = [list(line) for block in body for line in block]
    for line in lines:
        for letter in ("B", "N", "R", "W"):
            cell = line[PLACES[letter]]
            if isinstance(cell, int | float):
                line[PLACES[letter]] = str(cell).translate(WIDE)
            elif cell and rng.random() < 0.5:
                line[PLACES[letter]] = cell.translate(WIDE)
    # columns that hang together (levels, contact) leave together; number and unit are asked for
    groups = [
        "H",
        "I",
        "J",
        "K",
        "LMNO",
        "PQR",
        "S",
        "T",
        "U",
        "VW",
        "X",
        "Y",
        "Z",
        "AA",
        "AB",
        "AC",
    ]
    gone = {
        PLACES[letter]
        for group in rng.sample(groups, rng.randint(0, 6))
        for letter in ([group] if group in PLACES else list(group))
    }
    sheet = [[cell for at, cell in enumerate(line) if at not in gone] for line in [*head, *lines]]
    before = list(Dossier.objects.order_by("pk").values())
    batch = upload(cast.manager, written(tmp_path / "back.xlsx", sheet), kind="national")
    assert (batch.state, batch.counts["unchanged"]) == (ImportState.PREVIEW, count), (
        gone,
        list(batch.issues.values_list("rule", "value")),
        list(batch.rows.exclude(outcome="unchanged").values_list("changes", flat=True)),
    )
    assert list(Dossier.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("seed", SEEDS)
def test_exactly_the_edited_cells_of_a_template_change(
    cast: Cast, upload: Upload, tmp_path: Path, seed: int
) -> None:
    """Out, edited, in, and out again: the second file differs from the first in these cells alone."""
    rng = random.Random(seed)
    template_world(cast, rng)
    rows = exported(cast, tmp_path, "out.xlsx")
    editable = {
        one.patent.number
        for one in Dossier.objects.filter(state=DossierState.DRAFT, stars__gt=0).select_related(
            "patent"
        )
    }
    lines = [at for at, line in enumerate(rows) if line[PLACES["B"]] in editable]
    edited: dict[tuple[int, int], Any] = {}
    for _edit in range(rng.randint(1, 15)):
        letter, words = EDITS[rng.choice(list(EDITS))]
        edited[rng.choice(lines), PLACES[letter]] = rng.choice(words)
    sheet = [
        [edited.get((at, column), cell) for column, cell in enumerate(line)]
        for at, line in enumerate(rows)
    ]
    batch = upload(cast.manager, written(tmp_path / "back.xlsx", sheet), kind="national")
    assert batch.counts["refused"] == 0, list(batch.issues.values_list("rule", "value"))
    same = {place for place, cell in edited.items() if rows[place[0]][place[1]] == cell}
    wanted: dict[int, set[str]] = {}
    for at, column in edited.keys() - same:
        wanted.setdefault(at + 1, set()).add(COLUMNS[column].field)
    changed = {one.line: set(one.changes) for one in batch.rows.filter(outcome="changed")}
    assert changed == wanted
    confirm(cast.manager, batch)
    again = exported(cast, tmp_path, "again.xlsx")
    assert len(again) == len(rows)
    differs = {
        (at, column)
        for at, (one, other) in enumerate(zip(rows, again, strict=True))
        for column, (was, now) in enumerate(zip(one, other, strict=True))
        if was != now
    }
    assert differs == set(edited) - same
