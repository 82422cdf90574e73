"""Heads of small tables (people, organisations, enterprises, experts): found by their words, then by their cells. Pure.

A kind of table is declared once as a `HeadTable`. The head row need not be the first: title rows, hint rows and heads
of two rows come before or within it. A column without a known heading is taken by what its cells look like, and one
whose cells contradict its heading is doubted, so that a person is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.importing.headers import header_key
from portal.intake.registry import ColumnGuess, SheetSample
from portal.spreadsheets.writing import cell_text
from portal.text import clean

SEARCHED_ROWS: Final = 30
SAMPLED_ROWS: Final = 200
#: so many of the filled cells must look like a field to make a column it; fewer than the other make it doubtful
LIKELY: Final = 0.8
UNLIKELY: Final = 0.2
AS_FULL_AS: Final = 0.95
#: a column whose cells contradict its heading: below registry.CERTAIN, so that a person is asked
DOUBTFUL: Final = 40

REASONS: Final[dict[str, Any]] = {
    "header": _("The heading names this field."),
    "values": _("The cells look like this field."),
    "values_disagree": _("The heading names this field, but hardly any cell looks like it."),
    "not_stored": _("Known, and never stored: nothing here needs it."),
    "not_imported": _("Known, and not taken into this list."),
    "twice": _("Another column holds the same."),
}

Looks = Callable[[str], bool]
Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Head:
    """A field, its headings (the best first, parted by |), and what a cell of it looks like."""

    field: str
    words: str
    looks: Looks | None = None


def keys_of(words: str) -> list[str]:
    """Headings parted by | as they are compared."""
    return [header_key(word) for word in words.split("|") if word]


@dataclass(frozen=True)
class HeadTable:
    """The heads of one kind of table.

    Without all of `needed` a table is not of this kind, nor with a heading of `foreign` in one of its first rows; a
    head row names at least `least` fields. Headings of `unused` are known and left out, those of `never` are known
    and never stored.
    """

    heads: tuple[Head, ...]
    needed: frozenset[str]
    least: int = 2
    unused: str = ""
    never: str = ""
    foreign: str = ""

    @cached_property
    def field_of(self) -> Mapping[str, tuple[str, int]]:
        """Heading → (field, its place among the field's headings)."""
        return {
            key: (head.field, place)
            for head in reversed(self.heads)
            for place, key in reversed(list(enumerate(keys_of(head.words))))
        }

    @cached_property
    def looks_of(self) -> Mapping[str, Looks]:
        return {head.field: head.looks for head in self.heads if head.looks}

    @cached_property
    def passed_over(self) -> Mapping[str, str]:
        """Heading → why its column is left out."""
        return {
            **dict.fromkeys(keys_of(self.unused), "not_imported"),
            **dict.fromkeys(keys_of(self.never), "not_stored"),
        }

    @cached_property
    def of_others(self) -> frozenset[str]:
        return frozenset(keys_of(self.foreign))

    def fields_in(self, headings: Mapping[int, str]) -> set[str]:
        """The fields that these headings name."""
        keys = map(header_key, headings.values())
        return {self.field_of[key][0] for key in keys if key in self.field_of}


@dataclass(frozen=True)
class Found:
    """A sheet read as such a table: the last row of its head (index, None without one) and every filled column."""

    index: int | None
    columns: tuple[ColumnGuess, ...]

    @property
    def fields(self) -> set[str]:
        return {column.field for column in self.columns if column.field}

    @property
    def first_row(self) -> int:
        """Index of the first row below the head."""
        return 0 if self.index is None else self.index + 1

    def cells(self, rows: Rows, field: str) -> list[str]:
        """The filled cells of a field below the head."""
        at = next((column.index for column in self.columns if column.field == field), -1)
        return _filled(rows[self.first_row :], at) if at >= 0 else []


def texts_of(sheet: SheetSample) -> list[list[str]]:
    """The first rows of a sheet as texts, "" for empty cells."""
    return [[clean(cell_text(cell)) for cell in row.cells] for row in sheet.rows]


def share(cells: Sequence[str], looks: Looks) -> float:
    """How many of the cells look so; 0 where there are none."""
    return sum(map(looks, cells)) / len(cells) if cells else 0.0


def find_table(table: HeadTable, rows: Rows) -> Found | None:
    """The sheet as a table of this kind; None where it is not one."""
    if any(header_key(cell) in table.of_others for row in rows[:SEARCHED_ROWS] for cell in row):
        return None
    index, headings = _head_row(table, rows)
    below = rows[0 if index is None else index + 1 :][:SAMPLED_ROWS]
    found = Found(index, _columns(table, headings, below))
    return found if table.needed <= found.fields else None


def best_sheet(
    table: HeadTable, sheets: Sequence[SheetSample]
) -> tuple[Found, SheetSample, Rows] | None:
    """The visible sheet that names most fields, with its texts; None where no sheet is such a table."""
    read = [(texts, sheet) for sheet in sheets for texts in [texts_of(sheet)]]
    found = [(one, sheet, texts) for texts, sheet in read if (one := find_table(table, texts))]
    if not found:
        return None
    return max(found, key=lambda each: (each[1].state == "visible", len(each[0].fields)))


def _head_row(table: HeadTable, rows: Rows) -> tuple[int | None, dict[int, str]]:
    """The row that names most fields, alone or completed by the row above; (None, {}) where none names enough."""
    best: tuple[tuple[int, int], int | None, dict[int, str]] = ((table.least, -1), None, {})
    for index in range(min(len(rows), SEARCHED_ROWS)):
        for headings in _readings(rows, index):
            passed_over = sum(header_key(each) in table.passed_over for each in headings.values())
            score = len(table.fields_in(headings)), passed_over
            if score > best[0]:
                best = (score, index, headings)
    return best[1], best[2]


def _readings(rows: Rows, index: int) -> list[dict[int, str]]:
    """The row alone and, where its cells leave gaps, completed from the row above it (merged heads of two rows)."""
    alone = {column: cell for column, cell in enumerate(rows[index]) if cell.strip()}
    if index == 0 or not alone:
        return [alone]
    above = {column: cell for column, cell in enumerate(rows[index - 1]) if cell.strip()}
    return [alone, above | alone]


def _columns(table: HeadTable, headings: Mapping[int, str], below: Rows) -> tuple[ColumnGuess, ...]:
    """Every filled column: placed, known and left out, or unknown."""
    width = max((len(row) for row in below), default=0)
    claims: dict[str, list[tuple[ColumnGuess, int]]] = {}
    columns: list[ColumnGuess] = []
    named = table.fields_in(headings)
    for index in range(max(width, max(headings, default=-1) + 1)):
        heading, cells = headings.get(index, ""), _filled(below, index)
        if not heading and not cells:
            continue
        guess = _guess(table, index, heading, cells, named)
        if guess.field:
            claims.setdefault(guess.field, []).append((guess, len(cells)))
        else:
            columns.append(guess)
    for rivals in claims.values():
        columns += _settled(rivals)
    return tuple(sorted(columns, key=lambda column: column.index))


def _guess(
    table: HeadTable, index: int, heading: str, cells: Sequence[str], named: set[str]
) -> ColumnGuess:
    key = header_key(heading)
    if key in table.field_of:
        field, place = table.field_of[key]
        looks = table.looks_of.get(field)
        if looks and cells and share(cells, looks) < UNLIKELY:
            return ColumnGuess(index, heading, field, DOUBTFUL, "values_disagree")
        return ColumnGuess(index, heading, field, 100 - min(place, 20), "header")
    if key in table.passed_over:
        return ColumnGuess(index, heading, reason=table.passed_over[key])
    for field, looks in table.looks_of.items():
        likely = share(cells, looks)
        if field not in named and likely >= LIKELY:
            return ColumnGuess(index, heading, field, round(90 * likely), "values")
    return ColumnGuess(index, heading, confidence=0, is_known=False)


def _settled(rivals: Sequence[tuple[ColumnGuess, int]]) -> list[ColumnGuess]:
    """Of the columns that claim one field the fuller one, then the better heading, then the left; all of them back."""
    enough = AS_FULL_AS * max(count for _guess, count in rivals)
    ranked = sorted(
        rivals,
        key=lambda each: (
            each[0].confidence <= DOUBTFUL,
            each[1] < enough,
            -each[0].confidence,
            each[0].index,
        ),
    )
    losers = [ColumnGuess(guess.index, guess.header, reason="twice") for guess, _n in ranked[1:]]
    return [ranked[0][0], *losers]


def _filled(rows: Rows, index: int) -> list[str]:
    return [row[index] for row in rows if index < len(row) and row[index].strip()]
