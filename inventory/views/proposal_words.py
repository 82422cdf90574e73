"""Proposals in words: why somebody is proposed, and what must be known before."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext_lazy

from inventory.proposals import Candidate, Flag, Proposal, Reason
from inventory.services.unassigned import may_ask

SHOWN = 5


def row(proposal: Proposal, allowed: Collection[int] | None) -> dict[str, Any]:
    """What a row of the queue shows: the first candidate, the others, whether it is clear."""
    shown = [_candidate(one, allowed) for one in proposal.candidates[:SHOWN]]
    best = proposal.best
    first = next((one for one in shown if best and one["key"] == best.person.key), None)
    homonyms = any(Flag.HOMONYM in one.flags for one in proposal.candidates)
    return {
        "best": first,
        "others": [one for one in shown if one is not first],
        "is_clear": proposal.is_clear and first is not None and first["can_take"],
        "has_homonyms": homonyms,
        "more": max(len(proposal.candidates) - SHOWN, 0),
    }


def _candidate(one: Candidate, allowed: Collection[int] | None) -> dict[str, Any]:
    person = one.person
    return {
        "key": person.key,
        "name": person.name,
        "unit": person.unit,
        "facts": " · ".join(
            fact for fact in (person.unit, person.staff_number, person.title) if fact
        ),
        "reasons": "；".join(reason_words(one)),
        "flags": [flag_words(flag) for flag in sorted(one.flags, key=lambda flag: flag.value)],
        "can_take": not one.is_barred and may_ask(one, allowed),
        "other_unit": person.unit_id
        if not one.is_barred and not may_ask(one, allowed) and person.unit_id
        else None,
    }


# words of a page's hundreds of candidates are translated when they are shown
_REASONS = {
    Reason.FIRST_INVENTOR: gettext_lazy("first inventor"),
    Reason.INVENTOR: gettext_lazy("inventor no. %(position)s"),
    Reason.PINYIN: gettext_lazy("the name agrees in pinyin only"),
    Reason.ACCOUNT_LINKED: gettext_lazy("the account is linked to this inventor"),
    Reason.SAME_UNIT: gettext_lazy("unit of the dossier"),
    Reason.COLLEAGUES_UNIT: gettext_lazy("unit of the other inventors"),
    Reason.EARLIER: gettext_lazy("looks after %(count)s patents of the same inventors"),
    Reason.INSTEAD_OF_STUDENT: gettext_lazy("teacher in the place of a student"),
    Reason.INSTEAD_OF_GONE: gettext_lazy("the first inventor cannot be asked any more"),
    Reason.HIGHEST_TITLE: gettext_lazy("highest title among the inventors"),
}
_FLAGS = {
    Flag.HOMONYM: ("warning", gettext_lazy("several of this name")),
    Flag.DOUBTFUL: ("warning", gettext_lazy("namesake to be told apart")),
    Flag.STUDENT: ("neutral", gettext_lazy("student")),
    Flag.RETIRED: ("neutral", gettext_lazy("retired")),
    Flag.LEFT: ("neutral", gettext_lazy("has left")),
    Flag.NO_ACCOUNT: ("info", gettext_lazy("no account yet")),
    Flag.SAID_NOT_MINE: ("neutral", gettext_lazy("says it is not theirs")),
}


def reason_words(one: Candidate) -> list[str]:
    """What speaks for somebody, in words."""
    numbers = {"position": one.position, "count": one.earlier}
    return [str(_REASONS[reason]) % numbers for reason in one.reasons]


def flag_words(flag: Flag) -> dict[str, Any]:
    """What must be known before, as a badge."""
    tone, label = _FLAGS[flag]
    return {"tone": tone, "label": label}
