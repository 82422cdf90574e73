"""CSV and other delimited text: encoding, delimiter, rows with their marks."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from portal.spreadsheets.limits import (
    FORMULA_GUARD,
    MEGABYTE,
    Limits,
    RefusedContent,
    is_like_formula,
)

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
DELIMITERS = (",", "\t", ";", "|")
SAMPLE = 256 * 1024
SAMPLE_RECORDS = 100
BYTE_ORDER_MARK = "\ufeff"
REPLACEMENT = "\ufffd"
# One undecodable character in a hundred that are not ASCII: still that encoding, with damage.
DAMAGE = 100
# Excel's own way to keep digits in CSV: ="2018103913486"
QUOTED_FORMULA = re.compile(r'="([^"]*)"')
SEPARATOR_HINT = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written."""

    encoding: str
    delimiter: str
    width: int
    has_hint: bool


@dataclass(frozen=True)
class Record:
    """One record: its row number as Excel counts, cells up to the last filled one, and what is odd."""

    number: int
    cells: list[str | None]
    marks: list[str]


class _Lines:
    """Lines of a file for the csv module; remembers what is odd about those of one record.

    A record of several lines with an odd number of quotation marks: one was not closed and swallowed them.
    """

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.has_nul = self.has_damage = False
        self.quotes = self.count = 0

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.count += 1
            if len(line) < 3 and '"' not in line:
                yield line
                continue
            self.quotes += line.count('"')
            if "\0" in line:
                self.has_nul = True
                line = line.replace("\0", "")
            if REPLACEMENT in line:
                self.has_damage = True
            yield line

    def take_marks(self) -> list[str]:
        """Return the marks of the record just read, and forget them."""
        marks = ["nul"] * self.has_nul + ["undecodable"] * self.has_damage
        marks += ["open_quote"] * (self.quotes % 2 and self.count > 1)
        self.has_nul = self.has_damage = False
        self.quotes = self.count = 0
        return marks


def detect(path: Path, extension: str) -> Dialect:
    """Find out encoding, delimiter and the usual number of cells."""
    encoding = find_encoding(path, extension)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        sample = file.read(SAMPLE).removeprefix(BYTE_ORDER_MARK)
    hint = SEPARATOR_HINT.match(sample)
    if hint:
        sample = sample[hint.end() :]
    delimiter = hint[1] if hint else find_delimiter(sample, extension)
    width = _usual_width(sample, delimiter)
    return Dialect(encoding=encoding, delimiter=delimiter, width=width, has_hint=bool(hint))


def find_encoding(path: Path, extension: str) -> str:
    """BOM, strict UTF-8, UTF-16 without BOM, GB18030; damage in a few characters is marked, not fatal."""
    with path.open("rb") as file:
        start = file.read(64 * 1024)
    for bom, encoding in BOMS:
        if start.startswith(bom):
            return encoding
    if unmarked := _unmarked_utf16(start):
        return unmarked
    if start.count(b"\0") * 20 > len(start):
        raise RefusedContent("not_text", declared=extension)
    for encoding in ("utf-8", "gb18030"):
        bad, foreign = _count_damage(path, encoding)
        if bad == 0 or bad * DAMAGE <= foreign:
            return encoding
    raise RefusedContent("unknown_encoding")


def _unmarked_utf16(start: bytes) -> str | None:
    """Recognise UTF-16 by the zero half of its ASCII characters: commas, digits, line ends."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    # Some Chinese characters have a zero half of their own, on the other side: 一 is 4E 00.
    if max(even, odd) * 40 < len(start) or max(even, odd) < 3 * min(even, odd):
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start)
    return None if REPLACEMENT in text or not any(mark in text for mark in ",;\t\n") else encoding


def _count_damage(path: Path, encoding: str) -> tuple[int, int]:
    """Count undecodable characters and all that are not ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    bad = foreign = 0
    with path.open("rb") as file:
        while chunk := file.read(MEGABYTE):
            text = decoder.decode(chunk)
            if not text.isascii():
                bad += text.count(REPLACEMENT)
                foreign += len(text) - len(text.encode("ascii", errors="ignore"))
        bad += decoder.decode(b"", final=True).count(REPLACEMENT)
    return bad, foreign


def find_delimiter(sample: str, extension: str) -> str:
    """Take the delimiter that gives the most rows of one same width; on a tie the wider rows."""
    preferred = "\t" if extension in {".txt", ".tsv"} else ","
    scores = []
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in _sample_rows(sample, delimiter) if len(row) > 1)
        if widths:
            width, rows = widths.most_common(1)[0]
            scores.append((rows, width, delimiter == preferred, delimiter))
    return max(scores)[3] if scores else preferred


def _usual_width(sample: str, delimiter: str) -> int:
    widths = Counter(len(row) for row in _sample_rows(sample, delimiter))
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _sample_rows(sample: str, delimiter: str) -> list[list[str]]:
    lines = (line.replace("\0", "") for line in sample.splitlines(keepends=True))
    rows = (row for row in csv.reader(lines, delimiter=delimiter) if any(row))
    try:
        return list(islice(rows, SAMPLE_RECORDS))
    except csv.Error:  # a cell beyond the limit: the reading itself will say where
        return []


def read_records(path: Path, dialect: Dialect, limits: Limits) -> Iterator[Record]:
    """Yield every filled record; ragged or damaged ones are marked, none is dropped."""
    csv.field_size_limit(limits.cell_characters)
    number = 0
    has_full_row = False
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        if dialect.has_hint:
            next(file)
        lines = _Lines(file)
        reader = csv.reader(iter(lines), delimiter=dialect.delimiter)
        try:
            for number, row in enumerate(reader, 1):
                if not row:
                    lines.count = 0
                    continue
                has_full_row = has_full_row or len(row) >= dialect.width
                marks = _ragged(row, dialect.width) if has_full_row else []
                marks += lines.take_marks()
                if number == 1:
                    row[0] = row[0].removeprefix(BYTE_ORDER_MARK)
                cells = [_cell(text) for text in row]
                while cells and cells[-1] is None:
                    cells.pop()
                if any(cell and not cell.isspace() for cell in cells):
                    yield Record(number, cells, marks)
        except csv.Error as error:
            raise RefusedContent(
                "cell_too_long", limit=limits.cell_characters, place=str(number + 1)
            ) from error


def _ragged(row: list[str], width: int) -> list[str]:
    """Compare with the usual width; empty cells at the end do no harm."""
    if len(row) < width:
        return ["short"]
    return ["long"] if any(row[width:]) else []


def _cell(text: str) -> str | None:
    if not text:
        return None
    if text.startswith('="'):
        quoted = QUOTED_FORMULA.fullmatch(text)
        return quoted[1] if quoted else text
    if text.startswith(FORMULA_GUARD) and is_like_formula(text):
        return text[len(FORMULA_GUARD) :]
    return text
