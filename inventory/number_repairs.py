"""What a wrong application number may have been meant to be. Pure: no database.

Every number that is one slip of the hand away from what was typed and whose check character fits is a candidate; which
of them is meant only a person can tell, so nothing is ever put in its place unasked. The check character (ZC 0006-2003)
finds every single wrong digit and every swap of neighbours, and leaves about one candidate per place.

The order is that of how often people slip, times how many candidates share it: single digits are the most frequent
slip (four in five: J. Verhoeff, Error Detecting Decimal Codes, 1969), but any of some eight places may hold it, so
digits that look alike come first, then the swap of two neighbours (one in ten, seldom more than one candidate), the
check character, the other digits, and last a digit too many or too few.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from inventory.numbers import (
    CHECK_CHARACTERS,
    WEIGHTS,
    NumberProblem,
    check_character,
    is_possible,
    narrow,
    parse_application_number,
)

MOST_SHOWN: Final = 3
#: Codes of NumberProblem behind which one slip may hide; what Excel destroyed or is no number has none.
REPAIRABLE: Final = frozenset(
    {"check_digit", "year", "kind", "length", "not_a_number", "publication_number"}
)


class Slip(IntEnum):
    """What happened to the number, likeliest first."""

    MISREAD = 0
    SWAPPED = 1
    CHECK = 2
    DIGIT = 3
    COUNT = 4


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A valid number (canonical) and the slip that leads from it to what was typed; sorts likeliest first."""

    slip: Slip
    number: str


#: Letters that are typed for 0 and 1.
_LETTERS: Final = str.maketrans("OQIL", "0011")
#: Digits that are read for one another on a certificate or a scan.
_ALIKE: Final = frozenset(
    frozenset(pair) for pair in ("08", "06", "17", "38", "56", "68", "35", "49", "27")
)
_TYPED: Final = re.compile(r"((?:CN)?ZL|CN)?[-:.]?([\dOQIL]+)([-.]?)([\dXOQIL]?)", re.ASCII)
_INVERSE: Final = {weight: pow(weight, -1, 11) for weight in WEIGHTS}
_LENGTHS: Final = (8, 12)


def candidates(typed: str) -> tuple[Candidate, ...]:
    """Every valid number one slip away from `typed`, likeliest first; none where it is right or no number at all."""
    try:
        parse_application_number(typed)
    except NumberProblem as problem:
        if problem.code not in REPAIRABLE:
            return ()
    else:
        return ()
    best: dict[str, Slip] = {}
    for digits, check, slip in _slips(narrow(typed)):
        if _is_valid(digits, check):
            number = digits + check
            best[number] = min(slip, best.get(number, slip))
    return tuple(sorted(Candidate(slip, number) for number, slip in best.items()))


def shortlist(found: Iterable[Candidate], known: Container[str]) -> tuple[Candidate, ...]:
    """At most three of them: those among `known` first, then by likelihood, then by number."""
    ranked = sorted(found, key=lambda one: (one.number not in known, one))
    return tuple(ranked[:MOST_SHOWN])


def _is_valid(digits: str, check: str) -> bool:
    return len(digits) in _LENGTHS and is_possible(digits) and check == check_character(digits)


def _slips(dense: str) -> Iterator[tuple[str, str, Slip]]:
    """(digits, check character, slip): whether year and kind are possible is seen afterwards."""
    match = _TYPED.fullmatch(dense)
    if match is None:
        return
    prefix, body, point, check = match[1] or "", match[2], match[3], match[4]
    if not check:
        if point:
            return
        body, check = body[:-1], body[-1]
    digits, last = body.translate(_LETTERS), check.translate(_LETTERS)
    if (digits, last) != (body, check):
        yield digits, last, Slip.MISREAD
    elif point or prefix.endswith("ZL") or not _is_publication(digits + check):
        yield from _one_slip(digits, check, is_apart=bool(point))


def _is_publication(body: str) -> bool:
    """Whether nine digits without a point may as well be a publication number (ZC 0007-2012)."""
    return len(body) == 9 and body[0] in "123"


def _one_slip(digits: str, check: str, *, is_apart: bool) -> Iterator[tuple[str, str, Slip]]:
    if len(digits) in _LENGTHS:
        yield digits, check_character(digits), Slip.CHECK
        yield from _substituted(digits, check)
        yield from _swapped(digits, check)
        if not is_apart and check != "X":
            yield from _doubled(digits + check)
    elif len(digits) + 1 in _LENGTHS:
        yield from _one_more(digits, check)
    elif len(digits) - 1 in _LENGTHS:
        for at in range(len(digits)):
            yield digits[:at] + digits[at + 1 :], check, Slip.COUNT


def _substituted(digits: str, check: str) -> Iterator[tuple[str, str, Slip]]:
    """For each place the one digit, if any, with which the check character fits."""
    wanted = CHECK_CHARACTERS.index(check)
    lacking = wanted - CHECK_CHARACTERS.index(check_character(digits))
    for at, digit in enumerate(digits):
        other = (int(digit) + lacking * _INVERSE[WEIGHTS[at]]) % 11
        if other < 10:
            slip = Slip.MISREAD if frozenset((digit, str(other))) in _ALIKE else Slip.DIGIT
            yield f"{digits[:at]}{other}{digits[at + 1 :]}", check, slip


def _swapped(digits: str, check: str) -> Iterator[tuple[str, str, Slip]]:
    """Two neighbours in each other's place, the last one and the check character included."""
    whole = digits + check
    for at in range(len(digits)):
        other = f"{whole[:at]}{whole[at + 1]}{whole[at]}{whole[at + 2 :]}"
        if other[:-1].isdigit():
            yield other[:-1], other[-1], Slip.SWAPPED


def _doubled(whole: str) -> Iterator[tuple[str, str, Slip]]:
    """A number without its check character in which one digit was typed twice."""
    for at in range(len(whole) - 1):
        if whole[at] == whole[at + 1]:
            digits = whole[:at] + whole[at + 1 :]
            yield digits, check_character(digits), Slip.COUNT


def _one_more(digits: str, check: str) -> Iterator[tuple[str, str, Slip]]:
    """For each place the one digit, if any, that was left out there."""
    wanted = CHECK_CHARACTERS.index(check)
    for at in range(len(digits) + 1):
        with_zero = f"{digits[:at]}0{digits[at:]}"
        lacking = wanted - CHECK_CHARACTERS.index(check_character(with_zero))
        digit = lacking * _INVERSE[WEIGHTS[at]] % 11
        if digit < 10:
            yield f"{digits[:at]}{digit}{digits[at:]}", check, Slip.COUNT
