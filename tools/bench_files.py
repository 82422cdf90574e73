"""The files that the intake is measured with: a base list and a filled national template for the same patents."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from inventory import numbers
from inventory.demo import filling, texts
from inventory.demo.words import FIELDS, Field
from inventory.demo.workbooks import rows_of, write_head
from inventory.importing.columns import FIRST_DATA_ROW, SHEET
from portal.demo.city import Person
from portal.demo.names import person_name

LIST_HEADS = (
    "申请号", "专利名称", "专利类型", "申请日", "授权公告日", "专利权人", "发明人", "IPC分类号", "法律状态",
)  # fmt: skip
#: serials of patents that no demonstration city contains
FIRST_SERIAL = 5_000_001
_PER_YEAR = 40_000
_NOBODY = Person(0, 0, "")


@dataclass(frozen=True)
class Made:
    """An invention that is in no register; the names are those that inventory.demo.filling asks for."""

    number: str
    title: str
    field: Field
    filed_on: date
    granted_on: date
    people: tuple[str, ...]
    kind: str = "invention"

    @property
    def responsible(self) -> Person:
        """Nobody in particular: the template does not say who."""
        return _NOBODY

    @property
    def classes(self) -> tuple[str, ...]:
        return self.field.classes[:2]


def patents(count: int, seed: int) -> Iterator[Made]:
    """The same patents for the same seed, each with its own number."""
    random = Random(seed)  # noqa: S311 - the same files for the same seed
    fields = sorted(FIELDS)
    for at in range(count):
        field = FIELDS[fields[at % len(fields)]]
        filed = date(2012 + at // _PER_YEAR, 1, 1) + timedelta(days=at % 360)
        number = numbers.make_number(filed.year, 1, FIRST_SERIAL + at)
        people = tuple(person_name(random) for _n in range(1 + at % 4))
        title = texts.title(random, field, "invention")
        granted = filed + timedelta(days=900)
        yield Made(numbers.display(number), title, field, filed, granted, people)


def write_list(path: Path, made: list[Made], holder: str) -> None:
    """The base list as it is pushed: CSV with byte order mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LIST_HEADS)
        for one in made:
            writer.writerow(
                [
                    one.number,
                    one.title,
                    "授权发明",
                    one.filed_on.isoformat(),
                    one.granted_on.isoformat(),
                    holder,
                    "；".join(one.people),
                    "; ".join(one.classes),
                    "有效",
                ]
            )


def write_template(path: Path, made: list[Made], units: list[str], seed: int) -> int:
    """The national template filled in for each of them, one row a patent and its continuation rows; counts rows."""
    random = Random(seed)  # noqa: S311 - the same files for the same seed
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet(SHEET)
    write_head(book, sheet)
    line = FIRST_DATA_ROW - 1
    for number, one in enumerate(made, 1):
        content = filling.filled(random, one, 1.0)
        for row in rows_of(number, one, content, units[number % len(units)]):
            _write_row(sheet, line, row)
            line += 1
    book.close()
    return line - FIRST_DATA_ROW + 1


def _write_row(sheet: Any, line: int, row: list[Any]) -> None:
    for place, value in enumerate(row):
        if value not in (None, ""):
            sheet.write(line, place, value)


def main() -> None:
    """COUNT SEED FOLDER HOLDER UNIT …: a process of its own, so that its memory is not the import's."""
    count, seed, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    made = list(patents(count, seed))
    write_list(folder / f"list-{count}.csv", made, sys.argv[4])
    write_template(folder / f"filled-{count}.xlsx", made, sys.argv[5:], seed)
