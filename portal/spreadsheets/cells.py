"""Cells as the reader library gives them, turned into what a person sees in Excel."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

# A number keeps 15 digits in a workbook; from here on digits are lost.
DESTROYED_FROM = 1e15

JsonCell = str | None | dict[str, Any]


def number_text(value: float) -> JsonCell:
    """Write a number with the 15 digits Excel keeps; mark one that has lost digits."""
    if value != value or abs(value) == float("inf"):
        return {"e": "#NUM!"}
    if abs(value) >= DESTROYED_FROM:
        # Excel fills the lost places with zeros, so that is what the person sees.
        text = format(Decimal(f"{value:.15g}"), "f") if abs(value) < 1e21 else repr(value)
        return {"n": text, "destroyed": True}
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    if "e" in text or len(text) > 16:
        return format(Decimal(f"{value:.15g}"), "f")
    return text


def whole_text(value: int) -> JsonCell:
    """Write a whole number; .xls keeps small ones as such."""
    return number_text(float(value)) if abs(value) >= DESTROYED_FROM else str(value)


def truth_text(value: bool) -> str:
    """Write a truth value as Excel shows it."""
    return "TRUE" if value else "FALSE"


def moment_text(value: datetime.datetime) -> str:
    """Write a day, with its time only where there is one; Excel's fractions are rounded to seconds."""
    rounded = value.replace(microsecond=0)
    if value.microsecond >= 500_000:
        rounded += datetime.timedelta(seconds=1)
    if rounded.time() == datetime.time():
        return rounded.date().isoformat()
    return rounded.isoformat(sep=" ")


def span_text(value: datetime.timedelta) -> str:
    """Write a duration as hours, minutes and seconds: 30:00:00."""
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{sign}{hour}:{minute:02}:{second:02}"


def clean_text(value: str) -> str | None:
    """Keep text as it is; nothing is nothing. A database cannot hold NUL."""
    return value.replace("\0", "") or None


CONVERT: dict[type, Callable[[Any], JsonCell]] = {
    str: clean_text,
    float: number_text,
    int: whole_text,
    bool: truth_text,
    datetime.datetime: moment_text,
    datetime.date: datetime.date.isoformat,
    datetime.time: lambda value: value.isoformat(timespec="seconds"),
    datetime.timedelta: span_text,
}


def convert_row(values: list[Any]) -> list[JsonCell]:
    """Turn one row of the reader library into JSON cells."""
    return [
        (value or None) if type(value) is str else CONVERT[type(value)](value) for value in values
    ]


def is_blank(cells: list[JsonCell]) -> bool:
    """Say whether a row holds nothing but white space."""
    return all(cell is None or (isinstance(cell, str) and cell.isspace()) for cell in cells)
