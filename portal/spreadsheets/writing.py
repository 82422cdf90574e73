"""Writing plain tables: .xlsx as a stream, CSV, and the copy of a person's own bad rows.

Text is always written as text, never as a formula. A file appears under its name only when it is whole.
"""

import csv
import datetime
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils import timezone
from rustpy_xlsxwriter import write_worksheet

from portal.spreadsheets.limits import EXCEL_ROWS
from portal.spreadsheets.reading import Cell, CellError, Destroyed, RawRow, SheetInfo, Uncomputed

MOST_CHARACTERS = 32_767
MOST_DIGITS = 15
# Before March 1900 Excel counts a day that did not exist.
FIRST_SAFE_DAY = datetime.date(1900, 3, 1)
SHEET_NAME_LENGTH = 31
FORBIDDEN_IN_SHEET_NAME = str.maketrans("[]:*?/\\", "       ")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_table(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]], sheet_name: str
) -> int:
    """Write one sheet with a head row; return the number of rows. Headers must differ from one another."""
    if len(set(headers)) != len(headers):
        raise ValueError("Two columns have the same header.")
    counter = _Counter()
    with _whole_file(path) as target:
        write_worksheet(
            _records(headers, rows, counter),
            str(target),
            sheet_name=clean_sheet_name(sheet_name),
            datetime_format="yyyy-mm-dd",
            bold_headers=True,
            freeze_row=1,
            column_width=16,
        )
    return counter.rows


def write_csv(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]], *, escape: bool = True
) -> int:
    """Write UTF-8 with BOM, as Excel expects. Only ``escape=False`` ("raw data") leaves =, +, -, @ as they are."""
    text: Callable[[Any], str] = escaped_text if escape else plain_text
    written = 0
    with _whole_file(path) as target, target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([text(header) for header in headers])
        for row in rows:
            writer.writerow([text(value) for value in row])
            written += 1
    return written


def annotate_copy(
    path: Path,
    rows: Iterable[RawRow],
    sheets: Sequence[SheetInfo],
    problems: Mapping[tuple[int, int], str],
    heads: Mapping[int, tuple[int, str]],
) -> int:
    """Write a person's own bad rows back with a column saying what is wrong; return their number.

    ``problems`` maps (sheet, row) to the text. ``heads`` maps each sheet to its last head row, copied as it is,
    and the heading of the added column. Sheets without a bad row are left out.
    """
    with _whole_file(path) as target:
        book = xlsxwriter.Workbook(
            str(target), {"constant_memory": True, "strings_to_formulas": False}
        )
        copy = _AnnotatedCopy(book, sheets, problems, heads)
        for row in rows:
            copy.take(row)
        copy.close()
    return copy.written


def excel_value(value: Any) -> Any:
    """Turn a value into what a cell can hold without losing or changing anything."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime.datetime):
        return _moment(value)
    if isinstance(value, datetime.date):
        return value if value >= FIRST_SAFE_DAY else value.isoformat()
    if isinstance(value, int | float | Decimal):
        return _number(value)
    return clip(str(value))


def plain_text(value: Any) -> str:
    """Turn a value into text for CSV."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return _moment(value)
    return str(value).replace("\0", "")


def escaped_text(value: Any) -> str:
    """Put an apostrophe before text that a spreadsheet would run as a formula; numbers stay."""
    text = plain_text(value)
    is_number = isinstance(value, int | float | Decimal)
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not is_number else text


def clip(text: str) -> str:
    """Cut text to what a cell can hold (counted in UTF-16 units, as Excel does)."""
    text = text.replace("\0", "").encode("utf-8", errors="replace").decode("utf-8")
    if len(text) * 2 <= MOST_CHARACTERS:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= MOST_CHARACTERS * 2:
        return text
    return units[: MOST_CHARACTERS * 2 - 2].decode("utf-16-le", errors="ignore") + "…"


def clean_sheet_name(name: str) -> str:
    """Make a legal sheet name."""
    return name.translate(FORBIDDEN_IN_SHEET_NAME).strip(" '")[:SHEET_NAME_LENGTH] or "Sheet1"


