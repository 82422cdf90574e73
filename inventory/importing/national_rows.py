"""Rows of a filled national template → what they say about one dossier. Pure once made: no database.

A patent has one row, and further rows without a number for its further statuses and intents (rule R10). Staged
values carry the names of the dossier's fields; blank cells are left out, because they leave what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from inventory.dossier_content import Status, needs_product, takes_amount
from inventory.importing.base_rows import plain
from inventory.importing.columns import BASE, BY_FIELD, COLUMNS, INTENT, STATUS
from inventory.importing.marks import Mark, parse_intent, parse_status
from inventory.importing.national_values import READERS, amount_text, check_length, status_wording
from inventory.importing.problems import CellProblem
from inventory.importing.values import parse_number
from portal.intake.registry import ColumnGuess, FoundIssue, Shape, Subject
from portal.spreadsheets.reading import Cell, RawRow
from portal.text import NOBODY, SHORT, compact, fold

MOST_WORDING: Final = 200
#: What people write into a cell that is to stay empty.
_BLANK_WORDS: Final = NOBODY | {"无", "无需填写"}
_STATUS_FIELDS: Final = ("status_level1", "status_level2", "status_detail", "remark")
_INTENT_FIELDS: Final = ("intent_level1", "intent_level2", "fee_standard")
_MARK_FIELDS: Final = tuple(c.field for c in COLUMNS if c.part in (STATUS, INTENT))
#: Place of a column that the file does not have: beyond any row.
NOWHERE: Final = 1_000_000
_Take = Callable[[str], Mapping[str, Any]]
#: Stand in the first row of a patent only.
BASE_FIELDS: Final = tuple(c.field for c in COLUMNS if c.part == BASE and c.field != "sequence")
#: How the option begins that stands for none.
_CHOOSE: Final = "请选择"
#: Prefilled in otherwise empty rows.
_SAYS_NOTHING: Final = frozenset({"application_number", "sequence", "org_unit"})
#: Codes of ``Mark.notices`` a person should see, and the column they are about.
_NOTICES: Final = {"legacy": "status_legacy", "level1_derived": "level1_derived"}

# the same words and amounts stand in thousands of cells of one file
_parse_status = lru_cache(maxsize=4096)(parse_status)
_parse_intent = lru_cache(maxsize=4096)(parse_intent)
_amount_text = lru_cache(maxsize=4096)(amount_text)

#: The layout of the template itself, as if recognised.
LAYOUT: Final = Shape(
    "national", 100, 0, 3, tuple(ColumnGuess(c.index, c.head, c.field) for c in COLUMNS)
)


def _at(cells: list[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else None


def _is_filled(cell: Cell) -> bool:
    """Whether a cell says anything: a letter or digit at its beginning does, anything else is looked at closely."""
    if cell.__class__ is str:
        return cell[:1].isalnum() or compact(cell) != ""
    return cell is not None


@dataclass(frozen=True)
class Nodes:
    """Names the importing account may write in column G: folded name → unit, None for the institution itself.

    A name of several units is in ``names`` with None, too: it is right, but says not which.
    """

    names: Mapping[str, int | None]
    prefix: str = ""

    def knows(self, text: str) -> bool:
        return self._key(text) in self.names

    def unit(self, text: str) -> int | None:
        return self.names[self._key(text)]

    def _key(self, text: str) -> str:
        """The folded name; that of the institution may stand before that of the unit."""
        key = fold(text)
        if key in self.names:
            return key
        return key.removeprefix(self.prefix).strip(" -/") if self.prefix else key


@dataclass
class PatentRows:
    """The rows of one patent while they are being understood."""

    rows: list[RawRow]
    values: dict[str, Any] = field(default_factory=dict)
    issues: list[FoundIssue] = field(default_factory=list)


class NationalReader:
    """Understands the rows of one file with the columns a shape names; without nodes column G is not judged."""

    def __init__(self, shape: Shape, nodes: Nodes | None) -> None:
        self.places, self.nodes = shape.places, nodes
        self.columns = self.places.columns
        self.head = compact(self.places.headers.get(self.columns.get("application_number", -1), ""))
        self.base_at = [(one, self.columns[one]) for one in BASE_FIELDS if one in self.columns]
        self.number_at = self.columns.get("application_number", NOWHERE)
        # what short cells came to: the same words stand in thousands of them, and nobody changes what is remembered
        self.takes: list[tuple[int, str, _Take, dict[Cell, Mapping[str, Any]]]] = [
            (self.columns[name], name, take, {})
            for name, take in READERS.items()
            if name in self.columns
        ]
        self.marks_at = [
            [self.columns.get(name, NOWHERE) for name in names]
            for names in (_INTENT_FIELDS, _STATUS_FIELDS)
        ]
        self.units: dict[Cell, Mapping[str, Any]] = {}
        self.statuses: dict[tuple[Cell, ...], list[Any]] = {}
        self.intents: dict[tuple[Cell, ...], list[Any]] = {}

    def begins(self, row: RawRow) -> bool:
        """A row with a number, or one that cannot continue the patent above (R10)."""
        if _is_filled(_at(row.cells, self.number_at)):
            return True
        return not any(self._has(row, name) for name in _MARK_FIELDS)

    def read(self, rows: list[RawRow]) -> Subject | None:
        """The patent of these rows; None for a repeated head and for rows that were only numbered."""
        patent = PatentRows(rows)
        first = rows[0]
        if self._is_head(first) or not self._says_something(first):
            return None
        key = self._number(patent)
        self._unit(patent)
        if title := self._text(patent, first, "title"):
            patent.values["title"] = title
        self._base(patent)
        for row in rows[1:]:
            self._refuse_base(patent, row)
        self._statuses(patent)
        self._intents(patent)
        return Subject(first.row, [row.row for row in rows], key, patent.values, patent.issues)

    # --- cells -----------------------------------------------------------------------------------

    def _cell(self, row: RawRow, name: str) -> Cell:
        return _at(row.cells, self.columns.get(name, NOWHERE))

    def _has(self, row: RawRow, name: str) -> bool:
        return _is_filled(self._cell(row, name))

    def _says_something(self, row: RawRow) -> bool:
        if self._has(row, "application_number"):
            return True
        return any(self._has(row, name) for name in self.columns if name not in _SAYS_NOTHING)

    def _is_head(self, row: RawRow) -> bool:
        cell = self._cell(row, "application_number")
        return bool(self.head) and isinstance(cell, str) and compact(cell) == self.head

    def _text(self, patent: PatentRows, row: RawRow, name: str) -> str:
        """The text of a cell, "" for what stands for blank; an error of the spreadsheet is an issue."""
        cell = self._cell(row, name)
        if cell is None:
            return ""
        try:
            text = plain(cell)
        except CellProblem as problem:
            self._problem(patent, row, name, problem)
            return ""
        if len(text) > SHORT:
            return "" if text.startswith(_CHOOSE) else text
        key = compact(text)
        is_blank = key in _BLANK_WORDS or key.startswith(_CHOOSE)
        return "" if is_blank and not (key == "无" and name == "is_publicly_funded") else text

    def _base(self, patent: PatentRows) -> None:
        """Every column that stands alone."""
        first = patent.rows[0]
        cells, width = first.cells, len(first.cells)
        for at, name, take, known in self.takes:
            if at >= width or (cell := cells[at]) is None:
                continue
            found = known.get(cell)
            if found is None:
                found = self._take(patent, first, name, take)
                if found is None:
                    continue
                if len(cell) <= SHORT:
                    known[cell] = found
            patent.values |= found

    def _take(
        self, patent: PatentRows, row: RawRow, name: str, take: _Take
    ) -> Mapping[str, Any] | None:
        """What a cell comes to; None for a blank one and for one with a problem, which is noted."""
        text = self._text(patent, row, name)
        if not text:
            return None
        try:
            check_length(name, text)
            return take(text)
        except CellProblem as problem:
            self._problem(patent, row, name, problem)
            return None

    def _problem(self, patent: PatentRows, row: RawRow, name: str, problem: CellProblem) -> None:
        params = {"suggestion": problem.suggestion} if problem.suggestion else {}
        self._note(patent, row, name, problem.code, value=problem.value, **params)

    def _note(
        self,
        patent: PatentRows,
        row: RawRow,
        name: str,
        rule: str,
        *,
        level: str = "error",
        value: str = "",
        **params: Any,
    ) -> None:
        patent.issues.append(
            self.places.issue(name, row.row, rule, level=level, value=value, **params)
        )

    # --- the patent ------------------------------------------------------------------------------

    def _number(self, patent: PatentRows) -> str:
        first, name = patent.rows[0], "application_number"
        text = self._text(patent, first, name)
        if not text:
            if not patent.issues:
                is_continued = any(self._has(first, one) for one in _MARK_FIELDS)
                self._note(patent, first, name, "R10" if is_continued else "blank")
            return ""
        try:
            number = parse_number(text)
        except CellProblem as problem:
            self._problem(patent, first, name, problem)
            return ""
        patent.values["number"] = number.display
        if number.check_was_missing:
            found = {"value": text, "number": number.display}
            self._note(patent, first, name, "check_computed", level="notice", **found)
        return number.canonical

    def _unit(self, patent: PatentRows) -> None:
        """R12: a node of the importing account."""
        cell = self._cell(patent.rows[0], "org_unit")
        known = self.units.get(cell)
        if known is None:
            text = self._text(patent, patent.rows[0], "org_unit")
            if self.nodes is None:
                return
            if not text or not self.nodes.knows(text):
                self._note(patent, patent.rows[0], "org_unit", "R12", value=text)
                return
            unit = self.nodes.unit(text)
            known = {} if unit is None else {"unit": unit, "unit_name": text}
            self.units[cell] = known
        patent.values |= known

    def _refuse_base(self, patent: PatentRows, row: RawRow) -> None:
        """Base information stands in the first row; the same again is passed over, other words are refused."""
        for name, at in self.base_at:
            cell = _at(row.cells, at)
            if not isinstance(cell, str):
                continue
            text = cell
            above = self._cell(patent.rows[0], name)
            is_repeated = isinstance(above, str) and compact(above) == compact(text)
            if compact(text) and not is_repeated:
                self._note(patent, row, name, "base_in_continuation", value=text)

    # --- statuses and intents --------------------------------------------------------------------

    def _statuses(self, patent: PatentRows) -> None:
        found, lines = [], []
        for row in patent.rows:
            status = self._mark(patent, row, _STATUS_FIELDS)
            if status is not None:
                found.append(status)
                lines.append(row.row)
        if found:
            patent.values |= {"statuses": found, "status_lines": lines}

    def _mark(self, patent: PatentRows, row: RawRow, names: tuple[str, ...]) -> list[Any] | None:
        """The status or the intent of one row; what came to no issue is remembered by its cells."""
        is_status = names is _STATUS_FIELDS
        cells = tuple([_at(row.cells, at) for at in self.marks_at[is_status]])
        if not any(cells):
            return None
        known = self.statuses if is_status else self.intents
        found = known.get(cells)
        if found is None:
            before = len(patent.issues)
            found = self._status(patent, row) if is_status else self._intent(patent, row)
            if found is not None and len(patent.issues) == before:
                known[cells] = found
        return found

    def _status(self, patent: PatentRows, row: RawRow) -> list[Any] | None:
        """[level1, level2, wording, amount, product, result, remark] of one row."""
        text1, text2, detail, remark = (self._text(patent, row, name) for name in _STATUS_FIELDS)
        if not (text1 or text2):
            if detail or remark:
                self._note(patent, row, "status_level1", "status_missing", value=detail or remark)
            return None
        try:
            mark = _parse_status(text1, text2)
        except CellProblem as problem:
            name = "status_level1" if problem.code == "status_level1" else "status_level2"
            self._problem(patent, row, name, problem)
            return None
        if mark is None:
            return None
        wording = status_wording(mark, text1, text2)
        self._notice_mark(patent, row, mark, "status_level1", text1 or text2)
        self._too_long(patent, row, "status_level2", wording, MOST_WORDING)
        self._too_long(patent, row, "remark", remark, BY_FIELD["remark"].limit)
        parts = self._supplement(patent, row, Status(mark.level1, mark.level2, wording), detail)
        return [mark.level1, mark.level2, wording, *parts, remark]

    def _supplement(
        self, patent: PatentRows, row: RawRow, status: Status, detail: str
    ) -> tuple[str | None, str, str]:
        """Column N as the status asks: amount, product, result of the report."""
        self._too_long(patent, row, "status_detail", detail, BY_FIELD["status_detail"].limit)
        if needs_product(status):
            return None, detail, ""
        if status.level1 == "has_report":
            return None, "", detail
        try:
            return _amount_text(detail), "", ""
        except CellProblem as problem:
            if takes_amount(status):
                self._problem(patent, row, "status_detail", problem)
            else:
                self._note(patent, row, "status_detail", "detail_unexpected", value=detail)
            return None, "", ""

    def _intents(self, patent: PatentRows) -> None:
        found, lines = [], []
        for row in patent.rows:
            intent = self._mark(patent, row, _INTENT_FIELDS)
            if intent is not None:
                found.append(intent)
                lines.append(row.row)
        if found:
            patent.values |= {"intents": found, "intent_lines": lines}

    def _intent(self, patent: PatentRows, row: RawRow) -> list[Any] | None:
        """[level1, level2, wording, fee] of one row."""
        text1, text2, fee = (self._text(patent, row, name) for name in _INTENT_FIELDS)
        if not (text1 or text2):
            if fee:
                self._note(patent, row, "intent_level1", "intent_missing", value=fee)
            return None
        try:
            mark = _parse_intent(text1, text2)
        except CellProblem as problem:
            name = "intent_level1" if problem.code == "intent_level1" else "intent_level2"
            self._problem(patent, row, name, problem)
            return None
        if mark is None:
            return None
        self._notice_mark(patent, row, mark, "intent_level1", text1 or text2)
        self._too_long(patent, row, "intent_level2", mark.text2, MOST_WORDING)
        try:
            amount = _amount_text(fee)
        except CellProblem as problem:
            self._problem(patent, row, "fee_standard", problem)
            amount = None
        return [mark.level1, mark.level2, mark.text2, amount]

    def _notice_mark(
        self, patent: PatentRows, row: RawRow, mark: Mark, name: str, value: str
    ) -> None:
        rules = [_NOTICES[notice] for notice in mark.notices if notice in _NOTICES]
        if mark.level1 == "custom":
            rules.append("status_custom")
        for rule in rules:
            self._note(patent, row, name, rule, level="notice", value=value)

    def _too_long(self, patent: PatentRows, row: RawRow, name: str, text: str, limit: int) -> None:
        if len(text) > limit:
            self._note(patent, row, name, "too_long", value=text, limit=limit, length=len(text))
