"""Who is proposed for a patent, as a row of the queue has it: candidates with their words and a button to take one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse
from django.utils.html import conditional_escape, escape
from django.utils.translation import gettext, gettext_lazy, ngettext

from inventory.models import Dossier
from inventory.proposals import Candidate, Flag, Inventor, Proposal, Reason
from inventory.queries.unassigned import inventors_of, proposals_for
from inventory.services.unassigned import branch_of, may_ask
from portal.lists.cells import Cell
from portal.models import Membership
from portal.templatetags.portal_tags import badge, icon

SHOWN = 5
#: the form of the buttons; it stands above the table, once for all rows
FORM = "take-one"

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


class _Found:
    """Inventors and proposals of one page, sought when the first row shows its own: columns can be hidden."""

    def __init__(self, dossiers: Sequence[Dossier], reader: Membership) -> None:
        self._dossiers = dossiers
        self._reader = reader

    @cached_property
    def inventors(self) -> dict[int, tuple[Inventor, ...]]:
        return inventors_of(self._dossiers)

    @cached_property
    def proposals(self) -> dict[int, Proposal]:
        return proposals_for(self._dossiers, self._reader, inventors=self.inventors)

    @cached_property
    def branch(self) -> Collection[int] | None:
        return branch_of(self._reader)


@dataclass(frozen=True)
class Waiting:
    """A patent nobody looks after, with who might."""

    dossier: Dossier
    found: _Found

    @property
    def inventors(self) -> tuple[Inventor, ...]:
        return self.found.inventors.get(self.dossier.patent_id, ())

    @property
    def proposal(self) -> Proposal:
        return self.found.proposals[self.dossier.pk]

    def may_be_asked(self, one: Candidate) -> bool:
        """Whether the reader may give the patent to this candidate."""
        return not one.is_barred and may_ask(one, self.found.branch)


def waiting(dossiers: list[Dossier], reader: Membership) -> list[Waiting]:
    """The rows of a page; inventors and proposals cost six queries, once they are shown."""
    found = _Found(dossiers, reader)
    return [Waiting(dossier, found) for dossier in dossiers]


def reason_words(one: Candidate) -> list[str]:
    """What speaks for somebody, in words."""
    numbers = {"position": one.position, "count": one.earlier}
    return [str(_REASONS[reason]) % numbers for reason in one.reasons]


def _facts(one: Candidate) -> str:
    person = one.person
    return " · ".join(fact for fact in (person.unit, person.staff_number, person.title) if fact)


def _flags(one: Candidate) -> list[Flag]:
    return sorted(one.flags, key=lambda flag: flag.value)


def _shown(proposal: Proposal) -> tuple[Candidate | None, list[Candidate]]:
    """Whom a row shows: the one who may be asked first, and the others in order."""
    first = proposal.candidates[:SHOWN]
    best = next((one for one in first if one is proposal.best), None)
    return best, [one for one in first if one is not best]


def _as_html(row: Waiting) -> str:
    best, others = _shown(row.proposal)
    further = "".join(_candidate(row, one) for one in others)
    if further and not any(Flag.HOMONYM in one.flags for one in row.proposal.candidates):
        count = len(others)
        words = ngettext("%(number)s more", "%(number)s more", count) % {"number": count}
        further = f'<details class="fold"><summary>{escape(words)}</summary>{further}</details>'
    if best is not None:
        return _candidate(row, best, is_best=True) + further
    none = escape(gettext("Nobody on the personnel list has one of these names"))
    return f'<span class="muted">{none}</span>{further}'


def _candidate(row: Waiting, one: Candidate, *, is_best: bool = False) -> str:
    """One person: words left, button right."""
    facts = _facts(one)
    said = f' <span class="muted">{conditional_escape(facts)}</span>' if facts else ""
    marks = "".join(f" {badge('tone', *_FLAGS[flag])}" for flag in _flags(one))
    reasons = conditional_escape("；".join(reason_words(one)))
    return (
        f'<div class="candidate"><div><strong>{conditional_escape(one.person.name)}</strong>{said}'
        f'{marks}<div class="muted">{reasons}</div></div>{_act(row, one, is_best=is_best)}</div>'
    )


def _act(row: Waiting, one: Candidate, *, is_best: bool) -> str:
    """Take the proposal; or pass the patent on to the unit of somebody whom the reader may not ask."""
    dossier, person = row.dossier, one.person
    if row.may_be_asked(one):
        choice = f"{dossier.pk}-{dossier.version}-{person.key}"
        css = "btn btn-sm btn-primary" if is_best else "btn btn-sm"
        words = escape(gettext("Take"))
        return (
            f'<button class="{css}" form="{FORM}" name="choice" value="{escape(choice)}">'
            f"{icon('user-check')}{words}</button>"
        )
    if one.is_barred or not person.unit_id:
        return ""
    address = f"{reverse('inventory:dossier-pass-on', args=[dossier.pk])}?unit={person.unit_id}"
    words = escape(gettext("Pass on to that unit"))
    return f'<a class="btn btn-sm" href="{escape(address)}">{icon("arrows-exchange")}{words}</a>'


def _as_text(row: Waiting) -> str:
    """For a spreadsheet: each candidate with what speaks for and against."""
    best, others = _shown(row.proposal)
    told = []
    for one in [*([best] if best else []), *others]:
        words = [_facts(one), *reason_words(one), *(str(_FLAGS[f][1]) for f in _flags(one))]
        told.append(f"{one.person.name}（{'，'.join(word for word in words if word)}）")
    return "；".join(told)


#: takes a Waiting
PROPOSED = Cell("", _as_html, _as_text)
