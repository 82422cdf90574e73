"""The workbook of the national layout: head rows, hidden option sheets, drop-downs, and the rows of dossiers.

Everything in it comes from inventory.importing.columns and inventory.vocabulary. Rows are written as they come, so
memory does not grow with their number; text is always written as text, never as a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from inventory import vocabulary
from inventory.classification.industries import SECTIONS
from inventory.importing.columns import (
    COLUMNS,
    FIRST_DATA_ROW,
    GROUPS,
    HINT,
    PLACES,
    SHEET,
    WIDTHS,
    Group,
)
from portal.spreadsheets.limits import EXCEL_ROWS
from portal.spreadsheets.rows import Look, StreamedSheet
from portal.spreadsheets.writing import open_book

STATUS_SHEET: Final = "专利实施化状态（含产业化）"
INTENT_SHEET: Final = "转化意愿"
MATURITY_SHEET: Final = "技术成熟度"
STARS_SHEET: Final = "专利价值分级自评"
PRICE_SHEET: Final = "意向价格"
OTHER_SHEET: Final = "其他"
#: Rows of the template that carry drop-downs, however few dossiers there are.
LEAST_ROWS: Final = 43
_HEIGHTS: Final = (28.9, 37.15, 122.25)

#: Options below each first level, as the option sheets print them.
STATUS_OPTIONS: Final[Mapping[str, Sequence[str]]] = {
    level1: tuple(word for _code, word in words) or (vocabulary.NOTHING_TO_FILL_IN,)
    for level1, words in vocabulary.STATUS_LEVEL2_OF.items()
    if level1 != "custom"
}
INTENT_OPTIONS: Final[Mapping[str, Sequence[str]]] = {
    level1: tuple(word for _code, word in words)
    for level1, words in vocabulary.INTENT_LEVEL2_OF.items()
}

#: A cell of a row: text, number or nothing.
Value = str | float | None


def write_workbook(
    path: Path, rows: Iterable[Sequence[Value]], properties: Mapping[str, str] | None = None
) -> int:
    """Write the national layout; return the number of rows below the head."""
    book = open_book(path)
    book.set_properties(dict(properties or {}))
    page = book.add_worksheet(SHEET, worksheet_class=StreamedSheet)
    write_head(book, page)
    written = _write_rows(book, page, rows)
    last = max(LEAST_ROWS, FIRST_DATA_ROW + written - 1)
    _add_drop_downs(page, last)
    _add_option_sheets(book)
    book.close()
    return written


# --- the head ---------------------------------------------------------------------------------------


def write_head(book: Any, page: Any) -> None:
    """The three head rows, with the template's widths, heights and merged cells."""
    for place, width in enumerate(WIDTHS):
        page.set_column(place, place, width)
    for row, height in enumerate(_HEIGHTS):
        page.set_row(row, height)
    page.freeze_panes(FIRST_DATA_ROW - 1, PLACES["C"])
    hint = book.add_format({"bg_color": "#FFFF00", "font_color": "#FF0000", "valign": "vcenter"})
    page.merge_range(0, 0, 0, len(COLUMNS) - 1, HINT, hint)
    _write_groups(page, _head_format(book, align="center"))
    head = _head_format(book, align="left")
    for column in COLUMNS:
        if column.header:
            page.write_string(2, column.index, column.header, head)


def _write_groups(page: Any, group: Any) -> None:
    """Row 2, and the blank cells of row 3 that its merged cells reach down to."""
    for one in GROUPS:
        first, last = PLACES[one.first], PLACES[one.last]
        if first == last:
            page.write_string(1, first, one.words, group)
        else:
            page.merge_range(1, first, 1, last, one.words, group)
    for one in filter(_reaches_down, GROUPS):
        place = PLACES[one.first]
        page.write_blank(2, place, None, group)
        # not merge_range: it would write to row 2 again, which is streamed out by now
        page.merge.append([1, place, 2, place])


def _reaches_down(group: Group) -> bool:
    return not COLUMNS[PLACES[group.first]].header


def _head_format(book: Any, *, align: str) -> Any:
    return book.add_format(
        {
            "bg_color": "#F2F2F2",
            "border": 1,
            "align": align,
            "valign": "vcenter",
            "text_wrap": True,
            "font_name": "等线",
            "font_size": 11,
        }
    )


# --- the rows ---------------------------------------------------------------------------------------


