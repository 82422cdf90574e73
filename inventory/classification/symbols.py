"""Symbols of the International Patent Classification as sortable keys, and patterns written with them.

A key has fixed places: section, class and subclass (four characters), main group (four digits), then the digits of
the subgroup without the zeros at their end: ``H01L21/02`` is ``H01L0021`` + ``02``, ``H01L21/00`` is ``H01L0021``.
So whatever lies below a symbol begins with its key, and a range is two keys compared as text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_SYMBOL: Final = re.compile(r"([A-H])(?:(\d{2})(?:([A-Z])(?:(\d{1,4})(?:/(\d{2,6}))?)?)?)?")
_STARS: Final = re.compile(r"[*＊×]+$")
_RANGE: Final = re.compile(r"(?<=[\dA-Z])(?:-|~|至|—|–)(?=[A-H]\d)")
_SEPARATORS: Final = re.compile(r"[;；,，、|\n\r\t]+|\s{2,}")
_EDITION: Final = re.compile(r"\(\d{4}[.\d]*\)[A-Z]?")


class NotASymbol(ValueError):
    """A text that is no IPC symbol or pattern; the text is the argument."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Keys from `low` to everything below `high`; `written` is how the table has it.

    `is_exact`: only the symbol itself, not what lies below it (a full symbol written without ``*``).
    """

    low: str
    high: str
    is_exact: bool
    written: str

    @property
    def weight(self) -> int:
        """How much of a symbol the pattern names: the longest pattern wins; an exact one beats its own prefix."""
        return len(self.low) * 2 + self.is_exact

    def covers(self, key: str) -> bool:
        """Whether a symbol's key lies in the pattern."""
        if self.is_exact:
            return key == self.low
        return key >= self.low and key[: len(self.high)] <= self.high


def key_of(text: str) -> str:
    """The key of a symbol, a subclass, a class or a section; NotASymbol for anything else."""
    dense = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    match = _SYMBOL.fullmatch(_STARS.sub("", _EDITION.sub("", dense)))
    if match is None:
        raise NotASymbol(text)
    section, number, letter, group, subgroup = match.groups()
    key = f"{section}{number or ''}{letter or ''}"
    if group:
        key += f"{int(group):04d}{(subgroup or '').rstrip('0')}"
    return key


def parse_pattern(text: str) -> Pattern:
    """``H01L``, ``H01L21/*``, ``H01L21/02``, ``H01L21/02*``, ``A01B1/00-A01B3/00``; NotASymbol otherwise."""
    dense = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    ends = _RANGE.split(dense)
    if len(ends) > 2:
        raise NotASymbol(text)
    keys = [key_of(end.removesuffix("/*").removesuffix("/")) for end in ends]
    if len(keys) == 2:
        if keys[0] > keys[1] or keys[0][:4] != keys[1][:4]:
            raise NotASymbol(text)
        return Pattern(keys[0], keys[1], is_exact=False, written=text.strip())
    # a full symbol without a star means itself; a main group (…/00) and all above mean what lies below, too
    is_exact = "/" in dense and not dense.endswith(("*", "/")) and len(keys[0]) > 8
    return Pattern(keys[0], keys[0], is_exact=is_exact, written=text.strip())


def split_patterns(text: str) -> list[str]:
    """The patterns of a cell, in order, as written; blank pieces are dropped."""
    return [piece.strip() for piece in _SEPARATORS.split(text) if piece.strip()]
