"""Rows of a round-trip workbook: the national template with hidden keys, in whatever order they come back.

Every row that carries a key begins a subject of its own, because sorting tears rows for further statuses and intents
from the patent above them; `join_parts` puts them together again by their keys, in their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from inventory.importing.base_rows import plain
from inventory.importing.columns import OF_INTENT_PART, OF_STATUS_PART
from inventory.importing.national_rows import BASE_FIELDS, NationalReader, Nodes, PatentRows
from inventory.importing.problems import CellProblem
from inventory.importing.workbook_keys import (
    GUIDE_SHEET,
    KEY_FIELDS,
    OPTIONS_SHEET,
    ForgedKey,
    RowKey,
    read_key,
)
from inventory.models import Dossier
from portal.choices import RowOutcome
from portal.intake import staging
from portal.intake.files import RowFile
from portal.intake.registry import FoundIssue, Shape, Subject, columns_from_json
from portal.models import ImportBatch, ImportRow
from portal.spreadsheets.reading import RawRow

#: Where a subject keeps what its key says.
WORKBOOK: Final = "workbook"
#: Key of a staged row for further statuses and intents, before it is joined.
_PART: Final = "+"
#: The columns of a list, and the two without which none of them can be understood.
_LISTS: Final = (
    (frozenset(OF_STATUS_PART.values()), {"status_level1", "status_level2"}),
    (frozenset(OF_INTENT_PART.values()), {"intent_level1", "intent_level2"}),
)


def has_keys(shape: Shape) -> bool:
    """Whether the three hidden columns came back."""
    return shape.fields.keys() >= KEY_FIELDS


def reader_of(shape: Shape, nodes: Nodes, organisation: int) -> NationalReader:
    """The reader for a file: with keys where it has them."""
    if not has_keys(shape):
        return NationalReader(shape, nodes)
    return KeyedReader(_without_led(shape), nodes, organisation)


def answered(shape: Shape) -> frozenset[str]:
    """Fields whose columns came back; what is not among them was not touched."""
    return frozenset(_without_led(shape).fields)


class KeyedReader(NationalReader):
    """As the template is read, but the key says which patent a row is about."""

    def __init__(self, shape: Shape, nodes: Nodes, organisation: int) -> None:
        super().__init__(shape, nodes)
        self.organisation = organisation

    def begins(self, row: RawRow) -> bool:
        return bool(self._keys(row)[0]) or super().begins(row)

    def read(self, rows: list[RawRow]) -> Subject | None:
        """The patent of these rows, a part of one, or None for rows that say nothing."""
        first = rows[0]
        if self._is_head(first):
            return None
        texts = self._keys(first)
        if not all(texts):
            return self._without_key(rows)
        try:
            key = read_key(*texts)
        except ForgedKey:
            return self._refused(rows, "key_forged", texts[0])
        if key.organisation != self.organisation:
            return self._refused(rows, "key_foreign", texts[0])
        subject = self._part(rows, key) if key.place else super().read(rows)
        if subject is not None:
            subject.values[WORKBOOK] = {
                "dossier": key.dossier,
                "place": key.place,
                "version": key.version,
                "digest": key.digest,
            }
        return subject

    def _keys(self, row: RawRow) -> tuple[str, str, str]:
        return (
            self._key_text(row, "row_key"),
            self._key_text(row, "row_version"),
            self._key_text(row, "row_digest"),
        )

    def _key_text(self, row: RawRow, name: str) -> str:
        try:
            return plain(self._cell(row, name))
        except CellProblem as problem:
            return problem.value

    def _unit(self, patent: PatentRows) -> None:
        """The unit is a locked cell: it went out as the dossier had it, and may have another name by now."""
        if not self._keys(patent.rows[0])[0]:
            super()._unit(patent)

    def _without_key(self, rows: list[RawRow]) -> Subject | None:
        subject = super().read(rows)
        if subject is not None and subject.key:
            note = FoundIssue(subject.line, "key_missing", level="notice")
            subject.issues.append(note)
        return subject

    def _refused(self, rows: list[RawRow], rule: str, value: str) -> Subject | None:
        subject = super().read(rows)
        if subject is not None:
            subject.issues.append(FoundIssue(subject.line, rule, value=value))
        return subject

    def _part(self, rows: list[RawRow], key: RowKey) -> Subject | None:
        """Further statuses and intents of a patent whose own row stands elsewhere."""
        patent = PatentRows(rows)
        for name in BASE_FIELDS:
            if self._has(rows[0], name):
                self._note(patent, rows[0], name, "base_in_continuation")
        self._statuses(patent)
        self._intents(patent)
        if not patent.values and not patent.issues:
            return None
        lines = [row.row for row in rows]
        return Subject(rows[0].row, lines, f"{_PART}{key.dossier}", patent.values, patent.issues)


def _without_led(shape: Shape) -> Shape:
    """A shape in which a list is not read at all once a column that leads it was deleted."""
    gone = {
        column
        for columns, leaders in _LISTS
        for column in columns
        if not leaders <= shape.fields.keys()
    }
    columns = tuple(
        replace(column, field="") if column.field in gone else column for column in shape.columns
    )
    return replace(shape, columns=columns)


# --- rows below a patent, wherever they stand -------------------------------------------------------


def join_parts(batch: ImportBatch, first_line: int, limit: int) -> None:
    """Put rows for further statuses and intents to the patent that their key names, in their order."""
    columns = columns_from_json(batch.columns)
    shape = Shape(batch.kind, 100, 0, batch.header_row or 0, columns)
    if not has_keys(shape):
        _say_when_keys_are_missing(batch, shape)
        return
    parts: dict[int, list[ImportRow]] = defaultdict(list)
    for part in batch.rows.filter(key__startswith=_PART).order_by("line"):
        parts[part.values[WORKBOOK]["dossier"]].append(part)
    if not parts:
        return
    mains = _mains(batch, parts)
    joined = [mains[dossier] for dossier in parts if dossier in mains]
    for dossier, main in mains.items():
        _join(main, sorted(parts[dossier], key=_place))
    ImportRow.objects.bulk_update(joined, ["values", "raw", "outcome"], batch_size=1000)
    orphans = [part for dossier, found in parts.items() if dossier not in mains for part in found]
    staging.refuse(batch, [FoundIssue(part.line, "part_alone") for part in orphans])
    # an orphan stays as a refused row; its key is nobody's number
    gone = [part.pk for dossier in mains for part in parts[dossier]]
    ImportRow.objects.filter(pk__in=gone).delete()
    ImportRow.objects.filter(pk__in=[part.pk for part in orphans]).update(key="")


def _mains(batch: ImportBatch, parts: Mapping[int, Any]) -> dict[int, ImportRow]:
    """The rows of the patents themselves, by dossier."""
    numbers = Dossier.objects.filter(
        pk__in=list(parts), participation__institution=batch.organisation_id
    ).values_list("patent__application_number", flat=True)
    rows = batch.rows.filter(key__in=list(numbers)).order_by("-line")
    keyed = [row for row in rows if WORKBOOK in row.values]
    found = {row.values[WORKBOOK]["dossier"]: row for row in keyed}
    return {dossier: row for dossier, row in found.items() if dossier in parts}


def _join(main: ImportRow, parts: Sequence[ImportRow]) -> None:
    for part in parts:
        for name in ("statuses", "status_lines", "intents", "intent_lines"):
            if name in part.values:
                main.values[name] = [*main.values.get(name, []), *part.values[name]]
        main.raw = [*main.raw, *part.raw]
        if part.outcome == RowOutcome.REFUSED:
            main.outcome = RowOutcome.REFUSED


def _place(part: ImportRow) -> int:
    return int(part.values[WORKBOOK]["place"])


def _say_when_keys_are_missing(batch: ImportBatch, shape: Shape) -> None:
    """A workbook of ours whose hidden columns were deleted is read as a template, and this is said."""
    names = {sheet.name for sheet in RowFile(batch).summary.sheets}
    if names & {GUIDE_SHEET, OPTIONS_SHEET} or shape.fields.keys() & KEY_FIELDS:
        staging.add_issues(batch, [FoundIssue(0, "keys_missing", level="notice")])
