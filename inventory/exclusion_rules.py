"""Whether the register bears out that a patent should leave a base list. Pure: facts in, judgement out.

The base day decides: who held the patent and whether it was in force *on* that day. What ended or changed hands before
it leaves the list; what ended or changed hands on it or after it stays, and counts for who held it then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from inventory.choices import EventKind, ExclusionReason, PatentKind, SimpleStatus
from inventory.holder_choices import Verdict

#: Events that end the right, but for 宣告无效, which lets it never have been (专利法 第47条).
ENDING: Final = frozenset(
    {
        EventKind.FEE_LAPSE,
        EventKind.DOUBLE_GRANT_AVOIDED,
        EventKind.EXPIRY,
        EventKind.ABANDONED,
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """An announcement of the register; `day` is None where a file named the event only."""

    kind: str
    day: date | None
    confirmed_on: date


@dataclass(frozen=True, slots=True)
class Twin:
    """The other half of a dual filing (一案双申)."""

    number: str
    kind: str
    granted_on: date | None


@dataclass(frozen=True, slots=True)
class Change:
    """The institution's right passed to somebody on the day of registration (专利法 第10条)."""

    day: date
    to_name: str
    is_within: bool
    # from the register, or as the request itself says
    is_registered: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a patent on one institution's list."""

    base_day: date
    kind: str
    status: str = SimpleStatus.UNKNOWN
    status_confirmed_on: date | None = None
    expires_on: date | None = None
    events: tuple[Event, ...] = ()
    twin: Twin | None = None
    changes: tuple[Change, ...] = ()
    is_holder: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence by its code (inventory.exclusion_words) with what fills it."""

    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a reason, why, and the evidence found, each as findings."""

    verdict: Verdict
    reasons: tuple[Finding, ...]
    evidence: tuple[Finding, ...] = ()

    @property
    def is_clear(self) -> bool:
        return self.verdict == Verdict.CLEAR


def judge(reason: str, facts: Facts) -> Judgement:
    """What the register says of this reason."""
    verdict, *found = _RULES[reason](facts)
    return Judgement(Verdict(verdict), tuple(found), tuple(_evidence(facts)))


def proposed_reason(facts: Facts) -> ExclusionReason | None:
    """The reason the register itself gives, the surest first; None where it gives none."""
    order = (
        ExclusionReason.DUAL_ENDED,
        ExclusionReason.LAPSED,
        ExclusionReason.TRANSFERRED_AWAY,
        ExclusionReason.TRANSFERRED_WITHIN,
    )
    for wanted in (Verdict.CLEAR, Verdict.DOUBTFUL):
        for reason in order:
            found = judge(reason, facts)
            if found.verdict == wanted and found.reasons[0].code not in _NO_GROUND:
                return reason
    return None


# doubtful because nothing recent is known: no ground to ask by itself
_NO_GROUND: Final = frozenset({"valid_stale", "status_unknown", "twin_unknown"})


# --- the reasons ------------------------------------------------------------------------------------

Answer = tuple[Any, ...]


def _say(verdict: Verdict, code: str, **params: Any) -> Answer:
    return (verdict, Finding(code, params))


def _no(code: str, **params: Any) -> Answer:
    return _say(Verdict.CONTRADICTED, code, **params)


def _maybe(code: str, **params: Any) -> Answer:
    return _say(Verdict.DOUBTFUL, code, **params)


def _yes(code: str, **params: Any) -> Answer:
    return _say(Verdict.CLEAR, code, **params)


def _lapsed(facts: Facts) -> Answer:
    """The right ended before the base day."""
    if _has(facts, EventKind.INVALIDATED) and facts.status != SimpleStatus.VALID:
        return _yes("never_was")
    end = ended_on(facts)
    if facts.status == SimpleStatus.VALID:
        return _in_force(facts, end)
    return _over(facts, end)


def _over(facts: Facts, end: date | None) -> Answer:
    if end is None:
        return _maybe("day_unknown" if facts.status == SimpleStatus.ENDED else "status_unknown")
    if end >= facts.base_day:
        return _no("ended_after", day=end, base_day=facts.base_day)
    if facts.status != SimpleStatus.ENDED:
        return _maybe("ended_unconfirmed", day=end, base_day=facts.base_day)
    return _yes("ended_before", day=end, base_day=facts.base_day)


def _in_force(facts: Facts, end: date | None) -> Answer:
    """The register says in force: that contradicts only if it said so on the base day or later."""
    if end is not None and end < facts.base_day:
        return _maybe("ended_but_valid", day=end, confirmed=facts.status_confirmed_on)
    confirmed = facts.status_confirmed_on
    if confirmed is None or confirmed < facts.base_day:
        return _maybe("valid_stale", confirmed=confirmed, base_day=facts.base_day)
    if restored := _last_day(facts, EventKind.RESTORED):
        return _no("restored", day=restored)
    return _no("valid", confirmed=confirmed)


def _dual_ended(facts: Facts) -> Answer:
    """Only the half that ended: the utility model, on the day the invention's grant is announced (细则 第47条)."""
    if facts.twin is None:
        if _has(facts, EventKind.DUAL_FILING):
            return _maybe("twin_unknown")
        return _no("no_twin")
    return _half(facts, facts.twin)