def cell_text(cell: Cell) -> str:
    """Write a read cell back as the person would type it."""
    if cell is None or isinstance(cell, Uncomputed):
        return ""
    return cell.text if isinstance(cell, Destroyed | CellError) else cell


def _moment(value: datetime.datetime) -> str:
    """Write an instant on the clock of the place; a workbook knows no time zones."""
    local = timezone.make_naive(value) if timezone.is_aware(value) else value
    return local.replace(microsecond=0).isoformat(sep=" ")


def _number(value: int | float | Decimal) -> Any:
    """Keep up to 15 digits as a number; more become text, because Excel would round them."""
    if isinstance(value, Decimal):
        if not value.is_finite() or len(value.normalize().as_tuple().digits) > MOST_DIGITS:
            return format(value, "f")
        return float(value)
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        return str(value)
    return value


class _Counter:
    def __init__(self) -> None:
        self.rows = 0


def _records(
    headers: Sequence[str], rows: Iterable[Sequence[Any]], counter: _Counter
) -> Iterator[dict[str, Any]]:
    """Give the writer one dictionary per row; a table without rows still gets its head."""
    heads = [clip(header) for header in headers]
    for row in rows:
        counter.rows += 1
        if counter.rows >= EXCEL_ROWS:
            raise ValueError(f"A sheet holds {EXCEL_ROWS - 1} rows under its head.")
        yield dict(zip(heads, map(excel_value, row), strict=True))
    if counter.rows == 0:
        yield dict.fromkeys(heads)


class _AnnotatedCopy:
    """One worksheet per sheet with bad rows; rows come in the order of the file."""

    def __init__(
        self,
        book: xlsxwriter.Workbook,
        sheets: Sequence[SheetInfo],
        problems: Mapping[tuple[int, int], str],
        heads: Mapping[int, tuple[int, str]],
    ) -> None:
        self.book, self.sheets, self.problems, self.heads = book, sheets, problems, heads
        self.text = book.add_format({"num_format": "@", "valign": "top"})
        self.wrong = book.add_format(
            {"num_format": "@", "valign": "top", "text_wrap": True, "bg_color": "#FFE3E3"}
        )
        self.has_problems = {sheet for sheet, _ in problems}
        self.pages: dict[int, Any] = {}
        self.next_line: dict[int, int] = {}
        self.written = 0

    def take(self, row: RawRow) -> None:
        """Copy a head row or a bad row; pass over the others."""
        if row.sheet not in self.has_problems:
            return
        last_head, heading = self.heads.get(row.sheet, (0, ""))
        problem = self.problems.get((row.sheet, row.row))
        if row.row <= last_head:
            added = heading if row.row == last_head else problem
            self._write(row, added)
        elif problem is not None:
            self._write(row, problem)
            self.written += 1

    def _write(self, row: RawRow, added: str | None) -> None:
        page = self.pages.get(row.sheet) or self._open(row.sheet)
        line = self.next_line[row.sheet]
        self.next_line[row.sheet] = line + 1
        for column, cell in enumerate(row.cells):
            if text := cell_text(cell):
                page.write_string(line, column, clip(text), self.text)
        if added:
            page.write_string(line, self.sheets[row.sheet].columns, clip(added), self.wrong)

    def _open(self, index: int) -> Any:
        sheet = self.sheets[index]
        name = clean_sheet_name(sheet.name)
        if name.lower() in {page.get_name().lower() for page in self.book.worksheets()}:
            name = f"{name[:27]}~{index + 1}"
        page = self.book.add_worksheet(name)
        page.set_column(0, max(sheet.columns - 1, 0), 16)
        page.set_column(sheet.columns, sheet.columns, 60)
        self.pages[index], self.next_line[index] = page, 0
        return page

    def close(self) -> None:
        """Finish the workbook; one without bad rows still opens."""
        if not self.pages:
            self.book.add_worksheet()
        self.book.close()


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """Give a neighbour file to write to; it takes its name when everything went well, else it vanishes."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    target = Path(name)
    try:
        yield target
        target.chmod(0o640)
        target.replace(path)
    finally:
        target.unlink(missing_ok=True)
