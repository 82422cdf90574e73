"""The hidden cells of a round-trip workbook: which dossier a row is about, as of which version, and what it said.

A row of a workbook carries a key, the version of the dossier and the digest of its answers; the key is signed over
all three with the institution, so that a key made up, or taken to another row's version, is recognised. Pure.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

#: Hidden columns behind the national layout: field, head, what a person reads of it.
KEY_COLUMNS: Final = (
    ("row_key", "回填标识", _("Row key of a round-trip workbook")),
    ("row_version", "回填版本", _("Version when the workbook was made")),
    ("row_digest", "回填校验", _("Content hash when the workbook was made")),
)
KEY_FIELDS: Final = frozenset(field for field, _head, _label in KEY_COLUMNS)
#: Sheets that only a round-trip workbook has: what to do, and the values of its drop-downs.
GUIDE_SHEET: Final = "填写说明"
OPTIONS_SHEET: Final = "选项"

_SIGNER: Final = Signer(salt="inventory.workbook")
_PARTS: Final = 4
_DIGEST_LENGTH: Final = 32


class ForgedKey(ValueError):
    """A key that this portal did not give out, or not for this version and these answers."""


@dataclass(frozen=True)
class RowKey:
    """`place` is 0 in the row of the patent and counts the rows below it for further statuses and intents."""

    organisation: int
    dossier: int
    place: int
    version: int
    digest: str

    @property
    def row(self) -> str:
        """Which row of which dossier, unsigned."""
        return f"{self.organisation}-{self.dossier}-{self.place}"

    @property
    def signed(self) -> str:
        """What the signature is over."""
        return f"{self.row}-{self.version}-{self.digest}"

    def cells(self) -> tuple[str, str, str]:
        """Key, version and digest as the workbook holds them."""
        return f"{self.row}-{_SIGNER.signature(self.signed)}", str(self.version), self.digest


def read_key(key: str, version: str, digest: str) -> RowKey:
    """The key of a row; ForgedKey when the three cells were not given out together."""
    parts = _typed(key).split("-", _PARTS - 1)
    numbers = [*parts[: _PARTS - 1], _typed(version)]
    if len(parts) != _PARTS or not all(one.isascii() and one.isdecimal() for one in numbers):
        raise ForgedKey(key)
    organisation, dossier, place, seen = map(int, numbers)
    found = RowKey(organisation, dossier, place, seen, _typed(digest))
    # compared in constant time by the signer; earlier keys of the server stay good
    if not _is_signed(found, parts[-1]):
        raise ForgedKey(key)
    return found


def digest_of(values: Mapping[str, Any]) -> str:
    """Content hash of staged values: 32 hexadecimal digits of SHA-256."""
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def _is_signed(key: RowKey, signature: str) -> bool:
    signed = f"{key.signed}{_SIGNER.sep}{signature}"
    try:
        _SIGNER.unsign(signed)
    except BadSignature:
        return False
    return True


def _typed(cell: str) -> str:
    """What stands in a cell whatever the width of its characters."""
    return unicodedata.normalize("NFKC", cell).strip()
