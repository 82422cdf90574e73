"""What WPS does to a workbook of ours between download and upload, each habit as a change of its parts.

Seen in files that offices send: WPS writes texts into the shared table (with phonetic runs from the input method and in
pieces of different fonts), line breaks as _x000D_, days as text or as bare serials, a styled row down to 1,048,576; it
drops sheets and drop-downs it does not keep, renames the properties, and people type heads in full width.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.workbooks import MAIN, OFFICE, RELATIONS, TYPES, zip_of

Members = dict[str, bytes]
_BOOK, _LINKS, _TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
_STRINGS = "xl/sharedStrings.xml"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_LAST = 1_048_576
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
ET.register_namespace("", MAIN)
ET.register_namespace("r", OFFICE)


def saved_by_wps(path: Path, habit: str, suffix: str = ".xlsx") -> Path:
    """The workbook beside it, as WPS with this habit would have saved it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    HABITS[habit](members)
    return zip_of(path.with_name(f"{path.stem}-wps{suffix}"), members)


# --- habits -----------------------------------------------------------------------------------------


def share_strings(members: Members) -> None:
    """Texts in the shared table, every third in two fonts, all with the reading the input method left behind."""
    table = ET.Element(f"{{{MAIN}}}sst")
    places: dict[str, int] = {}
    for cell, text in _texts(members):
        if text not in places:
            places[text] = len(places)
            # no piece ends within the escape of a sign
            in_pieces = len(places) % 3 == 0 and "_x" not in text
            table.append(_shared(text, in_pieces=in_pieces))
        _become(cell, "s", str(places[text]))
    _put_sheets(members)
    members[_STRINGS] = _xml(table)
    _link_strings(members)


def break_lines(members: Members) -> None:
    """Line breaks as Windows writes them, the carriage return escaped."""
    for cell, text in _texts(members):
        if "\n" in text:
            _write(cell, text.replace("\n", "_x000D_\n"))
    _put_sheets(members)


def days_as_text(members: Members) -> None:
    """Every day as the text that the cell showed."""
    for cell in _days(members):
        day = date(1899, 12, 30) + timedelta(days=int(float(_value(cell))))
        _write(cell, f"{day.year}/{day.month}/{day.day}")
    _put_sheets(members)


def days_as_serials(members: Members) -> None:
    """Every day as its serial number in a cell that lost its format."""
    for cell in _days(members):
        cell.attrib.pop("s", None)
    _put_sheets(members)


def style_to_the_end(members: Members) -> None:
    """Some thousand empty rows with a style below the last, and one in the very last row of the sheet."""
    for sheet in _sheets(members).values():
        data = sheet.find(f"{{{MAIN}}}sheetData")
        assert data is not None
        last = max((int(row.get("r", "0")) for row in data), default=0)
        for number in (*range(last + 1, last + 3000), _LAST):
            row = ET.SubElement(data, f"{{{MAIN}}}row", r=str(number), s="1", customFormat="1")
            ET.SubElement(row, f"{{{MAIN}}}c", r=f"A{number}", s="1")
        size = sheet.find(f"{{{MAIN}}}dimension")
        assert size is not None
        size.set("ref", f"A1:XFD{_LAST}")
    _put_sheets(members)


def drop_what_it_does_not_keep(members: Members) -> None:
    """Hidden sheets, defined names and drop-downs are gone, the rest stays."""
    book = ET.fromstring(members[_BOOK])
    sheets = book.find(f"{{{MAIN}}}sheets")
    assert sheets is not None
    targets = {link.get("Id"): link.get("Target") for link in ET.fromstring(members[_LINKS])}
    for sheet in list(sheets):
        if sheet.get("state") == "hidden":
            sheets.remove(sheet)
            target = targets[sheet.get(f"{{{OFFICE}}}id")]
            name = f"xl/{target}"
            del members[name]
            _without(members, _LINKS, "Target", str(target))
            _without(members, _TYPES, "PartName", f"/{name}")
    for name in ("definedNames", "calcPr"):
        for gone in book.findall(f"{{{MAIN}}}{name}"):
            book.remove(gone)
    members[_BOOK] = _xml(book)
    for sheet in _sheets(members).values():
        for rules in sheet.findall(f"{{{MAIN}}}dataValidations"):
            sheet.remove(rules)
    _put_sheets(members)


def rename_properties(members: Members) -> None:
    """The properties say WPS, and there are some of its own."""
    members["docProps/app.xml"] = (
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        b"<Application>WPS_1.0</Application></Properties>"
    )
    members["docProps/custom.xml"] = (
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt='
        b'"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property fmtid='
        b'"{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="KSOProductBuildVer"><vt:lpwstr>2052-12.1.0'
        b"</vt:lpwstr></property></Properties>"
    )
    del members["docProps/core.xml"]
    _without(members, _TYPES, "PartName", "/docProps/core.xml")
    _without(members, "_rels/.rels", "Target", "docProps/core.xml")


