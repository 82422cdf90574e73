"""The great attacks on a reader, each in every kind of file it can be made of: the worker lives, the person is told.

Giant texts, far corners, hundreds of megabytes of texts, entities, headers that lie, deep nesting.
"""

from __future__ import annotations

import resource
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlwt

from portal.spreadsheets.limits import MEGABYTE, Limits
from portal.spreadsheets.problems import UnreadableFile
from portal.spreadsheets.reading import RawRow, ReadSummary, read_file
from tests import workbooks

Refusal = Callable[..., UnreadableFile]
Read = Callable[..., tuple[ReadSummary, list[RawRow]]]
#: a gate that lets everything through: what stands behind it must hold by itself
OPEN_GATE: dict[str, int] = {"ratio": 10**6, "unpacked_bytes": 8192 * MEGABYTE}
SECTOR = 512


@pytest.fixture(autouse=True)
def small_parent() -> Iterator[None]:
    """The process that reads an upload does not grow with it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    yield

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024


def outcome(path: Path, **caps: Any) -> str:
    """Read a file that may be read or refused; the code of the refusal, "" where it was read."""
    try:
        read_file(path, path.name, path.with_suffix(".jsonl"), Limits(**caps))
    except UnreadableFile as refused:
        code = refused.code
    else:
        code = ""
    return code


# --- hundreds of megabytes of texts ---------------------------------------------------------------------


def many_strings(path: Path, megabytes: int) -> Path:
    """A workbook of so many megabytes of different shared texts, none longer than a cell may be."""
    workbooks.raw_xlsx(path, b'<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings=b"")
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    del parts["xl/sharedStrings.xml"]
    filler = b"A" * 32_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as strings:
            strings.write(workbooks.HEAD + f'<sst xmlns="{workbooks.MAIN}">'.encode())
            for number in range(megabytes * MEGABYTE // len(filler)):
                strings.write(b"<si><t>%d %s</t></si>" % (number, filler))
            strings.write(b"</sst>")
    return path


def test_five_hundred_megabytes_of_strings(tmp_path: Path, refusal: Refusal) -> None:
    path = many_strings(tmp_path / "list.xlsx", 500)

    assert refusal(path).code in {"packed_too_tightly", "unpacks_too_large"}


@pytest.mark.slow
def test_five_hundred_megabytes_of_strings_behind_the_gate(tmp_path: Path) -> None:
    path = many_strings(tmp_path / "list.xlsx", 500)

    assert outcome(path, **OPEN_GATE, memory_bytes=300 * MEGABYTE) == "unsafe"


def test_many_megabytes_of_strings_in_delimited_text(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        for _megabyte in range(101):
            file.write(b"x" * 1023 + b"\n" * 1 + b"y" * (MEGABYTE - 1025) + b"\n")

    assert refusal(path).code == "too_large"
    assert outcome(path, file_bytes=200 * MEGABYTE) == "cell_too_long"


# --- giant texts ------------------------------------------------------------------------------------------


def test_a_quote_that_is_never_closed(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b'a,b\n1,"' + b"line\n" * 12_000_000)

    assert refusal(path).code == "cell_too_long"


def test_a_giant_string_of_an_old_workbook(tmp_path: Path) -> None:
    """Texts of .xls may go on in CONTINUE records: one that claims far more than follows."""
    path = workbooks.xls(tmp_path / "list.xls", [["x" * 8000], ["申请号"]])
    data = path.read_bytes()
    claimed = struct.pack("<H", 8000) + b"\x00"
    assert data.count(claimed) == 1
    path.write_bytes(data.replace(claimed, struct.pack("<H", 65_535) + b"\x00"))

    assert outcome(path) in {"", "broken", "unsafe", "cell_too_long"}


def test_one_long_string_in_all_cells_of_an_old_workbook(tmp_path: Path) -> None:
    """Thirty thousand characters in thirty thousand cells: a gigabyte of rows from a megabyte of file."""
    path = workbooks.xls(tmp_path / "list.xls", [["x" * 30_000]] * 30_000)

    assert outcome(path) in {"too_much_text", "unsafe"}


# --- far corners --------------------------------------------------------------------------------------------


def test_two_cells_at_the_far_corners_of_an_old_workbook(tmp_path: Path, refusal: Refusal) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("专利表")
    page.write(0, 0, "申请号")
    page.write(65_535, 255, "x")
    path = tmp_path / "list.xls"
    book.save(str(path))

    found = refusal(path)
    assert (found.code, found.params["sheet"]) == ("too_many_columns", "专利表")
    behind = {"columns": 256, "area": 10**9, "memory_bytes": 400 * MEGABYTE}
    assert outcome(path, **behind) == "unsafe"


def test_a_cell_at_the_far_corner_of_delimited_text(tmp_path: Path, refusal: Refusal) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"a\n" * 1000 + b"," * 30_000_000 + b"x\n")

    assert refusal(path).code == "too_many_columns"


# --- entities -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"]
)
def test_entities_far_behind_the_beginning(tmp_path: Path, part: str) -> None:
    """A declaration behind megabytes of comment is refused, or its entities stay as they are."""
    laughs = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{former};" * 10}">'
        for former, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    root = {"xl/worksheets/sheet1.xml": "worksheet", "xl/sharedStrings.xml": "sst"}.get(
        part, "workbook"
    )
    text = (
        f'<?xml version="1.0"?><!--{" -" * MEGABYTE}--><!DOCTYPE {root} [{laughs}]>'
        f'<{root} xmlns="{workbooks.MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c>'
        f"</row></sheetData><si><t>&i;</t></si></{root}>"
    )
    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", b"", parts={part: text.encode()})

    assert outcome(path, **OPEN_GATE) != ""


def test_entities_of_a_web_page_named_as_an_old_workbook(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.billion_laughs(tmp_path / "list.xlsx")
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    old = tmp_path / "list.xls"
    old.write_bytes(sheet)

    assert refusal(old).code == "web_page"


def test_entities_in_delimited_text_are_text(tmp_path: Path, read: Read) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes('申请号,名称\n1,"<!DOCTYPE x [<!ENTITY a ""b"">]>&a;"\n'.encode())

    _summary, rows = read(path)

    assert rows[1].cells == ["1", '<!DOCTYPE x [<!ENTITY a "b">]>&a;']


# --- headers that lie --------------------------------------------------------------------------------------------


def test_members_that_lie_over_one_another(tmp_path: Path) -> None:
    """Many entries of the directory that lead to the same packed data: each is weighed as if it were its own."""
    path = workbooks.zip_bomb(tmp_path / "list.xlsx", 4)
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml")
        directory = archive.start_dir
    data = path.read_bytes()
    entries, end = data[directory:].split(b"PK\x05\x06", 1)
    again = b"".join(
        one
        for one in (b"PK\x01\x02" + rest for rest in entries.split(b"PK\x01\x02")[1:])
        if place.filename.encode() in one
    )
    many = entries + b"".join(again.replace(b"sheet1", b"s%05d" % n) for n in range(90))
    count = struct.pack("<HH", *[entries.count(b"PK\x01\x02") + 90] * 2)
    tail = end[:4] + count + struct.pack("<L", len(many)) + end[12:]
    path.write_bytes(data[:directory] + many + b"PK\x05\x06" + tail)
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) > 90

    assert outcome(path) in {"unpacks_too_large", "packed_too_tightly"}


def test_a_directory_that_names_another_size_than_the_member(tmp_path: Path) -> None:
    """Both headers may lie, about the packed size as well."""
    path = workbooks.xlsx(tmp_path / "list.xlsx", [[f"申请号{n}", "名称"] for n in range(3000)])
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    packed, whole = struct.pack("<L", sheet.compress_size), struct.pack("<L", sheet.file_size)
    assert data.count(packed) == data.count(whole) == 2
    found = {}
    for lie in (1, 0x7FFFFFFF, 0xFFFFFFFF):
        for name, size in {"packed": packed, "whole": whole}.items():
            path.write_bytes(data.replace(size, struct.pack("<L", lie)))
            found[name, lie] = outcome(path)
    assert found["whole", 1] == "broken"
    assert found["whole", 0x7FFFFFFF] == "unpacks_too_large"
    assert set(found.values()) <= {"", "broken", "unpacks_too_large", "packed_too_tightly"}


def _old(tmp_path: Path) -> tuple[Path, bytearray]:
    path = workbooks.xls(tmp_path / "list.xls", [[f"申请号{n}", n] for n in range(800)])
    return path, bytearray(path.read_bytes())


def test_an_old_workbook_whose_sectors_go_in_a_circle(tmp_path: Path) -> None:
    path, data = _old(tmp_path)
    first = struct.unpack_from("<L", data, 76)[0]
    table = SECTOR + first * SECTOR
    for entry in range(0, 40, 4):
        struct.pack_into("<L", data, table + entry, 0)
    path.write_bytes(data)

    assert outcome(path, seconds=30) in {"broken", "unsafe"}


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0xFFFFFFF0, 1])
def test_an_old_workbook_that_lies_about_the_size_of_its_stream(tmp_path: Path, size: int) -> None:
    path, data = _old(tmp_path)
    entry = data.index("Workbook".encode("utf-16-le"))
    struct.pack_into("<L", data, entry + 120, size)
    path.write_bytes(data)

    assert outcome(path) in {"", "broken", "unsafe", "not_workbook", "no_rows"}


@pytest.mark.parametrize("count", [0x7FFFFFFF, 0xFFFFFFFF])
def test_an_old_workbook_that_lies_about_how_many_texts_it_has(tmp_path: Path, count: int) -> None:
    """Whoever reserves memory for as many as are claimed dies; that is the sandbox."""
    path, data = _old(tmp_path)
    table = data.index(struct.pack("<H", 0x00FC), SECTOR)
    struct.pack_into("<LL", data, table + 4, count, count)
    path.write_bytes(data)

    assert outcome(path) in {"", "broken", "unsafe"}


def test_an_old_workbook_whose_records_claim_more_than_there_is(tmp_path: Path) -> None:
    path, data = _old(tmp_path)
    for at in range(SECTOR, len(data) - SECTOR, 997):
        struct.pack_into("<H", data, at, 0xFFFF)
    path.write_bytes(data)

    codes = {"", "broken", "unsafe", "no_rows", "not_workbook", "too_many_columns"}
    assert outcome(path) in codes


# --- deep nesting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part",
    [
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "[Content_Types].xml",
    ],
)
def test_a_million_elements_in_one_another(tmp_path: Path, part: str) -> None:
    depth = 1_000_000
    text = b"<a>" * depth + b"x" + b"</a>" * depth
    path = workbooks.raw_xlsx(
        tmp_path / "list.xlsx", b'<row r="1"><c r="A1"><v>1</v></c></row>', parts={part: text}
    )

    assert outcome(path, **OPEN_GATE) in {"", "broken", "unsafe", "no_rows", "cell_too_long"}


def test_formulas_nested_deeper_than_any_stack(tmp_path: Path) -> None:
    deep = b"IF(" * 100_000 + b"1" + b")" * 100_000
    row = b'<row r="1"><c r="A1"><f>' + deep + b"</f><v>1</v></c></row>"
    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", row)

    assert outcome(path, **OPEN_GATE) in {"", "broken", "unsafe"}


def test_quotes_in_quotes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"a,b\n" + b'"' * 20_000_001 + b"\n")

    assert outcome(path) in {"", "cell_too_long"}
