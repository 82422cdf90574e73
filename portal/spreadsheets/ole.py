"""Old Excel workbooks (.xls): what an OLE container is, and which cells of BIFF hold errors."""

import struct
from collections.abc import Iterator
from pathlib import Path

import olefile  # type: ignore[import-untyped] # it has no types

from portal.spreadsheets.limits import Limits, RefusedContent
from portal.spreadsheets.scan import SheetFacts, check_reach

FILEPASS, BOUNDSHEET, BOF, FORMULA, BOOLERR, ROW = 0x2F, 0x85, 0x809, 0x06, 0x205, 0x208
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
#: cells with a text or a number; the last one stands for several, its last column at its end
LABELSST, NUMBER, LABEL, RK, MULRK = 0xFD, 0x203, 0x204, 0x27E, 0xBD
FILLED = frozenset({LABELSST, NUMBER, LABEL, RK, MULRK, FORMULA, BOOLERR})
HEAD = struct.Struct("<HH")
PLACE = struct.Struct("<HH")
ROW_HIDDEN = 0x20


def open_biff(path: Path, extension: str, limits: Limits) -> dict[int, SheetFacts]:
    """Refuse what is not a readable .xls; return the facts of each sheet by its place in the stream."""
    with olefile.OleFileIO(path) as container:
        streams = {"/".join(entry).lower() for entry in container.listdir()}
        if "encryptedpackage" in streams:
            raise RefusedContent("encrypted")
        stream = next((name for name in ("workbook", "book") if name in streams), None)
        if stream is None:
            raise RefusedContent("not_workbook")
        if extension != ".xls":
            raise RefusedContent("wrong_extension", declared=extension, actual=".xls")
        data = container.openstream(stream).read()
    return _scan(data, limits)


def _records(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield (code, offset, length) of each record."""
    at = 0
    while at + 4 <= len(data):
        code, length = HEAD.unpack_from(data, at)
        yield code, at + 4, min(length, len(data) - at - 4)
        at += 4 + length


def _scan(data: bytes, limits: Limits) -> dict[int, SheetFacts]:
    by_offset: dict[int, SheetFacts] = {}
    order: list[tuple[int, str]] = []
    current = SheetFacts()
    for code, at, length in _records(data):
        if code == FILEPASS:
            raise RefusedContent("encrypted")
        if code == BOUNDSHEET and length >= 4:
            offset = struct.unpack_from("<L", data, at)[0]
            order.append((offset, _sheet_name(data[at : at + length])))
        elif code == BOF:
            current = by_offset.setdefault(at - 4, SheetFacts())
        elif code == ROW and length >= 16:
            current.hidden_rows += bool(data[at + 12] & ROW_HIDDEN)
        elif code in FILLED and length >= 6:
            _fill(data[at : at + length], code, current, limits)
    found = {index: by_offset.get(at, SheetFacts()) for index, (at, _name) in enumerate(order)}
    # the library reads all sheets of an .xls when it opens the file
    for index, facts in found.items():
        check_reach(facts, order[index][1], limits)
    return found


def _sheet_name(record: bytes) -> str:
    """The name in a BOUNDSHEET record: its length in characters, how they are stored, the characters."""
    if len(record) < 8:
        return ""
    if record[7] & 1:
        return record[8 : 8 + 2 * record[6]].decode("utf-16-le", errors="replace")
    return record[8 : 8 + record[6]].decode("latin-1")


def _fill(record: bytes, code: int, facts: SheetFacts, limits: Limits) -> None:
    """Note how far the content reaches, and errors."""
    row, column = PLACE.unpack_from(record)
    if code == MULRK:
        column = struct.unpack_from("<H", record, len(record) - 2)[0]
    facts.reach(column + 1, row + 1)
    if code in {BOOLERR, FORMULA}:
        _mark(record, code, facts, limits)


def _mark(record: bytes, code: int, facts: SheetFacts, limits: Limits) -> None:
    if len(record) < 8:
        return
    row, column = PLACE.unpack_from(record)
    if code == BOOLERR:
        error = ERRORS.get(record[6], "#ERROR!") if record[7] else None
    else:
        is_error = len(record) >= 14 and record[12:14] == b"\xff\xff" and record[6] == 2
        error = ERRORS.get(record[8], "#ERROR!") if is_error else None
    if error:
        facts.mark(column + 1, row + 1, error, limits)
