"""A fixed table of awkward facts of real spreadsheets, each with its stated outcome."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt

from portal.spreadsheets.reading import CellError, Destroyed, Uncomputed
from tests import workbooks

Read = Callable[..., Any]


def with_format(path: Path, value: Any, number_format: str) -> Path:
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write(0, 0, value, book.add_format({"num_format": number_format}))
    book.close()
    return path


# (what it is, bytes of the cell, the outcome)
CELLS = [
    ("a whole number", b'<c r="A1"><v>2024</v></c>', "2024"),
    (
        "an application number kept as a number",
        b'<c r="A1"><v>2018103913486</v></c>',
        "2018103913486",
    ),
    (
        "the same written with an exponent",
        b'<c r="A1"><v>2.018103913486E12</v></c>',
        "2018103913486",
    ),
    ("fifteen digits are whole", b'<c r="A1"><v>999999999999999</v></c>', "999999999999999"),
    ("sixteen are not", b'<c r="A1"><v>2024112402945123</v></c>', Destroyed("2024112402945120")),
    (
        "eighteen digits",
        b'<c r="A1"><v>2.0241154717412301E+17</v></c>',
        Destroyed("202411547174123000"),
    ),
    (
        "a destroyed number kept as text",
        b'<c r="A1" t="inlineStr"><is><t>2.0121E+12</t></is></c>',
        "2.0121E+12",
    ),
    ("leading zeros were lost before", b'<c r="A1"><v>101</v></c>', "101"),
    ("leading zeros kept as text", b'<c r="A1" t="inlineStr"><is><t>00101</t></is></c>', "00101"),
    ("a decimal", b'<c r="A1"><v>12.30</v></c>', "12.3"),
    ("the noise of binary arithmetic", b'<c r="A1"><v>0.30000000000000004</v></c>', "0.3"),
    ("a small number", b'<c r="A1"><v>1E-7</v></c>', "0.0000001"),
    ("minus nothing", b'<c r="A1"><v>-0</v></c>', "0"),
    ("a negative amount", b'<c r="A1"><v>-12.5</v></c>', "-12.5"),
    ("text with thousands", b'<c r="A1" t="inlineStr"><is><t>1,234</t></is></c>', "1,234"),
    (
        "full-width digits",
        '<c r="A1" t="inlineStr"><is><t>２０２４</t></is></c>'.encode(),
        "２０２４",
    ),
    (
        "spaces at both ends",
        b'<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>',
        " a ",
    ),
    ("text that looks like a formula", b'<c r="A1" t="inlineStr"><is><t>=1+1</t></is></c>', "=1+1"),
    ("an escaped character", b'<c r="A1" t="inlineStr"><is><t>a_x0041_</t></is></c>', "aA"),
    ("a named entity", b'<c r="A1" t="inlineStr"><is><t>a&amp;b&#20013;</t></is></c>', "a&b中"),
    ("rich text", b'<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
    ("yes", b'<c r="A1" t="b"><v>1</v></c>', "TRUE"),
    ("an error", b'<c r="A1" t="e"><v>#REF!</v></c>', CellError("#REF!")),
    (
        "an error of a formula",
        b'<c r="A1" t="e"><f>B1/0</f><v>#DIV/0!</v></c>',
        CellError("#DIV/0!"),
    ),
    ("a formula with its result", b'<c r="A1"><f>1+1</f><v>2</v></c>', "2"),
    ("a formula with a text result", b'<c r="A1" t="str"><f>B1</f><v>x</v></c>', "x"),
    ("a formula never calculated", b'<c r="A1"><f>1+1</f></c>', Uncomputed()),
    ("a formula with an empty value", b'<c r="A1"><f>1+1</f><v/></c>', Uncomputed()),
    (
        "a shared formula never calculated",
        b'<c r="A1"><f t="shared" si="0"/><v></v></c>',
        Uncomputed(),
    ),
    ("a day kept as ISO text by type d", b'<c r="A1" t="d"><v>2024-09-11</v></c>', "2024-09-11"),
]


@pytest.mark.parametrize(
    ("data", "outcome"), [case[1:] for case in CELLS], ids=[case[0] for case in CELLS]
)
def test_cell(tmp_path: Path, read: Read, data: bytes, outcome: Any) -> None:
    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", b'<row r="1">' + data + b"</row>")

    _, rows = read(path)

    assert [row.cells for row in rows] == [[outcome]]


# (number, number format, the outcome): serial 60 is the 29 February 1900 that never was
FORMATS = [
    (43000, "yyyy-mm-dd", "2017-09-22"),
    (43000, 'yyyy"年"m"月"d"日"', "2017-09-22"),
    (43000, "[$-804]yyyy年m月", "2017-09-22"),
    (43000.5, "yyyy/m/d h:mm", "2017-09-22 12:00:00"),
    (43000.999999, "yyyy/m/d h:mm", "2017-09-23"),
    (1, "yyyy-mm-dd", "1900-01-01"),
    (59, "yyyy-mm-dd", "1900-02-28"),
    (60, "yyyy-mm-dd", "1900-02-28"),
    (61, "yyyy-mm-dd", "1900-03-01"),
    (0.75, "h:mm", "18:00:00"),
    (1.25, "[h]:mm", "30:00:00"),
    (3_000_000, "yyyy-mm-dd", "3000000"),
    (12, '0"分"', "12"),
    (12.5, '0.00"万元/年"', "12.5"),
    (0.5, "0%", "0.5"),
    (1234.5, "#,##0.00", "1234.5"),
    (2012100000000, "0.00E+00", "2012100000000"),
    (12, "[Red]0", "12"),
    (2024, "@", "2024"),
]


@pytest.mark.parametrize(("value", "number_format", "outcome"), FORMATS)
def test_number_format(
    tmp_path: Path, read: Read, value: float, number_format: str, outcome: str
) -> None:
    _, rows = read(with_format(tmp_path / "list.xlsx", value, number_format))

    assert rows[0].cells == [outcome]


@pytest.mark.parametrize("number", [14, 22, *range(27, 37), *range(50, 59)])
def test_day_formats_without_a_name(tmp_path: Path, read: Read, number: int) -> None:
    """Chinese Excel and WPS write the numbers 27-36 and 50-58 without saying what they mean."""
    style = workbooks.BLANK_STYLES.replace(b'numFmtId="0"', b'numFmtId="%d"' % number)
    path = workbooks.raw_xlsx(
        tmp_path / "list.xlsx",
        b'<row r="1"><c r="A1" s="0"><v>43000</v></c></row>',
        parts={"xl/styles.xml": workbooks.HEAD + style},
    )

    _, rows = read(path)

    assert rows[0].cells == ["2017-09-22"]


def test_days_counted_from_1904(tmp_path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([datetime.date(2017, 9, 22)])
    book.save(tmp_path / "list.xlsx")

    _, rows = read(tmp_path / "list.xlsx")

    assert rows[0].cells == ["2017-09-22"]


def test_merged_hidden_and_filtered(tmp_path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["标题"], ["申请号", "名称"], ["1", "a"], ["2", "b"], [None, "c"]):
        page.append(row)
    page.merge_cells("A1:B1")
    page.merge_cells("A4:A5")
    page.auto_filter.ref = "A2:B5"
    page.row_dimensions[3].hidden = True
    page.column_dimensions["B"].hidden = True
    book.create_sheet("选项").sheet_state = "veryHidden"
    book.save(tmp_path / "list.xlsx")

    summary, rows = read(tmp_path / "list.xlsx")

    assert [(row.row, row.cells) for row in rows] == [
        (1, ["标题"]),
        (2, ["申请号", "名称"]),
        (3, ["1", "a"]),
        (4, ["2", "b"]),
        (5, [None, "c"]),
    ]
    assert [(sheet.state, sheet.hidden_rows, sheet.merged) for sheet in summary.sheets] == [
        ("visible", 1, ((1, 1, 1, 2), (4, 1, 5, 1))),
        ("hidden", 0, ()),
    ]


def test_blank_rows_keep_the_numbers_of_excel(tmp_path: Path, read: Read) -> None:
    rows = b'<row r="3"><c r="B3"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'

    _, found = read(workbooks.raw_xlsx(tmp_path / "list.xlsx", rows), area=10**8)

    assert [(row.row, row.cells) for row in found] == [(3, [None, "1"]), (1_048_576, ["2"])]


def test_styled_blanks_do_not_count(tmp_path: Path, read: Read) -> None:
    rows = (
        b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row>'
        b'<row r="1048576"><c r="XFD1048576" s="0"></c></row>'
    )

    summary, found = read(workbooks.raw_xlsx(tmp_path / "list.xlsx", rows))

    assert [row.cells for row in found] == [["1"]]
    assert (summary.sheets[0].rows, summary.sheets[0].columns) == (1, 1)


@pytest.mark.parametrize("dimension", [b"A1", b"A1:XFD1048576", b"A1:A1000000"])
def test_lying_dimension(tmp_path: Path, read: Read, dimension: bytes) -> None:
    path = workbooks.raw_xlsx(
        tmp_path / "list.xlsx",
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="C3"><v>3</v></c></row>',
        before=b'<dimension ref="' + dimension + b'"/>',
    )

    _, rows = read(path)

    assert [(row.row, row.cells) for row in rows] == [(1, ["1"]), (3, [None, None, "3"])]


def test_cells_without_references(tmp_path: Path, read: Read) -> None:
    """Some reporting tools leave out r="A1"."""
    path = workbooks.raw_xlsx(
        tmp_path / "list.xlsx",
        b'<row><c><v>1</v></c><c/><c t="e"><v>#N/A</v></c></row><row><c><v>2</v></c></row>',
    )

    _, rows = read(path)

    assert [(row.row, row.cells) for row in rows] == [
        (1, ["1", None, CellError("#N/A")]),
        (2, ["2"]),
    ]


def test_old_workbook(tmp_path: Path, read: Read) -> None:
    day = datetime.date(2017, 9, 22)
    path = workbooks.xls(
        tmp_path / "list.xls",
        [["申请号", 2018103913486, day], [], [True, 12.5, 202411547174123456]],
    )

    summary, rows = read(path)

    assert summary.kind == "xls"
    assert [(row.row, row.cells) for row in rows] == [
        (1, ["申请号", "2018103913486", "2017-09-22"]),
        (3, ["TRUE", "12.5", Destroyed("202411547174123000")]),
    ]


def test_old_workbook_with_errors_and_hidden_rows(tmp_path: Path, read: Read) -> None:
    book = xlwt.Workbook()
    book.add_sheet("one").write(0, 0, "a")
    page = book.add_sheet("two")
    page.visibility = 1
    page.row(1).set_cell_error(2, 42)
    page.row(1).hidden = True
    book.save(str(tmp_path / "list.xls"))

    summary, rows = read(tmp_path / "list.xls")

    assert [(row.sheet, row.row, row.cells) for row in rows] == [
        (0, 1, ["a"]),
        (1, 2, [None, None, CellError("#N/A")]),
    ]
    assert [(s.name, s.state, s.hidden_rows) for s in summary.sheets] == [
        ("one", "visible", 0),
        ("two", "hidden", 1),
    ]
