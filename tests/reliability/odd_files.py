"""Odd and hostile uploads by seed: a right file of one of the kinds, then one to three changes that know its structure.

`odd_file(seed, folder, seeds)` writes one. The changes are of three depths: cells and rows, the XML inside a workbook
or the text of a CSV, and the bytes of the container. The same seed gives the same file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import openpyxl

Rows = list[list[Any]]
SHEET = "xl/worksheets/sheet1.xml"


@dataclass(frozen=True)
class Odd:
    """A file and what was done to it."""

    path: Path
    made_of: str
    changes: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path.name} ({self.made_of}: {', '.join(self.changes)})"


def odd_file(seed: int, folder: Path, kinds: dict[str, Rows]) -> Odd:
    """Write the file of this seed; `kinds` are right tables by name."""
    random = Random(seed)
    name = random.choice(sorted(kinds))
    rows = [list(row) for row in kinds[name]]
    changes = []
    for _n in range(random.randrange(3)):
        label, change = random.choice(ROW_CHANGES)
        change(random, rows)
        changes.append(label)
    as_text = random.random() < 0.35
    data, label = (_text(random, rows) if as_text else _workbook(random, rows)) or (b"", "")
    changes.append(label)
    if random.random() < 0.3:
        label, damage = random.choice(BYTE_CHANGES)
        data = damage(random, data)
        changes.append(label)
    suffix = random.choice((".csv", ".txt", ".csv")) if as_text else ".xlsx"
    if random.random() < 0.05:
        suffix = random.choice((".xlsx", ".xls", ".csv", ".txt", ".zip", ".pdf", ""))
        changes.append(f"named {suffix or 'without extension'}")
    path = folder / f"odd-{seed}{suffix}"
    path.write_bytes(data)
    return Odd(path, name, tuple(changes))


# --- cells and rows ---------------------------------------------------------------------------------------

#: what real and hostile cells hold
CELLS: Sequence[Any] = (
    "", " ", "\t", "　", "-", "无", "undefined", "#N/A", "=1+1", "=cmd|' /C calc'!A0", "+86 10", "@SUM(A1)",
    "2.0121E+12", 2.0121e12, 201721000001000000, -1, 0, 1e308, True, False, "ＣＮ２０１７", "CN87101357.6",
    "CN85102475", "US16/123456", "2021SR0012345", "ZL 2017 2 0632371.0", "CN:201711494189:A", "2018-02-30",
    "1985", "20170503", "9999-12-31", "0000-00-00", "\u200b\u202e甲", "甲" * 33_000, "a\u0301" * 40, "🧪专利",
    "'; DROP TABLE x; --", "<script>alert(1)</script>", "%s%n", "null", "NaN", "1,234.5", "十万",
    "请选择", "甲;乙；丙、丁|戊", "\r\n换行\n", "拟许可，拟转让",
)  # fmt: skip


def _width(rows: Rows) -> int:
    return max(1, *map(len, rows))


def _cell(random: Random, rows: Rows) -> None:
    row = random.choice([row for row in rows if row] or [[None]])
    for _n in range(random.randrange(1, 6)):
        row[random.randrange(len(row))] = random.choice(CELLS)


def _column(random: Random, rows: Rows) -> None:
    at, value = random.randrange(_width(rows)), random.choice(CELLS)
    for row in rows[random.randrange(len(rows)) :]:
        if at < len(row):
            row[at] = value


def _drop_column(random: Random, rows: Rows) -> None:
    at = random.randrange(_width(rows))
    for row in rows:
        del row[at : at + 1]


def _twice(random: Random, rows: Rows) -> None:
    rows.insert(random.randrange(len(rows) + 1), list(random.choice(rows)))


def _shuffle_columns(random: Random, rows: Rows) -> None:
    order = list(range(max(map(len, rows))))
    random.shuffle(order)
    for row in rows:
        row.extend([None] * (len(order) - len(row)))
        row[:] = [row[at] for at in order]


def _drop_row(random: Random, rows: Rows) -> None:
    if len(rows) > 1:
        del rows[random.randrange(len(rows))]


def _titles(random: Random, rows: Rows) -> None:
    for _n in range(random.randrange(1, 25)):
        rows.insert(0, random.choice(([], ["花名册（内部）"], [None, "制表：科研处"], ["第 1 页"])))


def _wide(random: Random, rows: Rows) -> None:
    for row in rows:
        row.extend(random.choice((None, "多余", 1)) for _n in range(random.choice((3, 60, 260))))


def _blank_rows(random: Random, rows: Rows) -> None:
    at = random.randrange(len(rows) + 1)
    rows[at:at] = [[] for _n in range(random.choice((1, 50, 2_000)))]


def _shuffle_rows(random: Random, rows: Rows) -> None:
    random.shuffle(rows)


def _ragged(random: Random, rows: Rows) -> None:
    row = random.choice(rows)
    row[:] = row[: random.randrange(len(row) + 1)] + ["余"] * random.randrange(4)


ROW_CHANGES: Sequence[tuple[str, Callable[[Random, Rows], None]]] = (
    ("cells", _cell),
    ("cells", _cell),
    ("a column", _column),
    ("without a column", _drop_column),
    ("a row twice", _twice),
    ("columns shuffled", _shuffle_columns),
    ("without a row", _drop_row),
    ("titles above", _titles),
    ("many columns", _wide),
    ("blank rows", _blank_rows),
    ("rows shuffled", _shuffle_rows),
    ("ragged", _ragged),
)


# --- text -------------------------------------------------------------------------------------------------

ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "gb18030",
    "gbk",
    "utf-16",
    "utf-16-le",
    "big5",
    "utf-32",
    "utf-7",
)


def _text(random: Random, rows: Rows) -> tuple[bytes, str]:
    delimiter = random.choice(",,,\t;|、")
    quote = random.choice(('"', '"', "'", ""))
    end = random.choice(("\r\n", "\n", "\r", "\n\n"))
    lines = []
    for row in rows:
        cells = ["" if cell is None else str(cell) for cell in row]
        lines.append(delimiter.join(f"{quote}{cell}{quote}" if quote else cell for cell in cells))
    encoding = random.choice(ENCODINGS)
    text = end.join(lines) + random.choice((end, "", '"', "\x00", "\x1a"))
    return text.encode(encoding, errors="replace"), f"text {encoding} {delimiter!r} {end!r}"


# --- workbooks --------------------------------------------------------------------------------------------


def _workbook(random: Random, rows: Rows) -> tuple[bytes, str]:
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = random.choice(("批量导入", "Sheet1", "数据 表", "😀", "x" * 31))
    for row in rows:
        page.append([_written(cell) for cell in row])
    if random.random() < 0.3:
        book.create_sheet("说明", random.randrange(2)).append(["申请号", "名称", "这是说明"])
    if random.random() < 0.2:
        page.merge_cells(start_row=1, start_column=1, end_row=2, end_column=3)
    plain = io.BytesIO()
    book.save(plain)
    members = _members(plain.getvalue())
    label, change = random.choice(XML_CHANGES)
    change(random, members)
    return _packed(random, members), label


def _written(cell: Any) -> Any:
    """What the library accepts: it refuses control characters itself, which the XML changes put back."""
    return re.sub(r"[\x00-\x08\x0b-\x1f]", " ", cell)[:32_767] if isinstance(cell, str) else cell


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(random: Random, members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    method = random.choice(
        (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2)
    )
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


Members = dict[str, bytes]


def _sheet_of(members: Members) -> str:
    return next((name for name in sorted(members) if "worksheets/sheet" in name), SHEET)


def _as_it_is(random: Random, members: Members) -> None:
    """A right container."""


def _references(random: Random, members: Members) -> None:
    """Cells that say they stand elsewhere."""
    name = _sheet_of(members)
    wrong = random.choice(
        (b"XFD1048576", b"A0", b"ZZZZ9", b"A99999999999", b"1A", b"", b"A1", b"$B$2", b"a1")
    )
    cells = re.findall(rb' r="[A-Z]+\d+"', members.get(name, b""))
    if cells:
        members[name] = members[name].replace(random.choice(cells), b' r="%s"' % wrong, 1)


def _types(random: Random, members: Members) -> None:
    """Cells of another type than their value."""
    name = _sheet_of(members)
    kind = random.choice((b"s", b"e", b"b", b"d", b"str", b"n", b"inlineStr", b"zz"))
    members[name] = re.sub(
        rb't="\w+"', b't="%s"' % kind, members.get(name, b""), count=random.randrange(1, 9)
    )


def _values(random: Random, members: Members) -> None:
    name = _sheet_of(members)
    value = random.choice(
        (
            b"999999999",
            b"-1",
            b"1e999",
            b"",
            b"&#0;",
            b"&#xD800;",
            b"]]>",
            b"&undefined;",
            b"\xff\xfe",
        )
    )
    members[name] = re.sub(
        rb"<v>[^<]*</v>",
        lambda _m: b"<v>" + value + b"</v>",
        members.get(name, b""),
        count=random.randrange(1, 9),
    )


def _formulas(random: Random, members: Members) -> None:
    name = _sheet_of(members)
    formula = random.choice(
        (
            b"<f>1/0</f>",
            b'<f t="shared" si="9"/>',
            b"<f>A1</f><v></v>",
            b'<f t="array" ref="A1:ZZ9">X</f>',
        )
    )
    members[name] = members.get(name, b"").replace(b"<v>", formula + b"<v>", random.randrange(1, 9))


def _strings(random: Random, members: Members) -> None:
    part = "xl/sharedStrings.xml"
    change = random.choice(("drop", "short", "long", "count", "rich"))
    data = members.get(part, b"")
    if change == "drop":
        members.pop(part, None)
    elif change == "short":
        members[part] = re.sub(rb"<si>.*?</si>", b"", data, count=3)
    elif change == "long":
        members[part] = data.replace(
            b"<t>", b"<t>" + "长".encode() * random.choice((40_000, 400_000)), 1
        )
    elif change == "count":
        members[part] = re.sub(rb'count="\d+"', b'count="4294967295"', data)
    else:
        members[part] = data.replace(b"<si><t>", b"<si><r><t>x</t></r><r><t>", 1).replace(
            b"</t></si>", b"</t></r></si>", 1
        )


def _entities(random: Random, members: Members) -> None:
    name = random.choice(sorted(members))
    laugh = b"".join(
        b'<!ENTITY %c "%s">' % (97 + n, (b"&%c;" % (96 + n)) * 10) for n in range(1, 9)
    )
    kind = random.choice(
        (
            b'<!ENTITY a "x">' + laugh,
            b'<!ENTITY x SYSTEM "file:///etc/passwd">',
            b'<!ENTITY % p SYSTEM "http://127.0.0.1:9/">',
        )
    )
    members[name] = re.sub(
        rb"^(<\?xml[^>]*\?>)?",
        lambda m: m[0] + b"<!DOCTYPE x [" + kind + b"]>",
        members[name],
        count=1,
    )


def _tags(random: Random, members: Members) -> None:
    name = random.choice(sorted(members))
    data = members[name]
    change = random.choice(("cut", "close", "nest", "namespace", "encoding", "comment"))
    if change == "cut":
        data = data[: random.randrange(len(data) + 1)]
    elif change == "close":
        data = data.replace(b"</row>", b"", 1).replace(b"/>", b">", random.randrange(4))
    elif change == "nest":
        data = data.replace(b"<sheetData>", b"<sheetData>" + b"<x>" * 20_000, 1)
    elif change == "namespace":
        data = data.replace(b"spreadsheetml/2006/main", b"spreadsheetml/1066/main")
    elif change == "encoding":
        data = b'<?xml version="1.0" encoding="utf-16"?>' + data
    else:
        data = data.replace(b"<sheetData>", b"<!-- " + b"-" * 500 + b"><sheetData>", 1)
    members[name] = data


def _parts(random: Random, members: Members) -> None:
    name = random.choice(sorted(members))
    change = random.choice(("drop", "empty", "climb", "rename", "many", "macro", "swap"))
    if change == "drop":
        members.pop(name)
    elif change == "empty":
        members[name] = b""
    elif change == "climb":
        members["../../etc/cron.d/x"] = b"* * * * * root true"
    elif change == "rename":
        members[name.upper()] = members.pop(name)
    elif change == "many":
        members.update({f"xl/media/{n}.bin": b"x" for n in range(random.choice((50, 300)))})
    elif change == "macro":
        members["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0" * 64
    else:
        other = random.choice(sorted(members))
        members[name], members[other] = members[other], members[name]


def _rels(random: Random, members: Members) -> None:
    part = "xl/_rels/workbook.xml.rels"
    target = random.choice(
        (
            b"/etc/passwd",
            b"../../x.xml",
            b"http://127.0.0.1/x",
            b"worksheets/none.xml",
            b"",
            b"worksheets/sheet1.xml",
        )
    )
    members[part] = re.sub(
        rb'Target="[^"]*"',
        b'Target="%s"' % target,
        members.get(part, b""),
        count=random.randrange(1, 4),
    )


def _rows_of_sheet(random: Random, members: Members) -> None:
    name = _sheet_of(members)
    change = random.choice(
        (
            b'<row r="1048576"',
            b'<row r="0"',
            b'<row r="-5"',
            b'<row r="99999999999"',
            b"<row",
            b'<row hidden="1" r="2"',
        )
    )
    members[name] = re.sub(
        rb'<row r="\d+"', change, members.get(name, b""), count=random.randrange(1, 6)
    )


def _book(random: Random, members: Members) -> None:
    part = "xl/workbook.xml"
    data = members.get(part, b"")
    change = random.choice(("hidden", "1904", "twice", "nameless", "none"))
    if change == "hidden":
        data = re.sub(rb'state="visible"', b'state="veryHidden"', data)
    elif change == "1904":
        data = data.replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>')
    elif change == "twice":
        data = re.sub(rb"(<sheet [^>]*/>)", rb"\1\1", data, count=1)
    elif change == "nameless":
        data = re.sub(rb'name="[^"]*"', b'name=""', data)
    else:
        data = re.sub(rb"<sheet [^>]*/>", b"", data)
    members[part] = data


XML_CHANGES: Sequence[tuple[str, Callable[[Random, Members], None]]] = (
    ("a right workbook", _as_it_is),
    ("a right workbook", _as_it_is),
    ("a right workbook", _as_it_is),
    ("wrong references", _references),
    ("wrong types", _types),
    ("wrong values", _values),
    ("formulas", _formulas),
    ("shared strings", _strings),
    ("entities", _entities),
    ("tags", _tags),
    ("parts", _parts),
    ("relations", _rels),
    ("row numbers", _rows_of_sheet),
    ("book", _book),
)


# --- bytes ------------------------------------------------------------------------------------------------


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _flip(random: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _n in range(random.choice((1, 8, 200))):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _before(random: Random, data: bytes) -> bytes:
    return (
        random.choice((b"MZ" + b"\0" * 300, b"%PDF-1.7\n", b"<html>", b"\xef\xbb\xbf", b"\n" * 99))
        + data
    )


def _behind(random: Random, data: bytes) -> bytes:
    return data + random.choice((b"\0" * 70_000, b"PK\x05\x06" + b"\0" * 18, data[:4_000]))


def _sizes(random: Random, data: bytes) -> bytes:
    """Local headers that lie about the sizes of their members, or say they are encrypted."""
    changed = bytearray(data)
    places = [found.start() for found in re.finditer(b"PK\x03\x04|PK\x01\x02", data)]
    for at in random.sample(places, min(len(places), 3)):
        start = at + (18 if data[at : at + 4] == b"PK\x03\x04" else 20)
        if random.random() < 0.3:
            changed[at + 6] |= 1
        else:
            changed[start : start + 8] = random.randbytes(8)
    return bytes(changed)


def _nothing(random: Random, data: bytes) -> bytes:
    return random.choice(
        (
            b"",
            b"\0" * 1_000,
            random.randbytes(5_000),
            b"PK\x03\x04",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        )
    )


BYTE_CHANGES: Sequence[tuple[str, Callable[[Random, bytes], bytes]]] = (
    ("cut off", _cut),
    ("bytes changed", _flip),
    ("something before", _before),
    ("something behind", _behind),
    ("lying sizes", _sizes),
    ("something else", _nothing),
)
