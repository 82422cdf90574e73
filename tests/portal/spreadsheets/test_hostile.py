"""Hostile and broken uploads: each is refused in words, under its own code, and the parent stays small."""

import re
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.spreadsheets.limits import MEGABYTE, Limits
from portal.spreadsheets.problems import MESSAGES, UnreadableFile
from portal.spreadsheets.reading import read_file
from tests import workbooks

Refusal = Callable[..., UnreadableFile]


@pytest.fixture(autouse=True)
def small_parent() -> Iterator[None]:
    """The process that reads an upload must not grow with it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    yield

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    # The builders themselves make some of these files in memory: 200 MB is theirs.
    assert grown < 400 * 1024


def raw(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("list.xlsx", b"", "empty_file"),
        ("list.csv", b"", "empty_file"),
        ("list.pdf", b"%PDF-1.7", "wrong_type"),
        ("list", b"a,b", "wrong_type"),
        ("list.et", b"x", "wrong_type"),
        ("list.xlsx", b"just some text", "not_workbook"),
        ("list.xls", b"just some text", "not_workbook"),
        ("list.xlsx", b"%PDF-1.7 and so on", "not_workbook"),
        ("list.xls", b"\n<html><table><tr><td>1</td></tr></table>", "web_page"),
        ("list.xls", b'<?xml version="1.0"?><Workbook/>', "web_page"),
        ("list.csv", b"%PDF-1.7 and so on", "not_text"),
        ("list.csv", b"\0\1\2\0\3\4\0\0" * 100, "not_text"),
        ("list.csv", bytes(range(128, 256)) * 50, "unknown_encoding"),
        ("list.csv", b"\r\n" * 1000, "no_rows"),
        ("list.csv", b" ,\t,\r\n" * 1000, "no_rows"),
        ("list.xlsx", b"PK\x03\x04 cut short", "broken"),
        ("list.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000, "broken"),
    ],
)
def test_other_content_is_refused(
    tmp_path: Path, refusal: Refusal, name: str, data: bytes, code: str
) -> None:
    assert refusal(raw(tmp_path / name, data)).code == code


def test_encrypted_workbook(tmp_path: Path, refusal: Refusal) -> None:
    assert refusal(workbooks.encrypted_xlsx(tmp_path / "list.xlsx")).code == "encrypted"


def test_encrypted_old_workbook(tmp_path: Path, refusal: Refusal) -> None:
    assert refusal(workbooks.encrypted_xls(tmp_path / "list.xls")).code == "encrypted"


def test_encrypted_zip_member(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.xlsx(tmp_path / "list.xlsx", [["a"]])
    data = re.sub(rb"(PK\x01\x02.{4})..", b"\\1\x01\x00", path.read_bytes(), flags=re.DOTALL)
    path.write_bytes(data)

    assert refusal(path).code == "encrypted"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated_workbook(tmp_path: Path, refusal: Refusal, share: float) -> None:
    path = workbooks.xlsx(tmp_path / "list.xlsx", [["申请号", "名称"]] * 200)

    assert refusal(workbooks.truncated(path, share)).code == "broken"


def test_truncated_old_workbook(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.xls(tmp_path / "list.xls", [[f"申请号{line}", line] for line in range(500)])

    assert refusal(workbooks.truncated(path, 0.3)).code == "broken"


def test_damaged_member(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.xlsx(tmp_path / "list.xlsx", [[f"申请号{line}"] for line in range(2000)])
    data = bytearray(path.read_bytes())
    start = data.index(b"xl/worksheets/sheet1.xml")
    data[start + 400 : start + 440] = b"\x55" * 40
    path.write_bytes(data)

    assert refusal(path).code == "broken"


def test_member_with_a_lying_size(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.zip_bomb(tmp_path / "list.xlsx", 40)
    true, lie = (40 * MEGABYTE).to_bytes(4, "little"), (9000).to_bytes(4, "little")
    data = path.read_bytes()
    size = re.findall(rb"PK\x01\x02.{20}(.{4}).{18}xl/worksheets/sheet1", data, flags=re.DOTALL)[0]
    assert int.from_bytes(size, "little") > int.from_bytes(true, "little")
    path.write_bytes(data.replace(size, lie))

    assert refusal(path).code == "broken"


def test_senseless_dimension(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", b"", before=b'<dimension ref="nonsense"/>')

    assert refusal(path).code == "broken"


def test_zip_bomb_by_ratio(tmp_path: Path, refusal: Refusal) -> None:
    found = refusal(workbooks.zip_bomb(tmp_path / "list.xlsx", 40))

    assert found.code == "packed_too_tightly"
    assert found.params == {"limit": 100}


def test_zip_bomb_by_size(tmp_path: Path, refusal: Refusal) -> None:
    found = refusal(workbooks.zip_bomb(tmp_path / "list.xlsx", 40), unpacked_bytes=30 * MEGABYTE)

    assert found.code == "unpacks_too_large"
    assert found.params == {"limit": 30}


def test_too_many_members(tmp_path: Path, refusal: Refusal) -> None:
    parts = {f"xl/media/{number}.png": b"x" for number in range(200)}

    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", b"", parts=parts)

    assert refusal(path).code == "too_many_members"


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "xl/../../x", "/etc/x", "..\\..\\x", "C:\\x"]
)
def test_member_outside_the_archive(tmp_path: Path, refusal: Refusal, name: str) -> None:
    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", b"", parts={name: b"x"})

    assert refusal(path).code == "unsafe_paths"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("mimetype", "binary_workbook"),
        ("xl/workbook.bin", "binary_workbook"),
        ("word/document.xml", "not_workbook"),
    ],
)
def test_other_zip_formats(tmp_path: Path, refusal: Refusal, part: str, code: str) -> None:
    path = workbooks.zip_of(tmp_path / "list.xlsx", {"[Content_Types].xml": b"", part: b""})

    assert refusal(path).code == code


@pytest.mark.parametrize(
    ("made", "named", "actual"),
    [
        ("xls", "list.xlsx", ".xls"),
        ("xls", "list.csv", ".xls"),
        ("xlsx", "list.csv", ".xlsx"),
        ("xlsx", "list.xls", ".xlsx"),
    ],
)
def test_wrong_name(tmp_path: Path, refusal: Refusal, made: str, named: str, actual: str) -> None:
    path = getattr(workbooks, made)(tmp_path / f"made.{made}", [["a"]])

    found = refusal(path.rename(tmp_path / named))

    assert found.code == "wrong_extension"
    assert found.params == {"declared": Path(named).suffix, "actual": actual}


def test_ten_million_blank_lines(tmp_path: Path, refusal: Refusal) -> None:
    assert refusal(raw(tmp_path / "list.csv", b"\n" * 10_000_000)).code == "no_rows"


def test_ten_million_empty_row_tags(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", b'<row r="1"/>' * 10_000_000)

    assert refusal(path).code == "packed_too_tightly"
    assert refusal_without_gate(path) == "no_rows"


def refusal_without_gate(path: Path) -> str:
    """Read with a gate that lets everything through: what is behind it must hold, too."""
    wide = Limits(ratio=10_000, unpacked_bytes=4096 * MEGABYTE)
    with pytest.raises(UnreadableFile) as caught:
        read_file(path, path.name, path.with_suffix(".jsonl"), wide)
    return caught.value.code


def test_empty_rows_to_the_last(tmp_path: Path, refusal: Refusal) -> None:
    assert refusal(workbooks.empty_rows(tmp_path / "list.xlsx", 1_048_576)).code == "no_rows"


def test_two_cells_at_the_far_corners(tmp_path: Path, refusal: Refusal) -> None:
    found = refusal(workbooks.far_corners(tmp_path / "list.xlsx"))

    assert found.code == "too_many_columns"
    assert found.params == {"sheet": "Sheet1", "column": "XFD", "limit": 200}


def test_two_cells_at_the_corners_of_the_caps(tmp_path: Path, refusal: Refusal) -> None:
    rows = (
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="300000"><c r="GR300000"><v>1</v></c></row>'
    )

    found = refusal(workbooks.raw_xlsx(tmp_path / "list.xlsx", rows))

    assert found.code == "too_large_area"
    assert found.params == {"sheet": "Sheet1", "rows": 300_000, "columns": 200}


def test_far_corners_behind_the_scan_stop_at_the_memory_limit(
    tmp_path: Path, refusal: Refusal
) -> None:
    found = refusal(workbooks.far_corners(tmp_path / "list.xlsx"), columns=20_000, area=10**12)

    assert (found.code, found.params["reason"]) == ("unsafe", "memory")


def test_giant_string(tmp_path: Path, refusal: Refusal) -> None:
    found = refusal(workbooks.giant_string(tmp_path / "list.xlsx"))

    assert found.code == "cell_too_long"
    assert found.params == {"limit": 32_767, "place": "A" * 20}


def test_giant_string_behind_the_scan_stops_at_the_memory_limit(
    tmp_path: Path, refusal: Refusal
) -> None:
    found = refusal(workbooks.giant_string(tmp_path / "list.xlsx"), cell_characters=2_000_000)

    assert (found.code, found.params["reason"]) == ("unsafe", "memory")


def test_giant_inline_string(tmp_path: Path, refusal: Refusal) -> None:
    text = b"B" * 9_000_000
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + text + b"</t></is></c></row>"

    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", row)

    assert refusal(path).code == "cell_too_long"


def test_giant_csv_cell(tmp_path: Path, refusal: Refusal) -> None:
    found = refusal(raw(tmp_path / "list.csv", b'a,b\n1,"' + b"x" * 40_000 + b'"\n'))

    assert found.code == "cell_too_long"
    assert found.params == {"limit": 32_767, "place": "2"}


@pytest.mark.parametrize("builder", [workbooks.billion_laughs, workbooks.external_entity])
def test_entities(tmp_path: Path, refusal: Refusal, builder: Callable[[Path], Path]) -> None:
    assert refusal(builder(tmp_path / "list.xlsx")).code == "entities"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_entities_in_other_parts(tmp_path: Path, refusal: Refusal, part: str) -> None:
    laugh = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'

    path = workbooks.raw_xlsx(tmp_path / "list.xlsx", b"", parts={part: laugh})

    assert refusal(path).code == "entities"


def test_rows_beyond_the_cap(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.csv_file(tmp_path / "list.csv", [["a"]] * 31)

    found = refusal(path, rows=10)

    assert found.code == "too_many_rows"
    assert found.params == {"sheet": "list", "limit": 10}


def test_columns_beyond_the_cap(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.csv_file(tmp_path / "list.csv", [["a"] * 201])

    assert refusal(path).code == "too_many_columns"


def test_sheets_beyond_the_cap(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.xlsx_sheets(tmp_path / "list.xlsx", {f"s{n}": [["a"]] for n in range(4)})

    assert refusal(path, sheets=3).code == "too_many_sheets"


def test_error_cells_beyond_the_cap(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.xlsx(tmp_path / "list.xlsx", [["=1+1"]] * 11)

    found = refusal(path, marked_cells=10)

    assert found.code == "too_many_errors"
    assert found.params == {"limit": 10}


def test_output_beyond_the_cap(tmp_path: Path, refusal: Refusal) -> None:
    path = workbooks.csv_file(tmp_path / "list.csv", [["x" * 1000]] * 2000)

    assert refusal(path, output_bytes=MEGABYTE).code == "too_much_text"


def test_file_beyond_the_cap(tmp_path: Path, refusal: Refusal) -> None:
    found = refusal(raw(tmp_path / "list.csv", b"x" * (MEGABYTE + 1)), file_bytes=MEGABYTE)

    assert found.code == "too_large"
    assert found.params == {"megabytes": 2, "limit": 1}


def test_time_limit_stops_the_child(tmp_path: Path, refusal: Refusal) -> None:
    path = raw(tmp_path / "list.csv", b"a,b\n" * 2_000_000)

    found = refusal(path, seconds=0)

    assert (found.code, found.params["reason"]) == ("unsafe", "time")


def test_processor_limit_stops_the_child(tmp_path: Path, refusal: Refusal) -> None:
    path = raw(tmp_path / "list.csv", b"a,b\n" * 15_000_000)

    found = refusal(path, cpu_seconds=1, rows=100_000_000)

    assert (found.code, found.params["reason"]) == ("unsafe", "time")


def test_ticks_come_while_the_child_works_and_may_stop_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class LeaseLost(Exception):
        pass

    def lose() -> None:
        raise LeaseLost

    path = raw(tmp_path / "list.csv", b"a,b\n" * 4_000_000)
    monkeypatch.setattr("portal.spreadsheets.reading.TICK_SECONDS", 0.2)
    folder = tmp_path / "out"
    folder.mkdir()

    with pytest.raises(LeaseLost):
        read_file(path, path.name, folder / "rows.jsonl", Limits(rows=10_000_000), lose)

    assert list(folder.iterdir()) == []


def test_folder_of_a_killed_attempt_is_removed(tmp_path: Path) -> None:
    path = workbooks.csv_file(tmp_path / "list.csv", [["a"]])
    out = tmp_path / "out" / "rows.jsonl"
    (out.parent / ".rows.jsonl.reading-dead").mkdir(parents=True)

    read_file(path, path.name, out, Limits())

    assert [entry.name for entry in out.parent.iterdir()] == ["rows.jsonl"]


def test_every_message_can_be_said() -> None:
    class Anything(dict[str, str]):
        def __missing__(self, key: str) -> str:
            return key

    for message in MESSAGES.values():
        assert "%(" not in str(message) % Anything()
