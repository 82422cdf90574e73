"""The number doctor: what somebody pasted, line by line, in normal form or with what is wrong. Pure: no database.

Normal form is what the portal shows and exports: ``CN201710192287.6`` for an application number, ``CN102889890B`` for
a publication number. It is text to a spreadsheet, which therefore does not round it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.number_repairs import Candidate, candidates
from inventory.numbers import (
    EXPECTED,
    Kind,
    NumberProblem,
    PublicationNumber,
    narrow,
    parse_application_number,
    parse_publication_number,
)

MOST_LINES: Final = 1000
_BETWEEN: Final = re.compile(r"[,，\t、;；]")
_LINES: Final = re.compile(r"\r\n|[\n\r\v\f\u0085\u2028\u2029]")
#: What is said of a number that could be read; NumberProblem's own sentences of one that could not.
REMARKS: Final[dict[str, Promise]] = {
    "rewritten": _("Put into the usual form."),
    "check_missing": _("The check character was missing and has been computed."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One pasted line: `number` is canonical ("" where it cannot be read), `problem` a key of EXPECTED or ""."""

    typed: str
    number: str = ""
    normal: str = ""
    kind: Kind | None = None
    publication: PublicationNumber | None = None
    problem: str = ""
    remark: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def words(self) -> str:
        """What was wrong, and what is expected; "" for a number in its usual form and for a blank line."""
        if self.problem:
            return str(EXPECTED[self.problem])
        return str(REMARKS[self.remark]) if self.remark else ""


def split(text: str) -> list[str]:
    """The numbers of a pasted text in their order: lines, and what commas, tabs, 、 and ； part within a line.

    A blank line between others stays ("" in the list), so that the healed column fits beside the pasted one.
    """
    found: list[str] = []
    for line in _LINES.split(text):
        parts = [part.strip() for part in _BETWEEN.split(line)]
        found.extend([part for part in parts if part] or [""])
    while found and not found[-1]:
        found.pop()
    return found


def examine(typed: str) -> Finding:
    """One number: its normal form, or what is wrong with it and what it may have been meant to be."""
    if not typed:
        return Finding(typed)
    try:
        number = parse_application_number(typed)
    except NumberProblem as problem:
        if problem.code == "publication_number" and (found := _publication(typed)) is not None:
            return found
        return Finding(typed, problem=problem.code, candidates=candidates(typed))
    remark = "check_missing" if number.check_was_missing else ""
    if not remark and typed != number.display:
        remark = "rewritten"
    return Finding(typed, number.canonical, number.display, number.kind, remark=remark)


def examine_all(typed: Sequence[str]) -> list[Finding]:
    """Every line of a paste."""
    return [examine(one) for one in typed]


def normalise(typed: str) -> str:
    """The normal form of one number, "" where it cannot be read; of a normal form, itself."""
    return examine(typed).normal


def _publication(typed: str) -> Finding | None:
    """The publication number; None where the text only begins like one (``17101765.4``)."""
    for text in (typed, f"CN{narrow(typed)}"):
        try:
            number = parse_publication_number(text)
        except NumberProblem:
            continue
        normal = number.canonical
        remark = "" if typed == normal else "rewritten"
        return Finding(typed, normal, normal, number.kind, number, remark=remark)
    return None
