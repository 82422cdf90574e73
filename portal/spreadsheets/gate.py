"""Cheap checks of an upload before anything in it is parsed: a few milliseconds, a few kilobytes."""

import stat
import struct
import zipfile
from pathlib import Path, PurePosixPath

from portal.spreadsheets.limits import MEGABYTE, Limits
from portal.spreadsheets.problems import UnreadableFile

ZIP_WORKBOOKS = {".xlsx", ".xlsm"}
OLE_WORKBOOKS = {".xls"}
TEXTS = {".csv", ".txt", ".tsv"}
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB_MAGICS = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"mime-version")
OTHER_MAGICS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"\x7fELF",
    b"MZ\x90",
)
END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
ENCRYPTED_BIT = 0x1
# A directory entry is 46 bytes and a name; 4 KB each is far beyond any honest workbook.
DIRECTORY_BYTES_PER_MEMBER = 4096


def check(path: Path, name: str, limits: Limits) -> str:
    """Return how to read the file ("xlsx", "ole" or "text") or raise UnreadableFile."""
    extension = PurePosixPath(name).suffix.lower()
    if extension not in ZIP_WORKBOOKS | OLE_WORKBOOKS | TEXTS:
        raise UnreadableFile("wrong_type", {"extension": extension or "?"})
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile("empty_file")
    if size > limits.file_bytes:
        megabytes = -(-size // MEGABYTE)
        raise UnreadableFile(
            "too_large", {"megabytes": megabytes, "limit": limits.file_bytes // MEGABYTE}
        )
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(ZIP_MAGIC):
        return _check_zip(path, extension, limits)
    if start.startswith(OLE_MAGIC):
        return _check_ole(extension)
    if extension in TEXTS:
        return _check_text(start, extension)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(WEB_MAGICS):
        raise UnreadableFile("web_page")
    raise UnreadableFile("not_workbook")


def _check_ole(extension: str) -> str:
    """Pass an OLE container on: whether it is BIFF, an encrypted workbook or a letter, the child finds out."""
    if extension in TEXTS:
        raise UnreadableFile("wrong_extension", {"declared": extension, "actual": ".xls"})
    return "ole"


def _check_text(start: bytes, extension: str) -> str:
    if start.startswith(OTHER_MAGICS):
        raise UnreadableFile("not_text", {"declared": extension})
    return "text"


def _check_zip(path: Path, extension: str, limits: Limits) -> str:
    """Read the zip directory only; no member is unpacked."""
    _check_directory_size(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, struct.error, UnicodeDecodeError, NotImplementedError) as error:
        raise UnreadableFile("broken") from error
    _check_members(members, limits)
    _check_parts({member.filename.replace("\\", "/").lower() for member in members})
    if extension not in ZIP_WORKBOOKS:
        raise UnreadableFile("wrong_extension", {"declared": extension, "actual": ".xlsx"})
    return "xlsx"


def _check_directory_size(path: Path, limits: Limits) -> None:
    """Refuse an oversized directory before zipfile builds an object per entry of it."""
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, END_OF_DIRECTORY.size + 0xFFFF), 2)
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < END_OF_DIRECTORY.size:
        raise UnreadableFile("broken")
    _, _, _, _, entries, directory_bytes, _, _ = END_OF_DIRECTORY.unpack_from(tail, at)
    if entries > limits.members or directory_bytes > limits.members * DIRECTORY_BYTES_PER_MEMBER:
        raise UnreadableFile("too_many_members", {"limit": limits.members})


def _check_members(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(members) > limits.members:
        raise UnreadableFile("too_many_members", {"limit": limits.members})
    if any(_points_outside(member) for member in members):
        raise UnreadableFile("unsafe_paths")
    if any(member.flag_bits & ENCRYPTED_BIT for member in members):
        raise UnreadableFile("encrypted")
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.unpacked_bytes:
        raise UnreadableFile("unpacks_too_large", {"limit": limits.unpacked_bytes // MEGABYTE})
    packed = sum(member.compress_size for member in members)
    # Small files may be packed as tightly as they like: nothing can come of it.
    if unpacked > 10 * MEGABYTE and unpacked > packed * limits.ratio:
        raise UnreadableFile("packed_too_tightly", {"limit": limits.ratio})


def _points_outside(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    return is_link or name.startswith("/") or ":" in name or ".." in name.split("/")


def _check_parts(names: set[str]) -> None:
    if "xl/workbook.bin" in names or "mimetype" in names:
        raise UnreadableFile("binary_workbook")
    has_workbook = any(name.startswith("xl/workbook") and name.endswith(".xml") for name in names)
    if not has_workbook or not {"[content_types].xml", "_rels/.rels"} <= names:
        raise UnreadableFile("not_workbook")
