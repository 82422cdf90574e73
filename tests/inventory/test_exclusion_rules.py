"""What the register says of a reason: every rule with the day before, the day itself and the day after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from inventory.choices import ExclusionReason
from inventory.exclusion_rules import Change, Event, Facts, Twin, ended_on, judge, proposed_reason
from inventory.exclusion_words import WORDS, explanation, kept, told
from inventory.holder_choices import Verdict

BASE = date(2023, 12, 31)
BEFORE, AFTER = BASE - timedelta(days=1), BASE + timedelta(days=1)
LATER = date(2024, 5, 1)
R = ExclusionReason
NO, MAYBE, YES = Verdict.CONTRADICTED, Verdict.DOUBTFUL, Verdict.CLEAR


def facts(**fields: Any) -> Facts:
    usual = {"kind": "invention", "status": "ended", "status_confirmed_on": LATER}
    return Facts(base_day=BASE, **{**usual, **fields})


def event(kind: str, day: date | None) -> Event:
    return Event(kind, day, LATER)


def said(reason: str, **fields: Any) -> tuple[Verdict, str]:
    found = judge(reason, facts(**fields))
    return found.verdict, found.reasons[0].code


@pytest.mark.parametrize("kind", ["fee_lapse", "abandoned", "double_grant_avoided"])
@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (BEFORE, (YES, "ended_before")),
        (BASE, (NO, "ended_after")),
        (AFTER, (NO, "ended_after")),
        (None, (MAYBE, "day_unknown")),
    ],
)
def test_lapsed_before_the_base_day_only(kind: str, day: date | None, answer: Any) -> None:
    assert said(R.LAPSED, events=(event(kind, day),)) == answer


def test_a_term_ends_the_day_before_its_anniversary() -> None:
    assert said(R.LAPSED, expires_on=BASE) == (YES, "ended_before")
    assert said(R.LAPSED, expires_on=AFTER) == (NO, "ended_after")
    # a term still to run says nothing of when the right ended
    assert said(R.LAPSED, expires_on=date(2037, 3, 28)) == (MAYBE, "day_unknown")


def test_the_first_end_counts_unless_restored() -> None:
    fees = (event("fee_lapse", date(2020, 1, 1)), event("fee_lapse", LATER))
    restored = (*fees, event("restored", date(2021, 1, 1)))

    assert ended_on(facts(events=fees)) == date(2020, 1, 1)
    assert said(R.LAPSED, events=restored) == (NO, "ended_after")


def test_what_was_declared_invalid_never_was() -> None:
    assert said(R.LAPSED, events=(event("invalidated", LATER),)) == (YES, "never_was")


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, (NO, "valid")),
        ({"status_confirmed_on": BEFORE}, (MAYBE, "valid_stale")),
        ({"status_confirmed_on": None}, (MAYBE, "valid_stale")),
        ({"events": (event("fee_lapse", BEFORE),)}, (MAYBE, "ended_but_valid")),
        (
            {"events": (event("fee_lapse", BEFORE), event("restored", AFTER))},
            (NO, "restored"),
        ),
    ],
)
def test_in_force(fields: dict[str, Any], answer: Any) -> None:
    assert said(R.LAPSED, status="valid", **fields) == answer


def test_an_unknown_status_is_never_clear() -> None:
    assert said(R.LAPSED, status="unknown") == (MAYBE, "status_unknown")
    ended = (event("fee_lapse", BEFORE),)
    assert said(R.LAPSED, status="unknown", events=ended) == (MAYBE, "ended_unconfirmed")


TWIN = Twin("CN201710192287.6", "invention", BEFORE)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"twin": TWIN}, (YES, "twin_granted_before")),
        ({"twin": TWIN, "status": "valid"}, (MAYBE, "twin_granted_but_valid")),
        ({"twin": TWIN, "status": "unknown"}, (MAYBE, "twin_granted_but_valid")),
        ({"twin": Twin("x", "invention", BASE)}, (NO, "twin_granted_after")),
        ({"twin": Twin("x", "invention", None)}, (NO, "twin_not_granted")),
        ({"twin": TWIN, "kind": "invention"}, (NO, "surviving_half")),
        ({}, (NO, "no_twin")),
        ({"events": (event("dual_filing", None),)}, (MAYBE, "twin_unknown")),
    ],
)
def test_only_the_half_that_ended(fields: dict[str, Any], answer: Any) -> None:
    assert said(R.DUAL_ENDED, **{"kind": "utility", **fields}) == answer


def change(day: date, *, is_within: bool = False, is_registered: bool = True) -> Change:
    return Change(day, "受让单位", is_within, is_registered)


@pytest.mark.parametrize(
    ("changes", "is_holder", "away", "within"),
    [
        ((change(BEFORE),), False, (YES, "changed_before"), (NO, "is_outside")),
        ((change(BEFORE),), True, (MAYBE, "still_holder"), (NO, "is_outside")),
        ((change(BASE),), False, (NO, "changed_after"), (NO, "is_outside")),
        ((change(BEFORE, is_within=True),), False, (NO, "is_within"), (YES, "changed_before")),
        ((change(AFTER, is_within=True),), False, (NO, "is_within"), (NO, "changed_after")),
        (
            (change(BEFORE, is_registered=False),),
            True,
            (MAYBE, "declared_only"),
            (NO, "is_outside"),
        ),
        # the register goes before what is declared
        (
            (change(BEFORE, is_registered=False), change(AFTER)),
            False,
            (NO, "changed_after"),
            (NO, "is_outside"),
        ),
        ((), True, (NO, "no_transfer"), (NO, "no_transfer")),
        ((), False, (MAYBE, "transfer_day_unknown"), (NO, "receiver_unknown")),
    ],
)
def test_transfers(changes: tuple[Change, ...], is_holder: bool, away: Any, within: Any) -> None:
    fields = {"status": "valid", "changes": changes, "is_holder": is_holder}
    assert said(R.TRANSFERRED_AWAY, **fields) == away
    assert said(R.TRANSFERRED_WITHIN, **fields) == within


@pytest.mark.parametrize(
    ("day", "is_holder", "answer"),
    [
        (BEFORE, False, (YES, "transfer_not_holder")),
        (BEFORE, True, (MAYBE, "transfer_still_holder")),
        (None, True, (MAYBE, "transfer_still_holder")),
        (BASE, False, (NO, "transfer_after")),
    ],
)
def test_an_announced_transfer_without_a_record(
    day: date | None, is_holder: bool, answer: Any
) -> None:
    events = (event("transfer", day),)
    assert said(R.TRANSFERRED_AWAY, events=events, is_holder=is_holder) == answer


def test_what_no_rule_covers_is_a_persons() -> None:
    assert said(R.OTHER) == (MAYBE, "no_rule")
    assert said(R.NOT_OURS) == (MAYBE, "named_holder")
    assert said(R.NOT_OURS, is_holder=False) == (YES, "not_named")


def test_the_register_proposes_the_surest_reason() -> None:
    lapsed = (event("fee_lapse", BEFORE),)
    assert proposed_reason(facts(events=lapsed)) == R.LAPSED
    assert proposed_reason(facts(kind="utility", twin=TWIN, events=lapsed)) == R.DUAL_ENDED
    assert proposed_reason(facts(status="valid")) is None
    # that nothing recent is known is no ground
    assert proposed_reason(facts(status="valid", status_confirmed_on=None)) is None
    assert proposed_reason(facts(status="unknown")) is None
    moved = {"status": "valid", "is_holder": False, "changes": (change(BEFORE, is_within=True),)}
    assert proposed_reason(facts(**moved)) == R.TRANSFERRED_WITHIN


def test_every_finding_has_its_sentence() -> None:
    found = judge(R.LAPSED, facts(events=(event("fee_lapse", BEFORE),), twin=TWIN))

    text = explanation(found)

    assert text.splitlines()[0].count("2023-12-30") == 1
    assert len(told(kept(found), "evidence")) == 3
    assert "%(" not in text
    codes = set(WORDS)
    assert {each.code for each in (*found.reasons, *found.evidence)} <= codes