def widen_heads(members: Members) -> None:
    """Brackets, commas, digits and letters of the heads in full width, as an input method types them."""
    for sheet in _sheets(members).values():
        pane = sheet.find(f".//{{{MAIN}}}pane")
        head = 0 if pane is None else int(pane.get("ySplit", "0"))
        for cell, text in _texts_of(sheet):
            if int(re.sub(r"\D", "", cell.get("r", ""))) <= head:
                _write(cell, text.translate(_FULL_WIDTH))
    _put_sheets(members)


def all_at_once(members: Members) -> None:
    """A file that went through several hands."""
    for habit in (drop_what_it_does_not_keep, rename_properties, break_lines, style_to_the_end):
        habit(members)
        _READ.clear()
    share_strings(members)


HABITS: dict[str, Callable[[Members], None]] = {
    habit.__name__: habit
    for habit in (
        share_strings,
        break_lines,
        days_as_text,
        days_as_serials,
        style_to_the_end,
        drop_what_it_does_not_keep,
        rename_properties,
        widen_heads,
        all_at_once,
    )
}


# --- parts ------------------------------------------------------------------------------------------

#: Sheets of the workbook at hand while it is changed.
_READ: dict[str, ET.Element] = {}


def _sheets(members: Members) -> dict[str, ET.Element]:
    for name in members:
        if name.startswith("xl/worksheets/sheet") and name not in _READ:
            _READ[name] = ET.fromstring(members[name])
    return _READ


def _put_sheets(members: Members) -> None:
    for name, sheet in _READ.items():
        members[name] = _xml(sheet)
    _READ.clear()


def _xml(element: ET.Element) -> bytes:
    return ET.tostring(element, encoding="UTF-8", xml_declaration=True)


def _texts(members: Members) -> Iterator[tuple[ET.Element, str]]:
    """Cells with their text in our own writing: inline strings."""
    for sheet in _sheets(members).values():
        yield from _texts_of(sheet)


def _texts_of(sheet: ET.Element) -> Iterator[tuple[ET.Element, str]]:
    for cell in list(sheet.iter(f"{{{MAIN}}}c")):
        if cell.get("t") == "inlineStr":
            yield cell, "".join(part.text or "" for part in cell.iter(f"{{{MAIN}}}t"))


def _days(members: Members) -> list[ET.Element]:
    """Number cells whose format shows a day."""
    styles = ET.fromstring(members["xl/styles.xml"])
    formats = {
        one.get("numFmtId")
        for one in styles.iter(f"{{{MAIN}}}numFmt")
        if "yy" in one.get("formatCode", "")
    }
    looks = styles.find(f"{{{MAIN}}}cellXfs")
    assert looks is not None
    shown = {str(place) for place, look in enumerate(looks) if look.get("numFmtId") in formats}
    return [
        cell
        for sheet in _sheets(members).values()
        for cell in sheet.iter(f"{{{MAIN}}}c")
        if cell.get("t") is None and cell.get("s") in shown and len(cell)
    ]


def _value(cell: ET.Element) -> str:
    return cell.findtext(f"{{{MAIN}}}v") or ""


def _become(cell: ET.Element, kind: str, value: str) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.set("t", kind)
    ET.SubElement(cell, f"{{{MAIN}}}v").text = value


def _write(cell: ET.Element, text: str) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.set("t", "inlineStr")
    inner = ET.SubElement(ET.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t")
    inner.text = text
    inner.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _shared(text: str, *, in_pieces: bool) -> ET.Element:
    entry = ET.Element(f"{{{MAIN}}}si")
    half = len(text) // 2
    for piece in (text[:half], text[half:]) if in_pieces and half else (text,):
        place = ET.SubElement(entry, f"{{{MAIN}}}r") if in_pieces and half else entry
        part = ET.SubElement(place, f"{{{MAIN}}}t")
        part.text = piece
        part.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    reading = ET.SubElement(entry, f"{{{MAIN}}}rPh", sb="0", eb=str(max(len(text), 1)))
    ET.SubElement(reading, f"{{{MAIN}}}t").text = "yan shi"
    return entry


def _link_strings(members: Members) -> None:
    links = ET.fromstring(members[_LINKS])
    ET.SubElement(
        links,
        f"{{{RELATIONS}}}Relationship",
        Id="rIdStrings",
        Type=f"{OFFICE}/sharedStrings",
        Target="sharedStrings.xml",
    )
    members[_LINKS] = _xml(links)
    types = ET.fromstring(members[_TYPES])
    ET.SubElement(types, f"{{{TYPES}}}Override", PartName=f"/{_STRINGS}", ContentType=_KIND)
    members[_TYPES] = _xml(types)


def _without(members: Members, part: str, attribute: str, value: str) -> None:
    root = ET.fromstring(members[part])
    for child in list(root):
        if child.get(attribute) == value:
            root.remove(child)
    members[part] = _xml(root)
