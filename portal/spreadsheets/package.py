"""The parts of an .xlsx package: which member holds which sheet."""

import posixpath
import zipfile
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from portal.spreadsheets.limits import MEGABYTE, RefusedContent

# workbook.xml and its relations name sheets; real ones have a few kilobytes.
SMALL_PART = 8 * MEGABYTE


def sheet_members(archive: zipfile.ZipFile) -> list[str]:
    """Return the member of each sheet in workbook order."""
    names = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
    workbook = _workbook_member(names)
    relations_of = posixpath.join(
        posixpath.dirname(workbook), "_rels", posixpath.basename(workbook) + ".rels"
    )
    if relations_of.lower() not in names:
        raise RefusedContent("broken")
    targets = {
        relation.get("Id"): _absolute(workbook, relation.get("Target", ""))
        for relation in _parse(archive, names[relations_of.lower()])
    }
    members = []
    for element in _parse(archive, names[workbook.lower()]).iter():
        if _local(element.tag) == "sheet":
            target = targets.get(_relation_id(element), "")
            members.append(names.get(target.lower(), ""))
    return members


def _workbook_member(names: dict[str, str]) -> str:
    found = [name for name in names if name.startswith("xl/workbook") and name.endswith(".xml")]
    return min(found, key=len)


def _absolute(workbook: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(workbook), target))


def _relation_id(sheet: Element) -> str | None:
    return next((value for key, value in sheet.items() if key.endswith("}id")), None)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _parse(archive: zipfile.ZipFile, member: str) -> Element:
    """Parse a small part; declarations and entities are refused, not expanded."""
    with archive.open(member) as part:
        data = part.read(SMALL_PART + 1)
    if len(data) > SMALL_PART:
        raise RefusedContent("unsafe", reason="memory")
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise RefusedContent("entities") from error
    except ParseError as error:
        raise RefusedContent("broken") from error
    return root