def _write_rows(book: Any, page: StreamedSheet, rows: Iterable[Sequence[Value]]) -> int:
    text = {"quote_prefix": True, "valign": "vcenter"}
    look = Look(
        text=book.add_format({**text, "num_format": "@"}),
        long=book.add_format(text),
        number=book.add_format({"valign": "vcenter"}),
    )
    looks = [look] * len(COLUMNS)
    line = FIRST_DATA_ROW - 1
    for line, row in enumerate(rows, FIRST_DATA_ROW):
        page.put_row(line - 1, row, looks[: len(row)])
    return line - FIRST_DATA_ROW + 1


# --- drop-downs --------------------------------------------------------------------------------------


def _add_drop_downs(page: Any, last: int) -> None:
    """Strict where the template is strict (K, U, X); the lists of L, M, P, Q, Y let other words pass."""
    every = EXCEL_ROWS
    status_end = _letters(len(vocabulary.STATUS_LEVEL1))
    intent_end = _letters(len(vocabulary.INTENT_LEVEL1))
    lists = (
        ("K", f"={OTHER_SHEET}!$D$7:$D$8", last, True),
        ("L", f"='{STATUS_SHEET}'!$A$1:${status_end}$1", every, False),
        ("M", "=INDIRECT($L4)", every, False),
        ("P", f"={INTENT_SHEET}!$A$1:${intent_end}$1", every, False),
        ("Q", "=INDIRECT($P4)", every, False),
        ("U", f"={PRICE_SHEET}!$A$1:$A${len(vocabulary.PRICE_BANDS)}", last, True),
        ("X", f"={MATURITY_SHEET}!$A$1:$A${len(vocabulary.MATURITY)}", last, True),
        ("Y", f"={STARS_SHEET}!$A$2:$A${len(vocabulary.STARS) + 1}", last, False),
    )
    for letter, source, end, is_strict in lists:
        place = PLACES[letter]
        options = {"validate": "list", "source": source, "show_error": is_strict}
        page.data_validation(FIRST_DATA_ROW - 1, place, end - 1, place, options)


def _add_option_sheets(book: Any) -> None:
    """Six hidden sheets with the verbatim words, and a name for the options of each first level."""
    level1 = vocabulary.STATUS_LEVEL1
    _write_options(
        book, STATUS_SHEET, [(word, STATUS_OPTIONS.get(code, ())) for code, word in level1]
    )
    _write_options(
        book,
        INTENT_SHEET,
        [(word, INTENT_OPTIONS[code]) for code, word in vocabulary.INTENT_LEVEL1],
    )
    _write_cells(book, MATURITY_SHEET, [[word] for _code, word in vocabulary.MATURITY])
    criteria = dict(vocabulary.STAR_CRITERIA)
    graded = [[word, criteria[stars]] for stars, word in vocabulary.STARS]
    _write_cells(book, STARS_SHEET, [["评价星级", "星级说明"], *graded])
    _write_cells(book, PRICE_SHEET, [[word] for _code, word in vocabulary.PRICE_BANDS])
    yes_no = [["", "", "", word] for _code, word in vocabulary.YES_NO]
    sections = [section.name for section in SECTIONS]
    _write_cells(book, OTHER_SHEET, [sections, [], [], [], [], [], *yes_no])


def _write_options(book: Any, sheet: str, columns: Sequence[tuple[str, Sequence[str]]]) -> None:
    """First levels in row 1, their options below, and a defined name over these for INDIRECT."""
    height = max(len(options) for _word, options in columns)
    below = [
        [options[row] if row < len(options) else "" for _word, options in columns]
        for row in range(height)
    ]
    _write_cells(book, sheet, [[word for word, _options in columns], *below])
    for place, (word, options) in enumerate(columns, 1):
        if options:
            letter = _letters(place)
            area = f"'{sheet}'!${letter}$2:${letter}${len(options) + 1}"
            # not define_name: it refuses the ideographic comma, which Excel allows in names
            book.defined_names.append([word, -1, area, False])


def _write_cells(book: Any, sheet: str, rows: Sequence[Sequence[str]]) -> None:
    page = book.add_worksheet(sheet)
    page.hide()
    for line, row in enumerate(rows):
        for place, word in enumerate(row):
            if word:
                page.write_string(line, place, word)


def _letters(number: int) -> str:
    return COLUMNS[number - 1].letter
