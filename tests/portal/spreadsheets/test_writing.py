"""Written files: text stays text, digits stay digits, and our own reader gets back what was written."""

import datetime
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from portal.spreadsheets.reading import iter_rows
from portal.spreadsheets.writing import annotate_copy, clip, write_csv, write_table
from tests import workbooks

Read = Callable[..., Any]

VALUES = [
    ("=1+1", "=1+1"),
    ("+1", "+1"),
    ("@SUM(A1)", "@SUM(A1)"),
    ("00101", "00101"),
    ("2018103913486", "2018103913486"),
    ("http://example.org", "http://example.org"),
    ("_x0041_", "_x0041_"),
    ("中文\n第二行", "中文\n第二行"),
    (2018103913486, "2018103913486"),
    (202411547174123456, "202411547174123456"),
    (Decimal("12.30"), "12.3"),
    (Decimal("0"), "0"),
    (Decimal("1234567890123.45"), "1234567890123.45"),
    (Decimal("1234567890123456.78"), "1234567890123456.78"),
    (datetime.date(2017, 9, 22), "2017-09-22"),
    (datetime.date(1899, 12, 31), "1899-12-31"),
    (datetime.date(1900, 2, 28), "1900-02-28"),
    (datetime.datetime(2017, 9, 22, 4, 5, 6, tzinfo=datetime.UTC), "2017-09-22 12:05:06"),
    (True, "TRUE"),
    (None, None),
]


@pytest.mark.parametrize(("value", "outcome"), VALUES)
def test_written_value_comes_back(tmp_path: Path, read: Read, value: Any, outcome: Any) -> None:
    path = tmp_path / "list.xlsx"

    assert write_table(path, ["甲", "乙"], [[value, "end"]], "表") == 1

    _, rows = read(path)
    assert rows[1].cells == [outcome, "end"]
    cell = openpyxl.load_workbook(path).active["A2"]
    assert cell.data_type != "f"


