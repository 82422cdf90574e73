"""Whether two lines about people of one organisation mean the same person. Pure.

Same name and same staff number, phone, mail address or unit: the same. Same name and nothing that says so: a person
is asked, nothing is ever merged in silence. Two different staff numbers are two people, whatever else agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from portal.text import compact


@dataclass(frozen=True)
class Line:
    """What a list says about a person; phone and mail as keyed digests, '' for not said.

    `key` is the caller's: of a row of a file, of the personnel list, or of an account.
    """

    key: str
    name: str
    unit: int | None = None
    staff_number: str = ""
    phone: str = ""
    email: str = ""

    @property
    def folded(self) -> str:
        """The name as it is compared: without blanks, one make of dot."""
        return compact(self.name)


class Answer(Enum):
    NEW = "new"
    SAME = "same"
    # somebody of this name is known and nothing says whether it is the same person
    ASK = "ask"
    # the line fits several known people equally well
    SEVERAL = "several"
    # the staff number belongs to somebody of another name
    OTHER_NAME = "other_name"


def who_is(line: Line, known: Iterable[Line]) -> tuple[Answer, list[Line]]:
    """Which of the known people a line means, the strongest evidence first, and the people the answer is about."""
    others = list(known)
    if line.staff_number:
        holders = [one for one in others if one.staff_number == line.staff_number]
        if holders:
            same = [one for one in holders if one.folded == line.folded]
            return (Answer.SAME, same[:1]) if same else (Answer.OTHER_NAME, holders)
    namesakes = [
        one
        for one in others
        if one.folded == line.folded
        and not (one.staff_number and line.staff_number and one.staff_number != line.staff_number)
    ]
    if not namesakes:
        return Answer.NEW, []
    for agree in (_contact_agrees, _unit_agrees, _says_the_same):
        found = [one for one in namesakes if agree(line, one)]
        if found:
            return (Answer.SAME, found) if len(found) == 1 else (Answer.SEVERAL, found)
    return Answer.ASK, namesakes


def _contact_agrees(line: Line, other: Line) -> bool:
    return bool(line.phone and line.phone == other.phone) or bool(
        line.email and line.email == other.email
    )


def _unit_agrees(line: Line, other: Line) -> bool:
    return line.unit is not None and line.unit == other.unit


def _says_the_same(line: Line, other: Line) -> bool:
    """A line of a name alone is the one that says no more either: a list read twice stays as it is."""
    return _evidence(line) == _evidence(other)


def _evidence(line: Line) -> Sequence[object]:
    return (line.unit, line.staff_number, line.phone, line.email)
