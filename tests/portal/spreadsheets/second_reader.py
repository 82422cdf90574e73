"""The second reader: openpyxl, slow and independent, for differential tests."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from portal.spreadsheets.reading import Cell, CellError, Destroyed, Uncomputed

Rows = list[tuple[int, int, list[Cell]]]


def second_reading(path: Path) -> Rows:
    """Read every filled row as (sheet, row, cells up to the last filled one)."""
    values = openpyxl.load_workbook(path, read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(path, read_only=True)
    rows: Rows = []
    for index, (page, written) in enumerate(
        zip(values.worksheets, formulas.worksheets, strict=True)
    ):
        page.reset_dimensions()
        written.reset_dimensions()
        for cells, sources in zip(page.iter_rows(), written.iter_rows(), strict=True):
            row = [canonical(cell, source) for cell, source in zip(cells, sources, strict=True)]
            while row and row[-1] is None:
                row.pop()
            if any(not isinstance(cell, str) or cell.strip() for cell in row if cell is not None):
                number = next(cell.row for cell in cells if hasattr(cell, "row") and cell.row)
                rows.append((index, number, row))
    return rows


def canonical(cell: Any, source: Any) -> Cell:
    """Say what a person sees in one cell."""
    value = cell.value
    if value is None:
        is_formula = getattr(source, "data_type", "") == "f" and cell.data_type != "s"
        return Uncomputed() if is_formula and cell.data_type == "n" else None
    if cell.data_type == "e":
        return CellError(value)
    return next((write(value) for kind, write in WRITE if isinstance(value, kind)), None)


def span(value: datetime.timedelta) -> str:
    """Write a duration."""
    hours, rest = divmod(round(value.total_seconds()), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"


def moment(value: datetime.datetime) -> str:
    """Write a day, with its time where there is one."""
    return value.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")


def number(value: float) -> Cell:
    """Write a number with 15 digits, without exponent."""
    text = format(Decimal(f"{value:.15g}"), "f")
    if abs(value) >= 1e15:
        return Destroyed(text)
    return text.rstrip("0").rstrip(".") if "." in text else text


WRITE: tuple[tuple[Any, Callable[[Any], Cell]], ...] = (
    (bool, lambda value: str(value).upper()),
    (int | float, number),
    (datetime.timedelta, span),
    (datetime.datetime, moment),
    (datetime.date | datetime.time, lambda value: value.isoformat()),
    (str, lambda value: value or None),
)
