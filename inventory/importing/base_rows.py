"""Rows of a base list or a vendor's export → what they say about one patent. Pure: no database once made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

from inventory.importing import holders
from inventory.importing.legal_status import LegalStatus, combine
from inventory.importing.problems import CellProblem
from inventory.importing.unit_names import UnitNames
from inventory.importing.values import (
    parse_date,
    parse_ipc,
    parse_locarno,
    parse_number,
    parse_publication,
)
from inventory.importing.words import parse_kind, parse_yes_no
from inventory.numbers import ApplicationNumber
from inventory.services.patents import derived_days, search_key
from inventory.terms import is_unusual_grant_day
from portal.intake.registry import FoundIssue, Shape, Subject
from portal.models import Organisation
from portal.spreadsheets.reading import Cell, CellError, Destroyed, RawRow
from portal.text import clean, compact, fold, split_names

MOST_INVENTOR: Final = 120
MOST_URL: Final = 500
MOST_UNIT: Final = 80
#: Fields without which a row cannot be judged: unreadable ones refuse the row, others are only not taken.
DECISIVE: Final = frozenset({"application_number", "kind", "filed_on", "granted_on", "holders"})
#: Events of inventory.importing.legal_status → inventory.choices.EventKind; the rest is "other".
EVENT_KINDS: Final = {
    "granted": "grant",
    "same_day_pair": "dual_filing",
    "assigned": "transfer",
    "licensed": "licence",
    "pledged": "pledge",
    "preserved": "preservation",
    "reexamined": "reexamination",
    "fee_lapsed": "fee_lapse",
    "avoided_double": "double_grant_avoided",
    "expired": "expiry",
    "abandoned": "abandoned",
    "revoked": "invalidated",
    "part_invalid": "invalidated",
    "restored": "restored",
    "changed": "name_change",
}
#: Steps before the grant: no events of a patent's life worth keeping.
PASSED_OVER: Final = frozenset({"published", "examination", "corrected"})
_TEXTS: Final = {
    "title": "title",
    "abstract": "abstract",
    "main_claim": "first_claim",
    "claims": "claims",
}


#: A foot fills no more cells: its word, and a number beside it.
MOST_IN_FOOT: Final = 2
_FOOT: Final = re.compile(r"(合计|总计|小计|共计|填表|制表|审核|备注|说明|注:).*|共?\d+件")

# the same days, classes, words and names stand in thousands of cells of one file
_parse_day = lru_cache(maxsize=20_000)(parse_date)
_parse_ipc = lru_cache(maxsize=20_000)(parse_ipc)
_parse_kind = lru_cache(maxsize=256)(parse_kind)
_combine = lru_cache(maxsize=4096)(combine)
_split_names = lru_cache(maxsize=20_000)(split_names)
_derived_days = lru_cache(maxsize=20_000)(derived_days)


def plain(cell: Cell) -> str:
    """The cell as clean text; a destroyed number, an error or an empty formula is a CellProblem."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, Destroyed):
        raise CellProblem("destroyed", cell.text)
    if isinstance(cell, CellError):
        raise CellProblem("cell_error", cell.text)
    raise CellProblem("formula", "")


@dataclass
class Row:
    """One row while it is being understood."""

    line: int
    cells: list[Cell]
    values: dict[str, Any] = field(default_factory=dict)
    issues: list[FoundIssue] = field(default_factory=list)


def _is_foot(row: Row) -> bool:
    """Whether only what stands below a table stands here: 合计 20件, 注：…"""
    filled = [cell for cell in row.cells if cell is not None]
    if len(filled) > MOST_IN_FOOT:
        return False
    texts = [compact(cell) for cell in filled if isinstance(cell, str)]
    return len(texts) == len(filled) and all(map(_FOOT.fullmatch, filter(None, texts)))


