"""Pasted numbers beside the register: what is known of each, and up to three proposals for a wrong one.

Two queries for any number of lines, fewer where none needs the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.choices import PatentKind
from inventory.number_doctor import Finding, examine_all
from inventory.number_repairs import Slip, shortlist
from inventory.numbers import PublicationNumber, display
from inventory.queries.known_numbers import KnownPatent, known_by_number, known_by_publication
from portal.models import Membership

SLIPS: Final[dict[Slip, Promise]] = {
    Slip.MISREAD: _("one character misread"),
    Slip.SWAPPED: _("two neighbouring characters swapped"),
    Slip.CHECK: _("check character wrong"),
    Slip.DIGIT: _("one digit wrong"),
    Slip.COUNT: _("one digit too many or too few"),
}
BY_PUBLICATION: Final = _("by the publication number")
#: The application and the grant of one invention bear the same digits (ZC 0007-2012).
_OF_INVENTIONS: Final = "ABC"
_LETTERS: Final = "ABCUYSD"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A number to put in place of what was typed, and the patent where the asker may see it."""

    number: str
    why: Promise
    patent: KnownPatent | None

    @property
    def display(self) -> str:
        """Return the number as it is shown: ``CN201710192287.6``."""
        return display(self.number)


@dataclass
class Line:
    """One pasted line with what the register says; `chosen` is the canonical number a person took, or ""."""

    position: int
    finding: Finding
    patent: KnownPatent | None = None
    proposals: list[Proposal] = field(default_factory=list)
    repeats: int = 0
    chosen: str = ""

    @property
    def healed(self) -> str:
        """The number that is certain: read, or chosen by a person; else ""."""
        return display(self.chosen) if self.chosen else self.finding.normal

    @property
    def kind_label(self) -> str:
        """The kind of patent in words; "" where the number does not say it."""
        return str(PatentKind(self.finding.kind).label) if self.finding.kind else ""

    @property
    def may_be(self) -> set[str]:
        """Every number that may be chosen for this line, also those beyond the three shown."""
        shown = {one.number for one in self.proposals}
        return shown | {one.number for one in self.finding.candidates}


def lines_of(membership: Membership, typed: Sequence[str]) -> list[Line]:
    """The pasted lines in their order, numbered from 1."""
    lines = [Line(at, finding) for at, finding in enumerate(examine_all(typed), 1)]
    by_number = known_by_number(membership, _wanted(lines))
    by_publication = known_by_publication(membership, _published(lines))
    first: dict[str, int] = {}
    for line in lines:
        if line.finding.publication is not None:
            _look_up(line, line.finding.publication, by_publication)
        else:
            line.patent = by_number.get(line.finding.number)
            _propose(line, by_number)
        if line.finding.normal:
            earlier = first.setdefault(line.finding.normal, line.position)
            line.repeats = earlier if earlier != line.position else 0
    return lines


def _wanted(lines: Iterable[Line]) -> set[str]:
    """Every application number that stands on a line or may be meant by one."""
    found = {line.finding.number for line in lines if line.finding.publication is None}
    found |= {one.number for line in lines for one in line.finding.candidates}
    return found - {""}


def _published(lines: Iterable[Line]) -> set[str]:
    return {
        spelling
        for line in lines
        if line.finding.publication is not None
        for spelling in spellings(line.finding.publication)
    }


def spellings(number: PublicationNumber) -> list[str]:
    """The publication numbers under which the register may have the same patent, its own one first."""
    plain = f"CN{number.digits}"
    codes = number.code or _LETTERS
    if number.code in _OF_INVENTIONS:
        codes = number.code + _OF_INVENTIONS if number.code else _LETTERS
    return list(dict.fromkeys([number.canonical, *(f"{plain}{code}" for code in codes)]))


def _look_up(line: Line, number: PublicationNumber, known: Mapping[str, KnownPatent]) -> None:
    patent = next((known[one] for one in spellings(number) if one in known), None)
    if patent is not None:
        line.patent = patent
        line.proposals.append(Proposal(patent.number, BY_PUBLICATION, patent))


def _propose(line: Line, known: Mapping[str, KnownPatent]) -> None:
    line.proposals = [
        Proposal(one.number, SLIPS[one.slip], known.get(one.number))
        for one in shortlist(line.finding.candidates, known)
    ]
