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
from xlsxwriter.utility import xl_rowcol_to_cell

from portal.spreadsheets.limits import EXCEL_ROWS, FORMULA_GUARD, is_like_formula
from portal.spreadsheets.reading import Cell, CellError, Destroyed, RawRow, SheetInfo, Uncomputed
from portal.spreadsheets.rows import Look, StreamedSheet, clip

SHEET_NAME_LENGTH = 31
FORBIDDEN_IN_SHEET_NAME = str.maketrans("[]:*?/\\", "       ")
HEAD_LOOK = {"bold": True, "bg_color": "#F2F2F2", "bottom": 1}
# widths in characters; what the columns of the first rows want is near enough for all
MEASURED_ROWS = 200
DAY_WIDTH, MOMENT_WIDTH, MOST_HEAD_WIDTH, MOST_WIDTH = 10, 19, 20, 50
LAST_NARROW = "\u2e7f"
A4 = 9


def write_table(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]], sheet_name: str
) -> int:
    """Write one sheet with a head row; return the number of rows. Headers must differ from one another.

    The head stands still while one scrolls and is printed on every page; columns are as wide as the first rows want.
    """
    if len(set(headers)) != len(headers):
        raise ValueError("Two columns have the same header.")
    with _whole_file(path) as target:
        book = open_book(target)
        page = book.add_worksheet(clean_sheet_name(sheet_name), worksheet_class=StreamedSheet)
        table = _Table(book, page, [clip(header) for header in headers])
        written = table.write(rows)
        table.close(written)
    return written


def open_book(path: Path) -> xlsxwriter.Workbook:
    """A workbook written as a stream, in which no text is taken for a formula, a number or a link."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    return xlsxwriter.Workbook(str(path), options)


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
        book = open_book(target)
        copy = _AnnotatedCopy(book, sheets, problems, heads)
        for row in rows:
            copy.take(row)
        copy.close()
    return copy.written


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
    return text if is_number or not is_like_formula(text) else FORMULA_GUARD + text


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


class _Table:
    """A sheet with one head row, and what makes it fit to read, to print and to sort."""

    def __init__(self, book: xlsxwriter.Workbook, page: Any, headers: Sequence[str]) -> None:
        self.book, self.page = book, page
        head = book.add_format({**HEAD_LOOK, "text_wrap": True, "valign": "vcenter"})
        for place, header in enumerate(headers):
            page.write_string(0, place, header, head)
        self.widths = [min(_width(header), MOST_HEAD_WIDTH) for header in headers]
        self.looks = [_look(book)] * len(headers)

    def write(self, rows: Iterable[Sequence[Any]]) -> int:
        """Write the rows; ValueError for more than a sheet holds."""
        written = 0
        for written, row in enumerate(rows, 1):
            if written >= EXCEL_ROWS:
                raise ValueError(f"A sheet holds {EXCEL_ROWS - 1} rows under its head.")
            if written <= MEASURED_ROWS:
                self.widths = [*map(max, self.widths, map(_width, row))]
            self.page.put_row(written, row, self.looks)
        return written

    def close(self, written: int) -> None:
        """What depends on all rows, and the end of the file."""
        page, last = self.page, len(self.widths) - 1
        for place, width in enumerate(self.widths):
            page.set_column(place, place, min(width + 2, MOST_WIDTH))
        page.freeze_panes(1, 1 if last else 0)
        page.autofilter(0, 0, written, last)
        page.ignore_errors({"number_stored_as_text": f"A1:{xl_rowcol_to_cell(written, last)}"})
        page.repeat_rows(0)
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.set_footer("&C&P / &N")
        self.book.close()


def _look(book: xlsxwriter.Workbook) -> Look:
    """Text stays text when somebody writes into the cell, too."""
    return Look(
        text=book.add_format({"num_format": "@"}),
        long=book.add_format({"quote_prefix": True}),
        day=book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        moment=book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}),
    )


def _width(value: Any) -> int:
    """Columns of a fixed font that a value takes: two for a Chinese character."""
    if value is None:
        return 0
    if isinstance(value, datetime.date):
        return MOMENT_WIDTH if isinstance(value, datetime.datetime) else DAY_WIDTH
    text = str(value)[:MOST_WIDTH]
    return len(text) + sum(sign > LAST_NARROW for sign in text)


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
