"""Builders of spreadsheets for tests: honest ones by libraries, hostile ones byte by byte."""

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msoffcrypto.format.ooxml
import openpyxl
import xlwt

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
BLANK_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0"/></cellXfs></styleSheet>'
).encode()


def xlsx(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Sheet1") -> Path:
    """Write one sheet; None leaves a cell out, text beginning with = is a formula without a result."""
    return xlsx_sheets(path, {sheet: rows})


def xlsx_sheets(
    path: Path, sheets: Mapping[str, Iterable[Sequence[Any]]], hidden: Sequence[str] = ()
) -> Path:
    """Write several sheets, some of them hidden."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        page.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            page.append(list(row))
    book.save(path)
    return path


def xls(path: Path, rows: Iterable[Sequence[Any]], sheet: str = "Sheet1") -> Path:
    """Write an old workbook (BIFF8); days get a date format."""
    book = xlwt.Workbook(encoding="utf-8")
    page = book.add_sheet(sheet)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for line, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                style = day if hasattr(value, "year") else xlwt.Style.default_style
                page.write(line, column, value, style)
    book.save(str(path))
    return path


def csv_file(
    path: Path, rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig", delimiter: str = ","
) -> Path:
    """Write delimited text in the encoding asked for (utf-8, utf-8-sig, gb18030, utf-16)."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def raw_xlsx(
    path: Path,
    sheet_data: bytes,
    *,
    before: bytes = b"",
    after: bytes = b"",
    strings: bytes | None = None,
    parts: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a workbook whose one sheet holds exactly these bytes between <sheetData> and its end."""
    sheet = b'<worksheet xmlns="%s">%s<sheetData>%s</sheetData>%s</worksheet>'
    members = _skeleton()
    members["xl/worksheets/sheet1.xml"] = HEAD + sheet % (MAIN.encode(), before, sheet_data, after)
    if strings is not None:
        members["xl/sharedStrings.xml"] = HEAD + b'<sst xmlns="%s">%s</sst>' % (
            MAIN.encode(),
            strings,
        )
    return zip_of(path, members | dict(parts or {}))


def zip_of(path: Path, members: Mapping[str, bytes]) -> Path:
    """Write a zip archive of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _skeleton() -> dict[str, bytes]:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{kind}.{name}+xml"/>'
        for part, name in (
            ("workbook.xml", "sheet.main"),
            ("worksheets/sheet1.xml", "worksheet"),
            ("sharedStrings.xml", "sharedStrings"),
            ("styles.xml", "styles"),
        )
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, kind, target in (
            (1, "worksheet", "worksheets/sheet1.xml"),
            (2, "sharedStrings", "sharedStrings.xml"),
            (3, "styles", "styles.xml"),
        )
    )
    return {
        "[Content_Types].xml": HEAD
        + f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        f'package.relationships+xml"/>{overrides}</Types>'.encode(),
        "_rels/.rels": HEAD
        + f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'.encode(),
        "xl/workbook.xml": HEAD
        + f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": HEAD
        + f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>'.encode(),
        "xl/styles.xml": HEAD + BLANK_STYLES,
    }


# --- Hostile or broken files ------------------------------------------------------------------


def encrypted_xlsx(path: Path, password: str = "secret") -> Path:
    """Write a workbook protected by a password to open."""
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    plain.seek(0)
    with path.open("wb") as target:
        msoffcrypto.format.ooxml.OOXMLFile(plain).encrypt(password, target)
    return path


def encrypted_xls(path: Path) -> Path:
    """Write an old workbook whose stream says that it is encrypted."""
    xls(path, [["a"]])
    window_protect, file_pass = b"\x19\x00\x02\x00", b"\x2f\x00\x02\x00"
    path.write_bytes(path.read_bytes().replace(window_protect, file_pass, 1))
    return path


def truncated(path: Path, share: float = 0.6) -> Path:
    """Cut a file, as a broken transfer does."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def zip_bomb(path: Path, megabytes: int) -> Path:
    """Write a small workbook with one member that unpacks to this size."""
    return raw_xlsx(path, b" " * (megabytes * 1024 * 1024))


def far_corners(path: Path) -> Path:
    """Write two cells at opposite corners of a sheet: 17 billion cells between them."""
    return raw_xlsx(
        path,
        b'<row r="1"><c r="A1"><v>1</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    )


def empty_rows(path: Path, count: int) -> Path:
    """Write a sheet of empty row tags and a dimension that claims all of them."""
    rows = b"".join(b'<row r="%d"/>' % number for number in range(1, count + 1))
    return raw_xlsx(path, rows, before=b'<dimension ref="A1:XFD%d"/>' % count)


def giant_string(path: Path, characters: int = 1_000_000, cells: int = 12_000) -> Path:
    """Write one shared text in many cells: small as a file, 12 GB as cells."""
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (number, number)
        for number in range(1, cells + 1)
    )
    return raw_xlsx(path, rows, strings=b"<si><t>" + b"A" * characters + b"</t></si>")


def billion_laughs(path: Path) -> Path:
    """Write a sheet whose entities expand a billionfold."""
    names = "abcdefghij"
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{former};" * 10}">' for former, name in itertools.pairwise(names)
    )
    return entity_sheet(path, entities, "&j;")


def external_entity(path: Path, target: str = "file:///etc/passwd") -> Path:
    """Write a sheet that asks the reader to fetch a file of the server."""
    return entity_sheet(path, f'<!ENTITY x SYSTEM "{target}">', "&x;")


def entity_sheet(path: Path, entities: str, text: str) -> Path:
    """Write a sheet with a document type declaration."""
    sheet = (
        f'<?xml version="1.0"?><!DOCTYPE worksheet [{entities}]><worksheet xmlns="{MAIN}"><sheetData>'
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row></sheetData></worksheet>'
    ).encode()
    return raw_xlsx(path, b"", parts={"xl/worksheets/sheet1.xml": sheet})
