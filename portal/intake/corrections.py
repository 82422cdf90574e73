"""What people wrote over cells of an upload: laid over the rows as read, so that nothing of the file is lost."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from itertools import islice

from django.utils.translation import gettext as _

from portal.choices import RowOutcome
from portal.errors import DomainError
from portal.intake.files import RowFile
from portal.models import ImportBatch
from portal.spreadsheets.reading import RawRow
from portal.spreadsheets.writing import cell_text

# rows whose corrections are looked up together
BLOCK = 1000
Cells = Mapping[int, str]


def corrected(row: RawRow, cells: Cells) -> RawRow:
    """The row with `cells` (by column index) in place of its own; "" empties a cell."""
    if not cells:
        return row
    width = max(len(row.cells), max(cells) + 1)
    found = [*row.cells, *[None] * (width - len(row.cells))]
    for index, value in cells.items():
        found[index] = value or None
    return row._replace(cells=found)


def by_line(batch: ImportBatch, first: int, last: int) -> dict[int, dict[int, str]]:
    """{Excel row: {column index: what was written there}} of the rows from first to last (one query)."""
    found: dict[int, dict[int, str]] = {}
    stored = batch.corrections.filter(line__gte=first, line__lte=last)
    for line, index, value in stored.values_list("line", "column_index", "value"):
        found.setdefault(line, {})[index] = value
    return found


def overlaid(
    batch: ImportBatch, rows: Iterable[tuple[int, RawRow]]
) -> Iterator[tuple[int, RawRow]]:
    """(place, row) with the corrections of the batch; one query, and one a thousand rows where there are any."""
    if not batch.corrections.exists():
        yield from rows
        return
    source = iter(rows)
    while block := list(islice(source, BLOCK)):
        known = by_line(batch, block[0][1].row, block[-1][1].row)
        for at, row in block:
            yield at, corrected(row, known.get(row.row, {}))


def rows_of(
    batch: ImportBatch, sheet: int, start: int = 0, lines: Container[int] | None = None
) -> Iterator[tuple[int, RawRow]]:
    """(place in the sheet, corrected row) from a place on; of these Excel rows alone where they are named."""
    return overlaid(batch, RowFile(batch).numbered(sheet, start, lines))


def own_lines(batch: ImportBatch) -> set[int] | None:
    """Excel rows that this import reads: those its forerunner refused; None for the whole file.

    Where the forerunner had been taken back by then, all of its rows were out.
    """
    before = batch.continues
    if before is None:
        return None
    if before.undone_at is not None and before.undone_at <= batch.created_at:
        return {
            line for raw in before.rows.values_list("raw", flat=True).iterator() for line in raw
        }
    return refused_lines(before)


def refused_lines(batch: ImportBatch) -> set[int]:
    """Excel rows of all refused subjects, continuation rows among them."""
    refused = batch.rows.filter(outcome=RowOutcome.REFUSED).values_list("raw", flat=True)
    return {line for raw in refused.iterator() for line in raw}


def raw_rows(batch: ImportBatch, lines: set[int]) -> dict[int, RawRow]:
    """{Excel row: row as the file has it} of the named rows, from the file of rows."""
    file = RowFile(batch)
    if not file.is_there:
        raise DomainError(
            _("The rows of this file are not at hand any more. Upload the file again.")
        )
    sheet = file.sheet_named(batch.sheet)
    return {row.row: row for _at, row in file.numbered(sheet, 0, lines)}


def original_text(row: RawRow, index: int) -> str:
    """What the file says in a cell, as a person would type it."""
    return cell_text(row.cells[index]) if index < len(row.cells) else ""


def typed(text: str) -> str:
    """What a person typed into a cell, as it is kept: line ends as in workbooks, no NUL."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