def test_long_text_is_clipped(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "list.xlsx"

    write_table(path, ["a"], [["长" * 40_000]], "表")

    _, rows = read(path)
    assert rows[1].cells == ["长" * 32_766 + "…"]


def test_clip_counts_as_excel_does() -> None:
    assert clip("𠮷" * 16_383) == "𠮷" * 16_383
    assert clip("𠮷" * 16_384) == "𠮷" * 16_383 + "…"


def test_table_without_rows_has_its_head(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "list.xlsx"

    assert write_table(path, ["a", "b"], [], "名称/[1]") == 0

    summary, rows = read(path)
    assert [row.cells for row in rows] == [["a", "b"]]
    assert summary.sheets[0].name == "名称  1"


def test_failed_writing_leaves_nothing(tmp_path: Path) -> None:
    def rows() -> Iterator[list[str]]:
        yield ["a"]
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError):
        write_table(tmp_path / "list.xlsx", ["h"], rows(), "s")

    assert list(tmp_path.iterdir()) == []


def test_equal_headers_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same header"):
        write_table(tmp_path / "list.xlsx", ["h", "h"], [], "s")


def test_csv_is_escaped_unless_raw(tmp_path: Path) -> None:
    row = [
        "=1+1",
        "-a",
        "@x",
        "\tx",
        "＝1",
        -5,
        Decimal("-1.50"),
        None,
        True,
        datetime.date(2017, 9, 22),
    ]

    write_csv(tmp_path / "safe.csv", ["a"] * 10, [row])
    write_csv(tmp_path / "raw.csv", ["a"] * 10, [row], escape=False)

    safe = (tmp_path / "safe.csv").read_bytes()
    assert safe.startswith(b"\xef\xbb\xbf")
    line = safe.decode("utf-8-sig").splitlines()[1]
    assert line == "'=1+1,'-a,'@x,'\tx,'＝1,-5,-1.50,,TRUE,2017-09-22"
    line = (tmp_path / "raw.csv").read_text(encoding="utf-8-sig").splitlines()[1]
    assert line == "=1+1,-a,@x,\tx,＝1,-5,-1.50,,TRUE,2017-09-22"


def test_csv_comes_back(tmp_path: Path, read: Read) -> None:
    write_csv(tmp_path / "list.csv", ["甲", "乙"], [['a,"b"', "c\nd"]], escape=False)

    _, rows = read(tmp_path / "list.csv")

    assert rows[1].cells == ['a,"b"', "c\nd"]


def test_annotated_copy_holds_head_and_bad_rows(tmp_path: Path, read: Read) -> None:
    path = workbooks.xlsx_sheets(
        tmp_path / "list.xlsx",
        {
            "盘点表": [
                ["标题"],
                ["申请号", "名称"],
                [2018103913486, "good"],
                [202411547174123456, "=bad"],
            ],
            "其他": [["x"]],
        },
    )
    summary, rows = read(path)
    problems = {(0, 4): "申请号的位数不对。"}

    written = annotate_copy(
        tmp_path / "bad.xlsx", rows, summary.sheets, problems, {0: (2, "错误说明")}
    )

    assert written == 1
    summary, rows = read(tmp_path / "bad.xlsx")
    assert [sheet.name for sheet in summary.sheets] == ["盘点表"]
    assert [row.cells for row in rows] == [
        ["标题"],
        ["申请号", "名称", "错误说明"],
        ["202411547174123000", None, "申请号的位数不对。"],
    ]


def test_annotated_copy_of_delimited_text_without_bad_rows(tmp_path: Path, read: Read) -> None:
    summary, _ = read(workbooks.csv_file(tmp_path / "list.csv", [["a"], ["b"]]))
    rows = iter_rows(tmp_path / "rows.jsonl")

    assert annotate_copy(tmp_path / "bad.xlsx", rows, summary.sheets, {}, {}) == 0

    assert openpyxl.load_workbook(tmp_path / "bad.xlsx").active["A1"].value is None


def test_a_table_is_fit_to_read_print_and_sort(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    rows = [
        [f"CN20171019228{one}.X", "一种" * 30, datetime.date(2019, 6, one), 202411547174123456, one]
        for one in range(1, 9)
    ]

    write_table(path, ["申请号", "名称", "授权公告日", "长号码", "数量"], rows, "清单")

    page = openpyxl.load_workbook(path).active
    assert (page.freeze_panes, page.print_title_rows, page.auto_filter.ref) == (
        "B2", "$1:$1", "A1:E9",
    )  # fmt: skip
    assert page.page_setup.orientation == "landscape"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page["A2"].number_format, page["A2"].data_type) == ("@", "s")
    assert (str(page["C2"].value), page["C2"].is_date) == ("2019-06-01 00:00:00", True)
    assert (page["D2"].value, page["D2"].data_type) == ("202411547174123456", "s")
    assert (page["E2"].value, page["E2"].data_type) == (1, "n")
    widths = [page.column_dimensions[letter].width for letter in "ABCE"]
    assert 15 < widths[0] < 25
    assert widths[1] > 40
    assert 10 <= widths[2] < 20
    assert widths[3] < 10


def test_moments_are_real_ones_on_the_clock_of_the_place(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    moment = datetime.datetime(2024, 9, 11, 16, 5, 6, tzinfo=datetime.UTC)

    write_table(path, ["a"], [[moment]], "s")

    cell = openpyxl.load_workbook(path).active["A2"]
    assert (str(cell.value), cell.is_date) == ("2024-09-12 00:05:06", True)


@pytest.mark.parametrize("text", ["短", "长" * 300, "=1+1", "  blanks  ", "a\rb", "<&>\x07_x000D_"])
def test_text_of_any_kind_is_text(tmp_path: Path, read: Read, text: str) -> None:
    path = tmp_path / "list.xlsx"

    write_table(path, ["a"], [[text]], "s")

    cell = openpyxl.load_workbook(path).active["A2"]
    assert cell.data_type == "s"
    # older versions of Excel show long text in a cell of the format "text" as ####
    assert cell.number_format == ("@" if len(text) <= 255 else "General")
    assert cell.quotePrefix is (len(text) > 255)
    _, rows = read(path)
    assert rows[1].cells == [text]


def test_a_guarded_text_comes_back_from_csv(tmp_path: Path, read: Read) -> None:
    texts = ["=1+1", "'=1+1", "''=1", "'x", "@a", "－5", "-5", "'"]

    write_csv(tmp_path / "list.csv", ["n", "text"], [[n, text] for n, text in enumerate(texts)])

    _, rows = read(tmp_path / "list.csv")
    assert [row.cells[1] for row in rows[1:]] == texts
