"""One streaming pass over a worksheet's XML before the reader library opens it.

The library holds the rectangle between the first and last filled cell in memory and shows error cells and
formulas without a result as blank. This pass finds how far the content reaches and where such cells
are. Sheets written in the usual spelling are searched with regular expressions on raw bytes (a tenth of
the time of a parser); any other spelling goes through expat.
"""

import re
import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from portal.spreadsheets.limits import EXCEL_COLUMNS, MEGABYTE, Limits, RefusedContent

CHUNK = MEGABYTE
# More bytes than this without the start of a next cell is one giant text.
LONGEST_CELL = 8 * MEGABYTE

DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
FILLED = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^/>])?>(?!</c>)')
FILLED_WIDE = re.compile(rb'<c r="([A-Z]{2,3})\d{1,7}"(?:[^>]*[^/>])?>(?!</c>)')
FILLED_FAR = re.compile(rb'<c r="[A-Z]{1,3}(\d{6,7})"(?:[^>]*[^/>])?>(?!</c>)')
ERROR_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]*? t="e"[^>]*>'
    rb"(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?\s*<v>([^<]*)</v>"
)
UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"([^>]*)>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)\s*'
    rb"(<v\s*/>|<v></v>)?\s*</c>"
)
HIDDEN_ROW = re.compile(rb'<row [^>]*\bhidden="(?:1|true)"')


@dataclass
class SheetFacts:
    """What the pass found: reach, marked cells by row, hidden rows (all counted from 1)."""

    last_row: int = 0
    last_column: int = 0
    # row -> {column: error text, or None for a formula without a result}
    marks: dict[int, dict[int, str | None]] = field(default_factory=dict)
    marked: int = 0
    hidden_rows: int = 0

    def mark(self, column: int, row: int, error: str | None, limits: Limits) -> None:
        """Remember an error cell (its text) or a formula without a result (None)."""
        self.marks.setdefault(row, {})[column] = error
        self.marked += 1
        if self.marked > limits.marked_cells:
            raise RefusedContent("too_many_errors", limit=limits.marked_cells)

    def reach(self, column: int, row: int) -> None:
        """Note a filled cell."""
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)


class UnusualSpelling(Exception):
    """The sheet's XML is legal but not spelled as the byte search expects."""


