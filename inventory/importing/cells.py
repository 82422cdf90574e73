"""A cell as it comes from the reader, and its text."""

from datetime import datetime

from portal.text import NOBODY, clean, compact

#: ``None``, ``str``, ``int``, ``float``, ``bool``, ``date`` or ``datetime``.
Cell = object


def cell_text(cell: Cell) -> str:
    """Return a cell as cleaned text: None is "", a whole float loses its ``.0``, a date is ISO."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{int(cell)}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return clean(str(cell))


def mark(cell: Cell) -> str:
    """Return the key under which words are looked up; "" for every way to write "none"."""
    key = compact(cell_text(cell))
    return "" if key in NOBODY else key
