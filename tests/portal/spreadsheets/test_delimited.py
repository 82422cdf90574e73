"""CSV: encodings, delimiters, rows that are odd."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.spreadsheets.reading import iter_rows, read_file, read_summary
from tests import workbooks

Read = Callable[..., Any]
ROWS = [["申请号", "名称", "摘要"], ["2018103913486", "一种装置，及方法", "第一行\n第二行"]]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_encoding(tmp_path: Path, read: Read, encoding: str, found: str) -> None:
    summary, rows = read(workbooks.csv_file(tmp_path / "list.csv", ROWS, encoding))

    assert [row.cells for row in rows] == ROWS
    assert (summary.encoding, summary.kind, summary.sheets[0].name) == (found, "csv", "list")


def test_gb18030_with_a_mark(tmp_path: Path, read: Read) -> None:
    data = "\ufeff申请号,名称\r\n1,a\r\n".encode("gb18030")

    _, rows = read(written(tmp_path / "list.csv", data))

    assert rows[0].cells == ["申请号", "名称"]


def test_damaged_gb18030_is_marked_not_refused(tmp_path: Path, read: Read) -> None:
    lines = ["申请号,发明名称"] + [f"{number},一种电池的制备方法" for number in range(200)]
    data = "\r\n".join(lines).encode("gb18030").replace(b"77,", b"77,\xff", 1)

    summary, rows = read(written(tmp_path / "list.csv", data))

    assert summary.encoding == "gb18030"
    assert [(row.row, row.marks) for row in rows if row.marks] == [(79, ("undecodable",))]
    assert rows[78].cells[1].startswith("\ufffd")


def test_damaged_utf8_is_not_taken_for_gb18030(tmp_path: Path, read: Read) -> None:
    data = "\n".join(f"{number},一种电池的制备方法" for number in range(200)).encode()

    summary, rows = read(written(tmp_path / "list.csv", data[:-1]))

    assert summary.encoding == "utf-8"
    assert [row.row for row in rows if row.marks == ("undecodable",)] == [200]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter(tmp_path: Path, read: Read, delimiter: str) -> None:
    path = workbooks.csv_file(
        tmp_path / "list.csv", [*ROWS, ["3", "a,b;c", "d"]], "utf-8", delimiter
    )

    summary, rows = read(path)

    assert summary.delimiter == delimiter
    assert rows[2].cells == ["3", "a,b;c", "d"]


def test_delimiter_named_in_the_first_line(tmp_path: Path, read: Read) -> None:
    _, rows = read(written(tmp_path / "list.csv", b"sep=;\r\na,1;b\r\nc,2;d\r\n"))

    assert [(row.row, row.cells) for row in rows] == [(1, ["a,1", "b"]), (2, ["c,2", "d"])]


def test_text_of_one_column(tmp_path: Path, read: Read) -> None:
    _, rows = read(written(tmp_path / "list.txt", b"2018103913486\n\n2018103913487"))

    assert [(row.row, row.cells) for row in rows] == [
        (1, ["2018103913486"]),
        (3, ["2018103913487"]),
    ]


def test_ragged_rows_are_marked_not_dropped(tmp_path: Path, read: Read) -> None:
    data = b"title\na,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n,,\n1,2,3\n"

    _, rows = read(written(tmp_path / "list.csv", data))

    assert [(row.row, row.cells, row.marks) for row in rows] == [
        (1, ["title"], ()),
        (2, ["a", "b", "c"], ()),
        (3, ["1", "2", "3"], ()),
        (4, ["1", "2"], ("short",)),
        (5, ["1", "2", "3", "4"], ("long",)),
        (6, ["1", "2", "3"], ()),
        (8, ["1", "2", "3"], ()),
    ]


def test_nul_bytes_are_taken_out_and_marked(tmp_path: Path, read: Read) -> None:
    _, rows = read(written(tmp_path / "list.csv", b"a,b,c,d,e,f\n1,2\0,3,4,5,6\n1,2,3,4,5,6\n"))

    assert [(row.cells[1], row.marks) for row in rows] == [("b", ()), ("2", ("nul",)), ("2", ())]


def test_open_quotation_mark_is_marked(tmp_path: Path, read: Read) -> None:
    data = b'a,b\n1,"x\ny"\n2,3" pipe\n4,"open\n5,6\n7,8\n'

    _, rows = read(written(tmp_path / "list.csv", data))

    assert [(row.row, row.marks) for row in rows] == [
        (1, ()),
        (2, ()),
        (3, ()),
        (4, ("open_quote",)),
    ]


def test_digits_kept_by_a_formula(tmp_path: Path, read: Read) -> None:
    _, rows = read(written(tmp_path / "list.csv", b'no,b\n"=""2018103913486""",=1+1\n'))

    assert rows[1].cells == ["2018103913486", "=1+1"]


def test_tab_behind_a_number_stays(tmp_path: Path, read: Read) -> None:
    _, rows = read(written(tmp_path / "list.csv", b"a,b\n2024112402945\t,1\n"))

    assert rows[1].cells == ["2024112402945\t", "1"]


def test_thirty_thousand_blank_rows(tmp_path: Path, read: Read) -> None:
    _, rows = read(written(tmp_path / "list.csv", b"a,b\r\n" + b",\r\n" * 30_633 + b"1,2\r\n"))

    assert [row.row for row in rows] == [1, 30_635]


def test_rows_can_be_taken_up_in_the_middle(tmp_path: Path) -> None:
    from_start = workbooks.csv_file(tmp_path / "list.csv", [[str(n)] for n in range(10)])
    out = tmp_path / "rows.jsonl"
    summary = read_file(from_start, "list.csv", out)

    assert [row.cells for row in iter_rows(out, 7)] == [["7"], ["8"], ["9"]]
    assert read_summary(out) == summary
    assert summary.lines == 10
    assert summary.sha256 == hashlib.sha256(from_start.read_bytes()).hexdigest()
