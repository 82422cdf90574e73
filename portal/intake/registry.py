"""What an app must offer to have a kind of table imported, and the list of what is offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from portal.models import ImportBatch, Membership
from portal.spreadsheets.reading import RawRow


@dataclass(frozen=True)
class ColumnGuess:
    """One column of the file as recognised: field name ('' = unknown), certainty 0–1, why."""

    index: int
    header: str
    field: str
    confidence: float
    reason: str = ""


@dataclass(frozen=True)
class Shape:
    """A file as recognised by one importer."""

    kind: str
    confidence: float
    sheet: int
    header_row: int
    first_row: int
    columns: tuple[ColumnGuess, ...]

    @property
    def unknown(self) -> tuple[ColumnGuess, ...]:
        return tuple(column for column in self.columns if not column.field)


@dataclass(frozen=True)
class FoundIssue:
    """An issue before it is stored: row and column letter as Excel shows them."""

    line: int
    rule: str
    level: str = "error"
    column: str = ""
    header: str = ""
    value: str = ""
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class Subject:
    """What some rows of the file say about one thing (a patent with its continuation rows)."""

    line: int
    key: str
    raw: list[tuple[int, list[Any]]]
    values: dict[str, Any]
    issues: list[FoundIssue] = field(default_factory=list)


class Importer(Protocol):
    """A kind of table. Pure reading first, then checks against the database in sets, then application in sets."""

    kind: str
    label: Any
    # field name → label, offered in the correction of columns
    fields: dict[str, Any]

    def may_import(self, membership: Membership) -> bool: ...

    def recognise(self, sheets: list[tuple[int, str, list[RawRow]]]) -> Shape | None:
        """The shape of the file for this kind, from the first rows of each sheet; None when it is not of this kind."""
        ...

    def subjects(
        self, batch: ImportBatch, shape: Shape, rows: Iterable[RawRow]
    ) -> Iterator[Subject]:
        """Rows as typed subjects with the issues that need no database."""
        ...

    def check(self, batch: ImportBatch) -> None:
        """Set-based: compare stored ImportRows with the database; fill outcome, changes, target; add issues."""
        ...

    def apply(self, batch: ImportBatch, first_line: int, limit: int) -> int | None:
        """Write up to `limit` good rows from first_line in the caller's transaction; next line, or None at the end."""
        ...

    def message(self, rule: str, params: dict[str, Any]) -> str:
        """What to do about an issue, in the reader's language."""
        ...


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    _importers[importer.kind] = importer


def importer_for(kind: str) -> Importer:
    return _importers[kind]


def importers() -> list[Importer]:
    return list(_importers.values())
