"""The grid in which refused rows are corrected: the file's own heads and row numbers, and what is wrong with each cell.

No request here; a page costs the same number of queries whatever stands on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Min
from django.db.models.fields.json import KT

from portal.choices import IssueLevel
from portal.intake import corrections, recognition
from portal.intake.registry import ColumnGuess, Importer, IssueWords
from portal.intake.staging import MOST_VALUE
from portal.intake.wording import words_of
from portal.models import ImportBatch, ImportRow
from portal.spreadsheets.reading import RawRow

# a page with more cells than this leaves those that are right as text (DATA_UPLOAD_MAX_NUMBER_FIELDS)
MOST_OPEN = 1800
# repeated wrong values offered to be replaced everywhere
MOST_REPEATED = 12
CELL = "cell-"
# where a list names the thing, people need it to know which row they look at
_NAMING = frozenset({"title", "name"})


@dataclass(frozen=True)
class GridCell:
    """One cell; `original` is what the file says where a person wrote something else."""

    name: str
    header: str
    letter: str
    line: int
    value: str
    original: str | None
    problems: Sequence[IssueWords]
    # what may be meant, likeliest first
    offers: Sequence[str]
    is_open: bool

    @property
    def described_by(self) -> str:
        """Ids of what is said about the cell, for aria-describedby."""
        said = [f"{self.name}-wrong"] if self.problems else []
        return " ".join([*said, f"{self.name}-was"] if self.original is not None else said)


@dataclass(frozen=True)
class GridRow:
    """One row of the file; `problems` are those of no single cell."""

    line: int
    is_first: bool
    problems: Sequence[IssueWords]
    cells: Sequence[GridCell]


@dataclass(frozen=True)
class Grid:
    """One page: the columns shown, whether these are all, and the rows of its subjects."""

    columns: Sequence[ColumnGuess]
    is_whole: bool
    rows: Sequence[GridRow]


@dataclass(frozen=True)
class Repeated:
    """A wrong value that stands in many rows of one column."""

    column: str
    header: str
    rule: str
    value: str
    rows: int
    words: IssueWords
    suggestion: str


@dataclass
class _Issues:
    """What is wrong, by cell and by row."""

    by_cell: dict[tuple[int, str], list[IssueWords]] = field(default_factory=dict)
    by_line: dict[int, list[IssueWords]] = field(default_factory=dict)
    offers: dict[tuple[int, str], Sequence[str]] = field(default_factory=dict)

    @property
    def letters(self) -> set[str]:
        return {letter for _line, letter in self.by_cell}


def grid_of(batch: ImportBatch, subjects: Sequence[ImportRow], *, is_whole: bool) -> Grid:
    """The rows of these refused subjects (three queries).

    `is_whole` shows every column that is imported; else those in which something is wrong here, and those by which
    one knows the row.
    """
    importer = recognition.importer_of(batch)
    lines = sorted({line for subject in subjects for line in subject.raw})
    issues = _issues(batch, importer, lines)
    columns = [
        column
        for column in recognition.columns_of(batch)
        if column.field and (is_whole or _is_needed(column, importer, issues))
    ]
    raw = corrections.raw_rows(batch, set(lines)) if lines else {}
    known = corrections.by_line(batch, lines[0], lines[-1]) if lines else {}
    has_room = len(lines) * len(columns) <= MOST_OPEN
    first = {subject.line for subject in subjects}
    rows = []
    for line in lines:
        texts = {column.index: _text(raw[line], column.index) for column in columns}
        cells = [
            _cell(column, line, texts[column.index], known.get(line, {}), issues, has_room)
            for column in columns
        ]
        rows.append(GridRow(line, line in first, issues.by_line.get(line, ()), cells))
    return Grid(columns, is_whole, rows)


def repeated_values(batch: ImportBatch) -> list[Repeated]:
    """Wrong values that stand in several rows of one column, the most frequent first (one query).

    Numbers that read alike because a spreadsheet destroyed them are those of different things.
    """
    importer = recognition.importer_of(batch)
    open_letters = [
        column.letter
        for column in recognition.columns_of(batch)
        if column.field and column.field != importer.number_field
    ]
    suggestion = KT("params__suggestion")
    found = (
        batch.issues.filter(level=IssueLevel.ERROR, column__in=open_letters)
        .values("column", "header", "rule", "value")
        .annotate(
            rows=Count("line", distinct=True), least=Min(suggestion), greatest=Max(suggestion)
        )
        .filter(rows__gt=1)
        .order_by("-rows", "column", "value", "rule")[:MOST_REPEATED]
    )
    return [
        Repeated(
            column=one["column"],
            header=one["header"],
            rule=one["rule"],
            value=one["value"],
            rows=one["rows"],
            words=words_of(importer, one["rule"], {}),
            suggestion=(one["least"] or "") if one["least"] == one["greatest"] else "",
        )
        for one in found
        # a value that was cut is not known to be the same in all its rows
        if len(one["value"]) < MOST_VALUE
    ]


def place_of(name: str) -> tuple[int, int] | None:
    """(Excel row, column index) of a control's name, None for other controls."""
    parts = name.removeprefix(CELL).split("-") if name.startswith(CELL) else ()
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 8 for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def _text(row: RawRow, index: int) -> str:
    return corrections.typed(corrections.original_text(row, index))


def _is_needed(column: ColumnGuess, importer: Importer, issues: _Issues) -> bool:
    return column.letter in issues.letters or column.field in importer.required | _NAMING


def _cell(
    column: ColumnGuess,
    line: int,
    original: str,
    known: Mapping[int, str],
    issues: _Issues,
    has_room: bool,
) -> GridCell:
    value = known.get(column.index, original)
    problems = issues.by_cell.get((line, column.letter), ())
    return GridCell(
        name=f"{CELL}{line}-{column.index}",
        header=column.header,
        letter=column.letter,
        line=line,
        value=value,
        original=original if value != original else None,
        problems=problems,
        offers=issues.offers.get((line, column.letter), ()),
        is_open=has_room or bool(problems),
    )


def _issues(batch: ImportBatch, importer: Importer, lines: Sequence[int]) -> _Issues:
    found = _Issues()
    stored = batch.issues.filter(line__in=lines, level=IssueLevel.ERROR).order_by("line", "pk")
    for issue in stored:
        words = words_of(importer, issue.rule, issue.params)
        if issue.column:
            found.by_cell.setdefault((issue.line, issue.column), []).append(words)
            if offers := importer.offers(issue.params):
                found.offers[(issue.line, issue.column)] = offers
        else:
            found.by_line.setdefault(issue.line, []).append(words)
    return found