class BaseReader:
    """Understands the rows of one file with the columns a shape names."""

    def __init__(
        self,
        shape: Shape,
        own: Organisation,
        names: Mapping[str, int],
        units: UnitNames,
        today: date,
    ) -> None:
        """`own` is the importing organisation with its `units`, `names` organisations by folded name."""
        self.places = shape.places
        self.columns = self.places.columns
        self.head = compact(self.places.headers.get(self.columns.get("application_number", -1), ""))
        self.own, self.names, self.units, self.today = own, names, units, today

    def begins(self, row: RawRow) -> bool:
        """Every row is a patent of its own."""
        return True

    def read(self, rows: list[RawRow]) -> Subject | None:
        """The patent of one row; None for a repeated head and for the foot of the table."""
        row = Row(rows[0].row, rows[0].cells)
        if (self.head and self._is_head(row)) or _is_foot(row):
            return None
        number = self._number(row)
        self._kind(row, number)
        self._texts(row)
        self._days(row)
        self._classes(row)
        self._status(row)
        self._people(row)
        self._unit(row)
        if number is not None:
            row.values["number"] = number.canonical
            _derive(row.values, self.own.name, self.today)
            self._judge(row, number)
        key = number.canonical if number is not None else ""
        return Subject(row.line, [row.line], key, row.values, row.issues)

    # --- cells -----------------------------------------------------------------------------------

    def _cell(self, row: Row, name: str) -> Cell:
        at = self.columns.get(name)
        return row.cells[at] if at is not None and at < len(row.cells) else None

    def _take(self, row: Row, name: str, parse: Callable[[str], Any]) -> Any:
        """Parse a cell; a problem becomes an issue at its place and the value is not taken."""
        cell = self._cell(row, name)
        if cell is None:
            return None
        try:
            return parse(plain(cell))
        except CellProblem as problem:
            level = "error" if name in DECISIVE else "notice"
            params = {"suggestion": problem.suggestion} if problem.suggestion else {}
            self._note(row, name, problem.code, level=level, value=problem.value, **params)
            return None

    def _note(
        self,
        row: Row,
        name: str,
        rule: str,
        *,
        level: str = "notice",
        value: str = "",
        **params: Any,
    ) -> None:
        row.issues.append(
            self.places.issue(name, row.line, rule, level=level, value=value, **params)
        )

    def _text(self, row: Row, name: str) -> str:
        return self._take(row, name, str) or ""

    def _is_head(self, row: Row) -> bool:
        cell = self._cell(row, "application_number")
        return isinstance(cell, str) and compact(cell) == self.head

    # --- fields ----------------------------------------------------------------------------------

    def _number(self, row: Row) -> ApplicationNumber | None:
        number: ApplicationNumber | None = self._take(row, "application_number", parse_number)
        publication = self._take(row, "publication_number", parse_publication)
        if publication is not None:
            row.values["publication_number"] = publication.canonical
            if publication.is_grant is not None:
                row.values["is_grant_document"] = publication.is_grant
        if number is None:
            if not row.issues:
                self._note(row, "application_number", "blank", level="error")
            return None
        row.values["kind"] = str(number.kind)
        if number.is_pct:
            row.values["is_pct"] = True
        if number.check_was_missing:
            self._note(
                row,
                "application_number",
                "check_computed",
                value=self._text(row, "application_number"),
                number=number.display,
            )
        return number

    def _kind(self, row: Row, number: ApplicationNumber | None) -> None:
        """The kind stands in the number; the column may refuse the row or disagree."""
        stated = self._take(row, "kind", _parse_kind)
        if number is not None and stated and stated != number.kind:
            self._note(
                row, "kind", "kind_differs", value=self._text(row, "kind"), number=number.display
            )

    def _texts(self, row: Row) -> None:
        for column, name in _TEXTS.items():
            if text := self._text(row, column):
                row.values[name] = text
        for name in ("full_text_url", "drawings_url"):
            text = self._text(row, name)
            if text.startswith(("http://", "https://")) and len(text) <= MOST_URL:
                row.values[name] = text
            elif text:
                self._note(row, name, "url", value=text)

    def _days(self, row: Row) -> None:
        for name in ("filed_on", "granted_on", "published_on"):
            day = self._take(row, name, _parse_day)
            if day is not None:
                row.values[name] = day.isoformat()
        # a granted document's own day is the day of the grant, whatever the column is called
        is_grant = row.values.pop("is_grant_document", None)
        if is_grant and "granted_on" not in row.values and "published_on" in row.values:
            row.values["granted_on"] = row.values["published_on"]

    def _classes(self, row: Row) -> None:
        parse = parse_locarno if row.values.get("kind") == "design" else _parse_ipc
        names = ("locarno",) if parse is parse_locarno else ("main_ipc", "ipc")
        classes: list[str] = []
        for name in names:
            classes += self._take(row, name, parse) or ()
        if classes:
            row.values["classes"] = list(dict.fromkeys(classes))

    def _status(self, row: Row) -> None:
        is_state = "current_status" in self.columns
        detail = "current_status" if is_state else "legal_status"
        if detail not in self.columns and "simple_status" not in self.columns:
            return
        simple, detailed = self._text(row, "simple_status"), self._text(row, detail)
        status = _combine(simple, detailed, is_state=is_state)
        if status.simple != "unknown":
            row.values["simple_status"] = status.simple
        elif status.raw:
            row.values["status_unstated"] = True
        for word in status.unknown_words:
            self._note(row, detail, "status_word", value=word)
        if events := _events(status, row.values):
            row.values["events"] = events

    def _people(self, row: Row) -> None:
        inventors = _split_names(self._text(row, "inventors"))
        if not inventors:
            inventors = _split_names(self._text(row, "first_inventor"))
        if inventors:
            row.values["inventors"] = [name[:MOST_INVENTOR] for name in inventors]
        if "holders" not in self.columns:
            return
        text = self._text(row, "holders")
        found = holders.resolve(_split_names(text), self.names)
        if not found:
            if not any(issue.level == "error" for issue in row.issues):
                self._note(row, "holders", "holders_blank")
            return
        row.values["holders"] = found
        if self.own.pk not in holders.organisations_in(found):
            self._note(row, "holders", "holder_foreign", level="error", value=text)

    def _unit(self, row: Row) -> None:
        """The unit, where the cell names exactly one; any other name is said, and a person assigns."""
        text = self._text(row, "org_unit")
        if not text or self.names.get(fold(text)) is not None:
            return
        key = self.units.folded(text)
        unit = self.units.names.get(key)
        if unit is not None:
            row.values |= {"unit": unit, "unit_name": text}
            return
        rule = "unit_several" if key in self.units.names else "unit_unknown"
        self._note(row, "org_unit", rule, value=text[:MOST_UNIT])

    def _judge(self, row: Row, number: ApplicationNumber) -> None:
        """What the values of one row say about each other."""
        self._mark_dual(row)
        filed, granted = row.values.get("filed_on"), row.values.get("granted_on")
        if filed and int(filed[:4]) != number.year and not number.is_pct:
            self._note(row, "filed_on", "filed_year", value=filed, number=number.display)
        if not granted:
            return
        if granted > self.today.isoformat():
            self._note(row, "granted_on", "day_in_future", level="error", value=granted)
        if filed and granted < filed:
            self._note(row, "granted_on", "days_order", level="error", value=granted, filed=filed)
        if is_unusual_grant_day(date.fromisoformat(granted)):
            self._note(row, "granted_on", "grant_weekday", value=granted)

    def _mark_dual(self, row: Row) -> None:
        text = self._text(row, "same_day_pair")
        if not text:
            return
        try:
            is_marked = parse_yes_no(text)
        except CellProblem:
            # some write the number of the other half here
            is_marked = True
        if is_marked:
            events = row.values.setdefault("events", [])
            if not any(event[0] == "dual_filing" for event in events):
                events.append(["dual_filing", None, ""])


def _events(status: LegalStatus, values: Mapping[str, Any]) -> list[list[Any]]:
    """[kind, day or None, detail] of each event; only the grant has a known day."""
    found: dict[str, list[Any]] = {}
    for event in status.events:
        if event not in PASSED_OVER:
            kind = EVENT_KINDS.get(event, "other")
            day = values.get("granted_on") if kind == "grant" else None
            found.setdefault(kind, [kind, day, status.raw if kind == "other" else ""])
    return list(found.values())


def _derive(values: dict[str, Any], own_name: str, today: date) -> None:
    """Add what follows from the row's own values: term end, next fee, search key."""
    filed, granted = values.get("filed_on"), values.get("granted_on")
    days = _derived_days(
        values["kind"],
        date.fromisoformat(filed) if filed else None,
        date.fromisoformat(granted) if granted else None,
        today,
    )
    values |= {name: str(value) for name, value in days.items() if value is not None}
    names = [str(one[0]) for one in values.get("holders", ())] or [own_name]
    values["search_key"] = search_key(
        values["number"], values.get("title", ""), names, values.get("inventors", ())
    )
