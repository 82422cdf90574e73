"""From the classes of a patent to industries, by the rules of a loaded table. No database.

Exclusions first, then the longest pattern wins for each class of the patent; one patent may lead to several
industries. Rules with a keyword only propose: a person confirms them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from inventory.classification.symbols import NotASymbol, Pattern, key_of
from portal.text import fold

# the first four characters of a key: patterns are looked up by the subclass or what stands above it
_LEVELS: Final = (4, 3, 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a table: classes of this pattern lead to `code` (or, excluded, never do).

    `keyword` is folded text that title or abstract must contain; such a rule gives a candidate only.
    """

    code: str
    pattern: Pattern
    is_exclusion: bool = False
    keyword: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An industry of a patent, the pattern that led there, and whether a person must confirm it."""

    code: str
    pattern: str
    is_candidate: bool


class Concordance:
    """The rules of one table, ready for many patents."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._takes: dict[str, list[Rule]] = {}
        self._bars: dict[str, list[Rule]] = {}
        for rule in rules:
            store = self._bars if rule.is_exclusion else self._takes
            store.setdefault(rule.pattern.low[:4], []).append(rule)

    def match(self, symbols: Sequence[str], text: str = "") -> list[Found]:
        """Industries of a patent with these classes, by code; `text` is what keywords are looked for in.

        A code that is certain by one class is not a candidate by another. Unreadable symbols lead nowhere.
        """
        folded = fold(text)
        best: dict[str, Found] = {}
        for symbol in symbols:
            for rule in self._winners(symbol, folded):
                found = Found(rule.code, rule.pattern.written, bool(rule.keyword))
                held = best.get(rule.code)
                if held is None or (held.is_candidate and not found.is_candidate):
                    best[rule.code] = found
        return [best[code] for code in sorted(best)]

    def _winners(self, symbol: str, folded: str) -> list[Rule]:
        try:
            key = key_of(symbol)
        except NotASymbol:
            return []
        barred = {rule.code for rule in _covering(self._bars, key)}
        fit = [
            rule
            for rule in _covering(self._takes, key)
            if rule.code not in barred and (not rule.keyword or rule.keyword in folded)
        ]
        longest = max((rule.pattern.weight for rule in fit if not rule.keyword), default=-1)
        return [rule for rule in fit if rule.keyword or rule.pattern.weight == longest]


def _covering(store: dict[str, list[Rule]], key: str) -> list[Rule]:
    return [
        rule
        for level in _LEVELS
        for rule in (store.get(key[:level], ()) if len(key) >= level else ())
        if rule.pattern.covers(key)
    ]