def column_number(letters: bytes | str) -> int:
    """Turn A, B … XFD into 1, 2 … 16384."""
    if isinstance(letters, bytes):
        letters = letters.decode("ascii")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Turn 1, 2 … into A, B …"""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def scan_sheet(archive: zipfile.ZipFile, member: str, limits: Limits) -> SheetFacts:
    """Find the reach and the marked cells of one worksheet."""
    try:
        return _scan_bytes(archive, member, limits)
    except UnusualSpelling:
        return _scan_parsed(archive, member, limits)


def check_reach(facts: SheetFacts, sheet: str, limits: Limits) -> None:
    """Refuse content beyond the caps, before anybody reserves memory for the rectangle."""
    if facts.last_column > limits.columns:
        letters = column_letters(min(facts.last_column, EXCEL_COLUMNS))
        raise RefusedContent("too_many_columns", sheet=sheet, column=letters, limit=limits.columns)
    # Blank rows between are fine, up to the height of a sheet; the area decides. Among the columns of
    # one letter the pass does not look for the farthest.
    columns = max(facts.last_column, 26)
    if facts.last_row * columns > limits.area:
        raise RefusedContent("too_large_area", sheet=sheet, rows=facts.last_row, columns=columns)


def scan_strings(archive: zipfile.ZipFile, member: str, limits: Limits) -> None:
    """Refuse a shared text longer than a cell can hold: one of them in 12,000 cells fills the memory."""
    rest = b""
    with archive.open(member) as part:
        while chunk := part.read(CHUNK):
            if not rest:
                _refuse_declarations(chunk)
            pieces = (rest + chunk).split(b"si>")
            rest = pieces.pop()
            for piece in pieces:
                if len(piece) > limits.cell_characters:
                    _check_length(piece, limits)
            if len(rest) > LONGEST_CELL:
                _check_length(rest, limits)
    if len(rest) > limits.cell_characters:
        _check_length(rest, limits)


def scan_small(archive: zipfile.ZipFile, member: str) -> None:
    """Refuse declarations in a part, and find out whether it unpacks."""
    with archive.open(member) as part:
        _refuse_declarations(part.read(CHUNK))
        while part.read(CHUNK):
            pass


def _check_length(piece: bytes, limits: Limits) -> None:
    text = re.sub(r"<[^>]*>", "", piece.decode("utf-8", errors="ignore"))
    if len(re.sub(r"&[^;]{1,9};", "x", text)) > limits.cell_characters:
        raise RefusedContent("cell_too_long", limit=limits.cell_characters, place=text[:20])


def _refuse_declarations(start: bytes) -> None:
    if DECLARATION.search(start):
        raise RefusedContent("entities")


def _scan_bytes(archive: zipfile.ZipFile, member: str, limits: Limits) -> SheetFacts:
    """Search piece by piece; what follows the cells is only unpacked, to see whether it is whole."""
    facts = SheetFacts()
    rest = b""
    is_first, is_tail = True, False
    with archive.open(member) as part:
        while chunk := part.read(CHUNK):
            if is_first:
                _check_start(chunk)
                is_first = False
            if is_tail:
                continue
            rest += chunk
            end = rest.find(b"</sheetData>")
            is_tail = end >= 0
            cut = end if is_tail else _last_start(rest, limits)
            _search(rest[:cut], facts, limits)
            rest = b"" if is_tail else rest[cut:]
    _search(rest, facts, limits)
    return facts


def _check_start(chunk: bytes) -> None:
    _refuse_declarations(chunk)
    head = chunk[:2000]
    is_plain = b"<worksheet" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not is_plain or b'encoding="UTF-16' in head:
        raise UnusualSpelling


def _last_start(buffer: bytes, limits: Limits) -> int:
    """Return where the last begun cell or row starts, so that no cell is cut in two."""
    cut = max(buffer.rfind(b"<c "), buffer.rfind(b"<row"))
    if len(buffer) - max(cut, 0) > LONGEST_CELL:
        raise RefusedContent(
            "cell_too_long",
            limit=limits.cell_characters,
            place=re.sub(rb"<[^>]*>", b"", buffer[cut : cut + 200]).decode("utf-8", "ignore")[:20],
        )
    return max(cut, 0)


def _search(part: bytes, facts: SheetFacts, limits: Limits) -> None:
    """Search one piece of whole cells."""
    if part.count(b"<c ") != part.count(b'<c r="') or b"<c>" in part or b":c " in part:
        raise UnusualSpelling
    _search_reach(part, facts)
    if b't="e"' in part:
        for column, row, text in ERROR_CELL.findall(part):
            facts.mark(column_number(column), int(row), text.decode("utf-8", "replace"), limits)
    if b"<f" in part:
        for column, row, attributes, value in UNCOMPUTED.findall(part):
            # t="str" with an empty value is a formula whose result is the empty text
            if not (value and b't="str"' in attributes):
                facts.mark(column_number(column), int(row), None, limits)
    if b'hidden="' in part:
        facts.hidden_rows += len(HIDDEN_ROW.findall(part))


def _search_reach(part: bytes, facts: SheetFacts) -> None:
    """Find the farthest filled row and column. Rows ascend, so the end of the piece tells the row."""
    filled = FILLED.findall(part[-4096:]) or FILLED.findall(part)
    if filled:
        facts.reach(max(column_number(column) for column, _ in filled), int(filled[-1][1]))
    for letters in set(FILLED_WIDE.findall(part)):
        facts.reach(column_number(letters), 0)
    far = FILLED_FAR.findall(part)
    if far:
        facts.reach(0, max(map(int, set(far))))


class _SheetParser:
    """The same search with a real parser, for prefixes, other quotes and cells without a reference."""

    def __init__(self, limits: Limits) -> None:
        self.facts = SheetFacts()
        self.limits = limits
        self.row = self.column = 0
        self.type = ""
        self.has_formula = self.in_value = False
        self.value = ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text

    def refuse(self, *_: object) -> None:
        raise RefusedContent("entities")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            self.facts.hidden_rows += attributes.get("hidden") in {"1", "true"}
        elif name == "c":
            self.start_cell(attributes)
        elif name == "f":
            self.has_formula = True
        elif name in {"v", "t"}:
            self.in_value = True

    def start_cell(self, attributes: dict[str, str]) -> None:
        place = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", attributes.get("r", ""))
        self.column = column_number(place[1]) if place else self.column + 1
        self.row = int(place[2]) if place else self.row
        self.type = attributes.get("t", "")
        self.value, self.has_formula = "", False

    def text(self, data: str) -> None:
        if self.in_value:
            self.value += data
            if len(self.value) > LONGEST_CELL:
                limit = self.limits.cell_characters
                raise RefusedContent("cell_too_long", limit=limit, place=self.value[:20])

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in {"v", "t"}:
            self.in_value = False
        elif name == "c":
            self.end_cell()

    def end_cell(self) -> None:
        if self.value:
            self.facts.reach(self.column, self.row)
        if self.type == "e":
            self.facts.mark(self.column, self.row, self.value, self.limits)
        elif self.has_formula and not self.value and self.type != "str":
            self.facts.mark(self.column, self.row, None, self.limits)


def _scan_parsed(archive: zipfile.ZipFile, member: str, limits: Limits) -> SheetFacts:
    reader = _SheetParser(limits)
    with archive.open(member) as part:
        while chunk := part.read(CHUNK):
            reader.parser.Parse(chunk, False)
    reader.parser.Parse(b"", True)
    return reader.facts
