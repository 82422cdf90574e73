"""The throw-away process that opens one upload: limits on itself, then rows as JSON lines.

Called by ``reading`` as: child SOURCE NAME KIND FOLDER LIMITS(JSON). Writes rows.jsonl and result.json into
FOLDER. Must not import Django: a start costs 0.1 s instead of one, and less is reachable from here.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from xml.parsers.expat import ExpatError

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from portal.json_text import encode
from portal.spreadsheets import cells, delimited, ole, package, scan
from portal.spreadsheets.cells import JsonCell
from portal.spreadsheets.limits import MEGABYTE, Limits, RefusedContent

OPEN_FILES = 32
MOST_MERGED = 2000
# Title, hints and head of a list that has as many rows as the cap allows.
HEAD_ROWS = 20
PR_SET_PDEATHSIG = 1
EXIT_MEMORY = 70
SHEET_NAME_SHOWN = 100
FORBIDDEN_EVENTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")


@dataclass
class Sheet:
    """What the header says of one sheet; rows and columns count filled ones."""

    name: str
    state: str
    rows: int = 0
    columns: int = 0
    last_row: int = 0
    hidden_rows: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


class Output:
    """Writes rows as JSON lines and holds the caps that count them."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.file = path.open("w", encoding="utf-8")
        self.limits = limits
        self.lines = self.characters = 0

    def write(
        self, index: int, sheet: Sheet, row: int, values: list[Any], marks: list[str]
    ) -> None:
        """Write one filled row."""
        sheet.rows += 1
        sheet.last_row = row
        sheet.columns = max(sheet.columns, len(values))
        self._check(sheet, values)
        record: dict[str, Any] = {"s": index, "r": row, "c": values}
        if marks:
            record["m"] = marks
        line = encode(record)
        if len(line) > self.limits.cell_characters:
            self._check_cells(sheet, row, values)
        if "\\u0000" in line:
            line = line.replace("\\u0000", "")
        self.characters += len(line)
        if self.characters > self.limits.output_bytes:
            raise RefusedContent("too_much_text", limit=self.limits.output_bytes // MEGABYTE)
        self.file.write(line + "\n")
        self.lines += 1

    def _check(self, sheet: Sheet, values: list[Any]) -> None:
        if sheet.rows > self.limits.rows + HEAD_ROWS:
            raise RefusedContent("too_many_rows", sheet=sheet.name, limit=self.limits.rows)
        if len(values) > self.limits.columns:
            raise RefusedContent(
                "too_many_columns",
                sheet=sheet.name,
                column=scan.column_letters(len(values)),
                limit=self.limits.columns,
            )

    def _check_cells(self, sheet: Sheet, row: int, values: list[Any]) -> None:
        limit = self.limits.cell_characters
        for column, value in enumerate(values, 1):
            if isinstance(value, str) and len(value) > limit:
                place = f"{sheet.name} {scan.column_letters(column)}{row}"
                raise RefusedContent("cell_too_long", limit=limit, place=place)


def confine(limits: Limits, parent: int) -> None:
    """Give up what reading a file does not need; natively coded readers are held by the kernel's limits."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 5))
    # Chinese text takes three bytes a character; the cap itself counts characters.
    most = limits.output_bytes * 3
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        # A killed worker leaves no reader behind.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("The worker is gone.")
    sys.addaudithook(_forbid)


def _forbid(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN_EVENTS):
        raise PermissionError(event)


def read_workbook(
    source: Path, kind: str, extension: str, limits: Limits, output: Output
) -> list[Sheet]:
    """Read .xlsx or .xls: facts first, then the library, then one row after the other."""
    is_ole = kind == "ole"
    facts = ole.open_biff(source, extension, limits) if is_ole else scan_package(source, limits)
    workbook = CalamineWorkbook.from_path(source)
    metadata = workbook.sheets_metadata
    if len(metadata) > limits.sheets:
        raise RefusedContent("too_many_sheets", limit=limits.sheets)
    sheets = []
    for index, entry in enumerate(metadata):
        sheet = Sheet(entry.name[:SHEET_NAME_SHOWN], state_of(entry))
        sheets.append(sheet)
        if entry.typ == SheetTypeEnum.WorkSheet:
            known = facts.get(index, scan.SheetFacts())
            scan.check_reach(known, sheet.name, limits)
            write_sheet(index, sheet, workbook.get_sheet_by_index(index), known, output)
    return sheets


def state_of(entry: SheetMetadata) -> str:
    """Name whether people see the sheet; "very hidden" is hidden."""
    return "visible" if entry.visible == SheetVisibleEnum.Visible else "hidden"


def scan_package(source: Path, limits: Limits) -> dict[int, scan.SheetFacts]:
    """Pass once over every part the library will read; a damaged part shows here."""
    facts = {}
    with zipfile.ZipFile(source) as archive:
        members = package.sheet_members(archive)
        if len(members) > limits.sheets:
            raise RefusedContent("too_many_sheets", limit=limits.sheets)
        for name in archive.namelist():
            lower = name.lower()
            if lower.endswith("sharedstrings.xml"):
                scan.scan_strings(archive, name, limits)
            elif lower.endswith(("styles.xml", "[content_types].xml")):
                scan.scan_small(archive, name)
        for index, member in enumerate(members):
            if "chartsheets/" not in member and "dialogsheets/" not in member and member:
                facts[index] = scan.scan_sheet(archive, member, limits)
    return facts


def write_sheet(
    index: int, sheet: Sheet, source: CalamineSheet, facts: scan.SheetFacts, output: Output
) -> None:
    """Write the filled rows of one sheet under the numbers Excel shows."""
    ranges = source.merged_cell_ranges or []
    sheet.merged = sorted(
        (top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges
    )[:MOST_MERGED]
    sheet.hidden_rows = facts.hidden_rows
    for number, values in enumerate(source.iter_rows(), 1):
        row = cells.convert_row(values)
        if number in facts.marks:
            put_marks(row, facts.marks.pop(number))
        while row and row[-1] is None:
            row.pop()
        if row and not cells.is_blank(row):
            output.write(index, sheet, number, row, [])
    # Formulas without a result may stand below everything the library counts as filled.
    for number in sorted(facts.marks):
        rest: list[JsonCell] = []
        put_marks(rest, facts.marks[number])
        output.write(index, sheet, number, rest, [])


def put_marks(row: list[JsonCell], marks: dict[int, str | None]) -> None:
    """Put error cells and formulas without a result where the library shows nothing."""
    for column, error in marks.items():
        if column > len(row):
            row.extend([None] * (column - len(row)))
        if row[column - 1] is None:
            row[column - 1] = {"f": True} if error is None else {"e": error}


def read_text(
    source: Path, name: str, limits: Limits, output: Output
) -> tuple[Sheet, delimited.Dialect]:
    """Read delimited text as one sheet named after the file."""
    pure = PurePosixPath(name)
    dialect = delimited.detect(source, pure.suffix.lower())
    sheet = Sheet(pure.stem[:SHEET_NAME_SHOWN], "visible")
    for record in delimited.read_records(source, dialect, limits):
        output.write(0, sheet, record.number, list(record.cells), record.marks)
    return sheet, dialect


def read(source: Path, name: str, kind: str, limits: Limits, output: Output) -> dict[str, Any]:
    """Read one upload and describe it."""
    extension = PurePosixPath(name).suffix.lower()
    found: dict[str, Any] = {"kind": extension.lstrip("."), "encoding": "", "delimiter": ""}
    if kind == "text":
        sheet, dialect = read_text(source, name, limits, output)
        sheets = [sheet]
        found |= {"encoding": dialect.encoding, "delimiter": dialect.delimiter}
    else:
        sheets = read_workbook(source, kind, extension, limits, output)
    if output.lines == 0:
        raise RefusedContent("no_rows")
    return found | {"lines": output.lines, "sheets": [vars(sheet) for sheet in sheets]}


# What the readers raise for damaged content. The last four: references between parts that lead nowhere,
# and an OLE container whose tables do (olefile raises a kind of OSError).
BROKEN = (
    CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    struct.error,
    EOFError,
    NotImplementedError,
    KeyError,
    IndexError,
    ValueError,
    OSError,
)


def main() -> None:
    """Read the file named in the arguments; death and exit code are the parent's to explain."""
    source, name, kind, folder, given, parent = sys.argv[1:7]
    limits = Limits(**json.loads(given))
    output = Output(Path(folder, "rows.jsonl"), limits)
    confine(limits, int(parent))
    try:
        result = read(Path(source), name, kind, limits, output)
        output.file.close()
    except RefusedContent as refused:
        result = {"refused": refused.code, "params": refused.params}
    except BROKEN as error:
        result = {"refused": "broken", "params": {}, "detail": repr(error)[:500]}
    except MemoryError:
        sys.exit(EXIT_MEMORY)
    Path(folder, "result.json").write_text(encode(result), encoding="utf-8")
