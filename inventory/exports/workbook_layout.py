"""The round-trip workbook (回填工作簿) as a file: what to do, the national layout with locks and rules, hidden keys.

The layout is that of the national template, so the same importer reads it. Identity is locked, answers are not; the
sheet is protected without a password, against slips and not against people. Drop-downs take their values from one
hidden sheet by defined names with Latin letters, and the second level follows the first by MATCH and OFFSET, which
Excel, WPS and LibreOffice understand alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from django.utils.translation import gettext as _

from inventory import vocabulary
from inventory.classification.industries import INDUSTRIES
from inventory.classification.strategic import STRATEGIC
from inventory.exports.layout import INTENT_OPTIONS, STATUS_OPTIONS, Value, write_head
from inventory.exports.workbook_rules import add_rules
from inventory.importing.columns import COLUMNS, FIRST_DATA_ROW, PLACES, SHEET
from inventory.importing.workbook_keys import GUIDE_SHEET, KEY_COLUMNS, OPTIONS_SHEET
from portal.spreadsheets.rows import Look, StreamedSheet, clip
from portal.spreadsheets.writing import open_book

#: What a person may write into: groups H to AC of the template. The rest says which patent it is.
ANSWERS: Final = range(PLACES["H"], PLACES["AC"] + 1)
#: Rows below the last patent that carry the rules, too, for rows that are inserted.
SPARE_ROWS: Final = 200
_AMOUNTS: Final = frozenset({PLACES["N"], PLACES["R"]})
_GREY: Final = "#EDEDED"
_PROTECTION: Final = {
    "insert_rows": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "sort": True,
    "autofilter": True,
}


@dataclass(frozen=True)
class WorkbookRow:
    """One row: cells in the order of the template, the three hidden ones, and whether answers are taken now."""

    cells: Sequence[Value]
    keys: Sequence[str]
    is_editable: bool


@dataclass(frozen=True)
class Guide:
    """What the first sheet says about this very workbook."""

    title: str
    made: str
    count: int


def write_round_trip(path: Path, rows: Iterable[WorkbookRow], guide: Guide) -> int:
    """Write the workbook; return the number of rows below the head. Rows are written as they come."""
    book = open_book(path)
    book.set_properties({"title": guide.title, "comments": guide.made})
    _write_guide(book, guide)
    page = book.add_worksheet(SHEET, worksheet_class=StreamedSheet)
    formats = _Formats(book)
    write_head(book, page)
    _prepare_columns(page, formats)
    written = 0
    for line, row in enumerate(rows, FIRST_DATA_ROW - 1):
        looks = formats.open_row if row.is_editable else formats.locked_row
        page.put_row(line, [*row.cells, *row.keys], looks)
        written += 1
    add_rules(page, FIRST_DATA_ROW + written + SPARE_ROWS)
    page.protect("", _PROTECTION)
    _write_options(book)
    book.close()
    return written


class _Formats:
    """Open and locked cells, text and amounts; locked cells are grey where they are blank, too."""

    def __init__(self, book: Any) -> None:
        def made(**more: Any) -> Any:
            return book.add_format({"valign": "vcenter", **more})

        self.open, self.amount = made(num_format="@", locked=False), made(locked=False)
        grey = made(num_format="@", bg_color=_GREY)
        grey_amount = made(bg_color=_GREY)
        text = Look(self.open, self.amount, self.open)
        amount = Look(self.amount, self.amount, self.amount)
        locked = Look(grey, grey_amount, grey, blank=grey)
        locked_amount = Look(grey_amount, grey_amount, grey_amount, blank=grey_amount)
        every = range(len(COLUMNS))
        keys = [locked] * len(KEY_COLUMNS)
        closed = [locked_amount if place in _AMOUNTS else locked for place in every]
        answers = [amount if place in _AMOUNTS else text for place in every]
        self.locked_row = [*closed, *keys]
        self.open_row = [
            *(answers[place] if place in ANSWERS else closed[place] for place in every),
            *keys,
        ]

    def of_column(self, place: int) -> Any:
        """The format of the blank cells of an answer column."""
        return self.amount if place in _AMOUNTS else self.open


def _prepare_columns(page: Any, formats: _Formats) -> None:
    """Answer columns are open as a whole, so that inserted rows are; keys are hidden."""
    for column in COLUMNS:
        is_open = column.index in ANSWERS
        width = min(column.width, 30)
        page.set_column(
            column.index,
            column.index,
            width,
            formats.of_column(column.index) if is_open else None,
        )
    first = len(COLUMNS)
    page.set_column(first, first + len(KEY_COLUMNS) - 1, 12, None, {"hidden": True})
    for place, (_field, head, _label) in enumerate(KEY_COLUMNS, first):
        page.write_string(FIRST_DATA_ROW - 2, place, head)


# --- what to do --------------------------------------------------------------------------------------


def _write_guide(book: Any, guide: Guide) -> None:
    page = book.add_worksheet(GUIDE_SHEET)
    page.set_column(0, 0, 110)
    page.hide_gridlines(2)
    page.fit_to_pages(1, 0)
    title = book.add_format({"bold": True, "font_size": 16, "locked": True})
    text = book.add_format({"text_wrap": True, "valign": "top", "font_size": 11})
    muted = book.add_format({"font_color": "#666666"})
    page.write_string(0, 0, clip(guide.title), title)
    count = _("%(count)s patents. Made on %(day)s.") % {"count": guide.count, "day": guide.made}
    page.write_string(1, 0, count, muted)
    for line, words in enumerate(_instructions(), 3):
        page.write_string(line, 0, f"{line - 2}. {words}", text)
    page.protect("")


def _instructions() -> tuple[str, ...]:
    white = _(
        "Fill in the white cells of the sheet “%(sheet)s”. Grey cells are locked: they say which patent it is, or its "
        "dossier takes no changes now (under review, or complete)."
    )
    return (
        white % {"sheet": SHEET},
        _(
            "Choose from the drop-downs. The second level offers what belongs to the first level beside it. Cells that "
            "allow your own words ask once and then take them."
        ),
        _(
            "A further status or intent goes into a new row below the patent: insert a row and fill in columns L to R "
            "only; leave number and title blank."
        ),
        _(
            "A cell that you leave as it is changes nothing. A cell that you clear clears the answer in the portal, "
            "and the preview shows it."
        ),
        _(
            "Sorting, filtering and pasting are fine as long as whole rows stay together; to sort, lift the "
            "protection of the sheet first, it has no password. Do not change the hidden columns at the end: by "
            "them the portal knows each row."
        ),
        _(
            "Save as .xlsx and upload it in the portal under “Imports”. You see what would change before anything is "
            "written; the same file twice changes nothing."
        ),
        _(
            "What somebody changed in the portal meanwhile is kept. Where file and portal changed the same field "
            "differently, you are asked which one stays."
        ),
        _(
            "This file holds prices and contacts and is for the work inside your institution. It is no file for the "
            "national platform."
        ),
    )


# --- values of the drop-downs -----------------------------------------------------------------------


def _write_options(book: Any) -> None:
    """One hidden sheet; a defined name for each list."""
    page = book.add_worksheet(OPTIONS_SHEET)
    page.hide()
    columns: list[tuple[str, Sequence[Value]]] = [
        *_cascade("status", vocabulary.STATUS_LEVEL1, STATUS_OPTIONS),
        *_cascade("intent", vocabulary.INTENT_LEVEL1, INTENT_OPTIONS),
        ("opt_price", [word for _code, word in vocabulary.PRICE_BANDS]),
        ("opt_maturity", [word for _code, word in vocabulary.MATURITY]),
        ("opt_stars", [word for _code, word in vocabulary.STARS]),
        ("opt_yes_no", [word for _code, word in vocabulary.YES_NO]),
        ("opt_industry", [industry.path for industry in INDUSTRIES.values()]),
        ("opt_strategic", [entry.path for entry in STRATEGIC.values()]),
    ]
    # the sheet is streamed, so it is written line by line
    for line in range(max(len(values) for _name, values in columns)):
        for place, (_name, values) in enumerate(columns):
            if line < len(values):
                page.write(line, place, values[line])
    for place, (name, values) in enumerate(columns):
        if name:
            letters = xlsxwriter.utility.xl_col_to_name(place)
            area = f"${letters}$1:${letters}${len(values)}"
            book.define_name(name, f"='{OPTIONS_SHEET}'!{area}")
    page.protect("")


def _cascade(
    kind: str, level1: vocabulary.Vocabulary, options: Any
) -> list[tuple[str, Sequence[Value]]]:
    """First levels, how many second levels each has, and these side by side; only the first of them has a name."""
    below = [options.get(code) or (vocabulary.NOTHING_TO_FILL_IN,) for code, _word in level1]
    return [
        (f"opt_{kind}", [word for _code, word in level1]),
        (f"opt_{kind}_count", [len(words) for words in below]),
        *((f"opt_{kind}_below" if place == 0 else "", words) for place, words in enumerate(below)),
    ]
