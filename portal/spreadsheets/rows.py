"""Rows of a sheet as they grow with the data: written as XML at once, one row in memory at a time.

xlsxwriter makes the rest of the workbook (styles, head, rules, package). Its way through every single cell takes some
ten times as long as putting the row together here. Text is always an inline string, which no program takes for a
formula. Cell types and the escapes _xHHHH_: ECMA-376 part 1, 18.3.1.4 and 22.9.2.19.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.utils import timezone
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

MOST_CHARACTERS: Final = 32_767
MOST_DIGITS: Final = 15
# Before March 1900 Excel counts a day that did not exist.
FIRST_SAFE_DAY: Final = date(1900, 3, 1)
DAY_ZERO: Final = date(1899, 12, 30)
# longer text in a cell of the format "text" is shown as #### by older versions of Excel
MOST_IN_TEXT_FORMAT: Final = 255
# what XML cannot hold or takes for its own; a carriage return would come back as a line feed
_UNSAFE: Final = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")
_IN_XML: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": ""}
_DAY_SECONDS: Final = 86_400


class Look(NamedTuple):
    """How cells look, by what is in them; None is the usual look, for `blank` no cell at all."""

    text: Any = None
    # text too long for the format "text"
    long: Any = None
    number: Any = None
    day: Any = None
    moment: Any = None
    blank: Any = None


class StreamedSheet(Worksheet):
    """A sheet of a workbook in constant memory whose rows are put in order, from the top down."""

    # of xlsxwriter, which says no types for them
    previous_row: int
    dim_rowmin: int | None
    dim_colmin: int | None
    dim_colmax: int | None

    def put_row(self, line: int, values: Sequence[Any], looks: Sequence[Look]) -> None:
        """Write row `line` (from 0) below everything written so far; blank text leaves a cell out.

        Days and moments (on the clock of the place) are real ones; numbers of more than 15 digits become text.
        """
        if line != self.previous_row or self.table:
            self._write_single_row(line)
        number = str(line + 1)
        parts = [f'<row r="{number}">']
        for place, (value, look) in enumerate(zip(values, looks, strict=True)):
            if value is None or value == "":
                if look.blank is not None:
                    parts.append(f'<c r="{_letters(place)}{number}"{_style(look.blank)}/>')
                continue
            cell = _CELLS.get(type(value), _other)(value, look)
            parts.append(f'<c r="{_letters(place)}{number}"{cell}')
        parts.append("</row>")
        self.fh.write("".join(parts))
        self.previous_row = line + 1
        self.dim_rowmin = 0 if self.dim_rowmin is None else self.dim_rowmin
        self.dim_colmin = 0 if self.dim_colmin is None else self.dim_colmin
        self.dim_rowmax = line
        self.dim_colmax = max(self.dim_colmax or 0, len(values) - 1)


def clip(text: str) -> str:
    """Cut text to what a cell can hold (counted in UTF-16 units, as Excel does)."""
    text = text.replace("\0", "").encode("utf-8", errors="replace").decode("utf-8")
    if len(text) * 2 <= MOST_CHARACTERS:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= MOST_CHARACTERS * 2:
        return text
    return units[: MOST_CHARACTERS * 2 - 2].decode("utf-16-le", errors="ignore") + "…"


_letters: Callable[[int], str] = lru_cache(maxsize=1024)(xl_col_to_name)


@lru_cache(maxsize=1024)
def _style(look: Any) -> str:
    return "" if look is None else f' s="{look._get_xf_index()}"'


def _text(value: str, look: Look) -> str:
    style = _style(look.text if len(value) <= MOST_IN_TEXT_FORMAT else look.long)
    if len(value) * 2 > MOST_CHARACTERS:
        value = clip(value)
    if _UNSAFE.search(value):
        value = _UNSAFE.sub(_escaped, value)
    kept = "" if value == value.strip() else ' xml:space="preserve"'
    return f'{style} t="inlineStr"><is><t{kept}>{value}</t></is></c>'


def _escaped(found: re.Match[str]) -> str:
    """One sign for XML, or a literal _xHHHH_ so that it is not taken for the escape of a sign."""
    sign = found[0]
    if len(sign) > 1:
        return f"_x005F{sign}"
    if "\ud800" <= sign <= "\udfff":
        return "?"
    return _IN_XML.get(sign) or ("" if sign == "\0" else f"_x{ord(sign):04X}_")


def _whole(value: int, look: Look) -> str:
    if abs(value) >= 10**MOST_DIGITS:
        return _text(str(value), look)
    return f"{_style(look.number)}><v>{value}</v></c>"


def _float(value: float, look: Look) -> str:
    return (
        f"{_style(look.number)}><v>{value!r}</v></c>"
        if math.isfinite(value)
        else _other(value, look)
    )


def _decimal(value: Decimal, look: Look) -> str:
    if not value.is_finite() or len(value.normalize().as_tuple().digits) > MOST_DIGITS:
        return _text(format(value, "f"), look)
    return f"{_style(look.number)}><v>{value.normalize():f}</v></c>"


def _truth(value: bool, look: Look) -> str:
    return f'{_style(look.number)} t="b"><v>{int(value)}</v></c>'


def _day(value: date, look: Look) -> str:
    if value < FIRST_SAFE_DAY:
        return _text(value.isoformat(), look)
    return f"{_style(look.day)}><v>{(value - DAY_ZERO).days}</v></c>"


def _moment(value: datetime, look: Look) -> str:
    """An instant on the clock of the place: a workbook knows no time zones."""
    local = timezone.make_naive(value) if timezone.is_aware(value) else value
    local = local.replace(microsecond=0)
    if local.date() < FIRST_SAFE_DAY:
        return _text(local.isoformat(sep=" "), look)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    serial = (local.date() - DAY_ZERO).days + seconds / _DAY_SECONDS
    return f"{_style(look.moment)}><v>{serial!r}</v></c>"


def _other(value: Any, look: Look) -> str:
    return _text(str(value), look)


_CELLS: Final[dict[type, Callable[[Any, Look], str]]] = {
    str: _text,
    int: _whole,
    float: _float,
    Decimal: _decimal,
    bool: _truth,
    date: _day,
    datetime: _moment,
}