def _half(facts: Facts, twin: Twin) -> Answer:
    if facts.kind != PatentKind.UTILITY:
        return _no("surviving_half", number=twin.number)
    granted = twin.granted_on
    if granted is None:
        return _no("twin_not_granted", number=twin.number)
    if granted >= facts.base_day:
        return _no("twin_granted_after", day=granted, base_day=facts.base_day)
    if facts.status == SimpleStatus.ENDED:
        return _yes("twin_granted_before", day=granted, number=twin.number)
    return _maybe("twin_granted_but_valid", day=granted, number=twin.number)


def _transferred_away(facts: Facts) -> Answer:
    change = _last_change(facts)
    if change is not None and change.is_within:
        return _no("is_within", name=change.to_name)
    return _transferred(facts, change)


def _transferred_within(facts: Facts) -> Answer:
    change = _last_change(facts)
    if change is not None and not change.is_within:
        return _no("is_outside", name=change.to_name)
    if change is None and not facts.is_holder:
        return _no("receiver_unknown")
    return _transferred(facts, change)


def _transferred(facts: Facts, change: Change | None) -> Answer:
    """The registered holder changed before the base day; on it or after it the entry stays with the old holder."""
    if change is None:
        return _announced(facts)
    if change.day >= facts.base_day:
        return _no("changed_after", day=change.day, base_day=facts.base_day, name=change.to_name)
    if not change.is_registered:
        return _maybe("declared_only", day=change.day, name=change.to_name)
    if facts.is_holder:
        return _maybe("still_holder", day=change.day, name=change.to_name)
    return _yes("changed_before", day=change.day, base_day=facts.base_day, name=change.to_name)


def _announced(facts: Facts) -> Answer:
    """No change of holder on record: the events and the present holders must do."""
    day = _last_day(facts, EventKind.TRANSFER)
    if day is not None and day >= facts.base_day:
        return _no("transfer_after", day=day, base_day=facts.base_day)
    if facts.is_holder:
        if not _has(facts, EventKind.TRANSFER):
            return _no("no_transfer")
        return _maybe("transfer_still_holder", day=day)
    if day is None:
        return _maybe("transfer_day_unknown")
    return _yes("transfer_not_holder", day=day, base_day=facts.base_day)


def _not_ours(facts: Facts) -> Answer:
    return _maybe("named_holder") if facts.is_holder else _yes("not_named")


def _other(facts: Facts) -> Answer:
    return _maybe("no_rule")


_RULES: Final[Mapping[str, Callable[[Facts], Answer]]] = {
    ExclusionReason.LAPSED: _lapsed,
    ExclusionReason.DUAL_ENDED: _dual_ended,
    ExclusionReason.TRANSFERRED_AWAY: _transferred_away,
    ExclusionReason.TRANSFERRED_WITHIN: _transferred_within,
    ExclusionReason.NOT_OURS: _not_ours,
    ExclusionReason.OTHER: _other,
}


# --- reading the facts ------------------------------------------------------------------------------


def ended_on(facts: Facts) -> date | None:
    """The day the right ended for good as far as days are known: after the last restoration.

    A term that had run out when the status was confirmed ended the day before its anniversary, which is the day kept.
    """
    restored = _last_day(facts, EventKind.RESTORED)
    days = [e.day for e in facts.events if e.kind in ENDING - {EventKind.EXPIRY} and e.day]
    found = [day for day in days if restored is None or day > restored]
    known = facts.status_confirmed_on or facts.base_day
    if facts.status == SimpleStatus.ENDED and facts.expires_on and facts.expires_on <= known:
        found.append(facts.expires_on - timedelta(days=1))
    return min(found, default=None)


def _has(facts: Facts, kind: str) -> bool:
    return any(event.kind == kind for event in facts.events)


def _last_day(facts: Facts, kind: str) -> date | None:
    return max((e.day for e in facts.events if e.kind == kind and e.day), default=None)


def _last_change(facts: Facts) -> Change | None:
    """The latest change on record, else the one the request declares."""
    return max(facts.changes, key=lambda c: (c.is_registered, c.day), default=None)


#: Events that say nothing of whether or whose the right is.
_BESIDE: Final = frozenset(
    {
        EventKind.GRANT,
        EventKind.LICENCE,
        EventKind.PLEDGE,
        EventKind.PRESERVATION,
        EventKind.NAME_CHANGE,
        EventKind.OTHER,
        EventKind.REEXAMINATION,
    }
)


def _evidence(facts: Facts) -> list[Finding]:
    """Everything found, in a fixed order: status, events by day, the other half, changes of holder."""
    found = [Finding("status", {"status": facts.status, "confirmed": facts.status_confirmed_on})]
    dated = sorted(facts.events, key=lambda e: (e.day is None, e.day or e.confirmed_on))
    found += [
        Finding("event", {"event": e.kind, "day": e.day, "confirmed": e.confirmed_on})
        for e in dated
        if e.kind not in _BESIDE
    ]
    if facts.twin is not None:
        params = {"number": facts.twin.number, "kind": facts.twin.kind}
        found.append(Finding("twin", {**params, "day": facts.twin.granted_on}))
    found += [Finding("change", {"day": c.day, "name": c.to_name}) for c in facts.changes]
    if not facts.is_holder:
        found.append(Finding("not_holder", {}))
    return found
