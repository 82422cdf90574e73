"""What is offered in place of a cell that could not be read: the one place where an import says “did you mean …?”.

A wrong number gets up to three candidates (`inventory.number_repairs`), those first that are in the register as far as
the person who uploads may see it; a number that Excel destroyed gets the one of its publication number, where the
register has that, and nothing else. They stand in `ImportIssue.params["proposals"]` as [canonical number, whether it
is in the register]; what a cell's parser itself suggests stands in `params["suggestion"]`. Nothing is put in place of
what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.number_repairs import REPAIRABLE, Candidate, candidates, shortlist
from inventory.numbers import NumberProblem, display, parse_publication_number
from inventory.queries.healing import spellings
from inventory.queries.known_numbers import KnownPatent, known_by_number, known_by_publication
from portal.choices import IssueLevel
from portal.intake.registry import Step, columns_from_json
from portal.models import ImportBatch, ImportIssue

DESTROYED: Final = "destroyed"


def offer_numbers(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Write the proposals of the next lines, with a constant number of queries."""
    asked = batch.issues.filter(
        rule__in=[*REPAIRABLE, DESTROYED], level=IssueLevel.ERROR, line__gte=first_line
    )
    lines = list(asked.order_by("line").values_list("line", flat=True).distinct()[:limit])
    if not lines:
        return None
    issues = list(asked.filter(line__lte=lines[-1]))
    changed = [*_likely(batch, issues), *_by_publication(batch, issues)]
    ImportIssue.objects.bulk_update(changed, ["params"], batch_size=limit)
    return lines[-1] + 1


def _likely(batch: ImportBatch, issues: Sequence[ImportIssue]) -> list[ImportIssue]:
    found = {
        issue: few
        for issue in issues
        if issue.rule != DESTROYED and (few := candidates(issue.value))
    }
    wanted = {one.number for few in found.values() for one in few}
    known = known_by_number(batch.membership, wanted)
    for issue, few in found.items():
        issue.params["proposals"] = _stored(few, known)
    return list(found)


def _stored(few: Sequence[Candidate], known: Mapping[str, KnownPatent]) -> list[list[Any]]:
    return [[one.number, one.number in known] for one in shortlist(few, known)]


def _by_publication(batch: ImportBatch, issues: Sequence[ImportIssue]) -> list[ImportIssue]:
    of_number = {
        one.letter for one in columns_from_json(batch.columns) if one.field == "application_number"
    }
    destroyed = {
        issue.line: issue
        for issue in issues
        if issue.rule == DESTROYED and issue.column in of_number
    }
    if not destroyed:
        return []
    published = dict(
        batch.rows.filter(line__in=destroyed, values__has_key="publication_number").values_list(
            "line", "values__publication_number"
        )
    )
    spelt = {line: _spellings(text) for line, text in published.items()}
    known = known_by_publication(batch.membership, {one for few in spelt.values() for one in few})
    changed = []
    for line, few in spelt.items():
        patent = next((known[one] for one in few if one in known), None)
        if patent is not None:
            destroyed[line].params |= {"proposals": [[patent.number, True]], "by": "publication"}
            changed.append(destroyed[line])
    return changed


def _spellings(text: str) -> list[str]:
    try:
        return spellings(parse_publication_number(text))
    except NumberProblem:
        return []


def texts(params: Mapping[str, Any]) -> list[str]:
    """The numbers that are proposed for an issue, as people write them; likeliest first."""
    return [display(number) for number, _is_known in params.get("proposals", ())]


def in_words(params: Mapping[str, Any]) -> str:
    """What is offered for an issue, as a sentence; "" where nothing is."""
    if suggestion := params.get("suggestion"):
        return str(_("Suggested: %(number)s.")) % {"number": suggestion}
    proposals = params.get("proposals")
    if not proposals:
        return ""
    if params.get("by") == "publication":
        number = display(proposals[0][0])
        return str(_("By its publication number this is %(number)s.")) % {"number": number}
    known = str(_("%(number)s (in the register)"))
    shown = [
        known % {"number": display(number)} if is_known else display(number)
        for number, is_known in proposals
    ]
    return str(_("Did you mean %(numbers)s?")) % {"numbers": "、".join(shown)}


STEP: Final = Step(_("Looking for numbers that may be meant"), offer_numbers)
