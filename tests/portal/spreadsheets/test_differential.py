"""Two readers, one truth: generated workbooks read by the child and by openpyxl give the same cells."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.spreadsheets.limits import Limits
from portal.spreadsheets.reading import iter_rows, read_file
from tests import workbooks
from tests.portal.spreadsheets.second_reader import second_reading

# No surrogates, controls or "_x" escapes: XML cannot carry the first, and only one reader undoes the last.
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="_\ufffe\uffff"),
    min_size=1,
    max_size=12,
)
WIDE = st.text("０１２３４５６７８９ＡＢ，．　", min_size=1, max_size=8)
NUMBER = st.one_of(
    st.integers(-(10**17), 10**17),
    st.floats(-1e12, 1e12, allow_subnormal=False).map(lambda value: float(f"{value:.14g}")),
    st.decimals(0, 100_000, places=2).map(float),
)
DAY = st.dates(datetime.date(1904, 1, 2), datetime.date(2100, 1, 1))
MOMENT = st.tuples(DAY, st.times()).map(
    lambda pair: datetime.datetime.combine(pair[0], pair[1].replace(microsecond=0))
)
FORMULA = st.tuples(
    st.just("=1+1"), st.one_of(st.integers(0, 99), st.just("文"), st.just("#N/A"), st.booleans())
)
VALUE = st.one_of(
    st.none(), TEXT, WIDE, NUMBER, DAY, MOMENT, st.booleans(), FORMULA, st.just(("blank",))
)
ROWS = st.lists(st.lists(VALUE, max_size=7), min_size=1, max_size=8)
BOOK = st.fixed_dictionaries(
    {
        "sheets": st.lists(ROWS, min_size=1, max_size=3),
        "is_1904": st.booleans(),
        "hidden": st.booleans(),
    }
)


def build(path: Path, plan: dict[str, Any]) -> None:
    book = xlsxwriter.Workbook(str(path), {"date_1904": plan["is_1904"], "strings_to_urls": False})
    formats = {
        datetime.date: book.add_format({"num_format": 'yyyy"年"m"月"d"日"'}),
        datetime.datetime: book.add_format({"num_format": "yyyy/m/d h:mm:ss"}),
        "blank": book.add_format({"bg_color": "#FFFF00"}),
    }
    for index, rows in enumerate(plan["sheets"]):
        page = book.add_worksheet()
        page.write_string(0, 2, "标题")
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                put(page, (line, column), value, formats)
        page.merge_range(len(rows) + 2, 0, len(rows) + 3, 1, "合并")
        page.set_column(8, 40, 12, formats["blank"])
        if plan["hidden"]:
            page.set_row(2, options={"hidden": True})
        if plan["hidden"] and index:
            page.hide()
    book.close()


def put(page: Any, place: tuple[int, int], value: Any, formats: dict[Any, Any]) -> None:
    if value == ("blank",):
        page.write_blank(*place, None, formats["blank"])
    elif isinstance(value, tuple):
        page.write_formula(*place, value[0], None, value[1])
    elif isinstance(value, datetime.date):
        page.write_datetime(*place, value, formats[type(value)])
    elif isinstance(value, str):
        page.write_string(*place, value)
    elif value is not None:
        page.write(*place, value)


@settings(max_examples=35, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=BOOK)
def test_both_readers_give_the_same_cells(tmp_path: Path, plan: dict[str, Any]) -> None:
    path, out = tmp_path / "book.xlsx", tmp_path / "rows.jsonl"
    build(path, plan)

    read_file(path, path.name, out, Limits())

    assert [(row.sheet, row.row, row.cells) for row in iter_rows(out)] == second_reading(path)


def test_both_readers_agree_on_formulas_without_result(
    tmp_path: Path, read: Callable[..., Any]
) -> None:
    path = workbooks.xlsx(tmp_path / "book.xlsx", [["a", "=1+1", 3], [None, None, '="x"']])

    _, rows = read(path)

    assert [(row.sheet, row.row, row.cells) for row in rows] == second_reading(path)


def test_both_spellings_of_xml_give_the_same_cells(
    tmp_path: Path, read: Callable[..., Any]
) -> None:
    rows = (
        b'<row r="2" hidden="1"><c r="B2"><v>1.5</v></c><c r="C2" t="e"><v>#REF!</v></c>'
        b'<c r="D2"><f>1+1</f></c><c r="E2" t="str"><f>A1</f><v></v></c></row>'
    )
    usual = workbooks.raw_xlsx(tmp_path / "usual.xlsx", rows)
    prefixed = rows.replace(b"</", b"</x:").replace(b"<r", b"<x:r").replace(b"<c", b"<x:c")
    prefixed = prefixed.replace(b"<v", b"<x:v").replace(b"<f", b"<x:f").replace(b'"', b"'")
    sheet = b'<x:worksheet xmlns:x="%s"><x:sheetData>%s</x:sheetData></x:worksheet>'
    part = {"xl/worksheets/sheet1.xml": sheet % (workbooks.MAIN.encode(), prefixed)}
    unusual = workbooks.raw_xlsx(tmp_path / "unusual.xlsx", b"", parts=part)

    first, second = read(usual), read(unusual)

    assert first[1] == second[1]
    assert first[0].sheets == second[0].sheets
    assert first[0].sheets[0].hidden_rows == 1
