"""Exclusions: requested with reason, decided once by the lead bureau, and out of the figures from their day."""

from __future__ import annotations

from datetime import date

import pytest

from inventory.choices import ExclusionReason, ExclusionState
from inventory.models import EntryFact, Exclusion
from inventory.services import exclusion_decisions, exclusions
from portal.errors import InvalidTransition, StaleVersion
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def asked(cast: Cast, reason: str = ExclusionReason.TRANSFERRED_AWAY) -> Exclusion:
    shared = factories.patent(cast.university, cast.other)
    entry = factories.entry(cast.participation, shared)
    factories.entry(cast.other_participation, shared)
    return exclusions.request_exclusion(
        entry=entry,
        claim=exclusions.Claim(
            reason=ExclusionReason(reason),
            explanation="公告变更日期见附件",
            effective_on=date(2024, 4, 1),
        ),
        actor=cast.manager,
    )


def decide(cast: Cast, exclusion: Exclusion, is_approved: bool, version: int = 1) -> Exclusion:
    return exclusion_decisions.decide_exclusion(
        exclusion=exclusion,
        is_approved=is_approved,
        note="同意" if is_approved else "证据不足",
        seen_version=version,
        actor=cast.city,
    )


def test_one_live_request_per_entry(cast: Cast) -> None:
    exclusion = asked(cast)

    with pytest.raises(InvalidTransition):
        exclusions.request_exclusion(
            entry=exclusion.entry,
            claim=exclusions.Claim(
                reason=ExclusionReason.OTHER, explanation="再次", effective_on=date(2024, 4, 1)
            ),
            actor=cast.manager,
        )


def test_approval_takes_this_entry_off_from_its_day(cast: Cast) -> None:
    exclusion = asked(cast)

    decide(cast, exclusion, True)

    before = EntryFact.objects.as_of(date(2024, 3, 31)).filter(is_included=True).count()
    after = EntryFact.objects.as_of(date(2024, 4, 1)).filter(is_included=True).count()
    assert (before, after) == (2, 1)
    exclusion.entry.refresh_from_db()
    assert exclusion.entry.is_included is False
    assert AuditEntry.objects.filter(object_type="inventory.baselistentry").count() == 1


def test_a_lapsed_patent_leaves_every_holders_list(cast: Cast) -> None:
    exclusion = asked(cast, ExclusionReason.LAPSED)

    decide(cast, exclusion, True)

    assert EntryFact.objects.as_of(date(2024, 4, 1)).filter(is_included=True).count() == 0


def test_refusal_leaves_the_entry_and_allows_another_request(cast: Cast) -> None:
    exclusion = asked(cast)

    refused = decide(cast, exclusion, False)

    assert (refused.state, refused.decision_note) == (ExclusionState.REFUSED, "证据不足")
    assert EntryFact.objects.current().filter(is_included=True).count() == 2
    again = exclusions.request_exclusion(
        entry=exclusion.entry,
        claim=exclusions.Claim(
            reason=ExclusionReason.OTHER, explanation="补充证据", effective_on=date(2024, 4, 1)
        ),
        actor=cast.manager,
    )
    assert again.state == ExclusionState.REQUESTED


def test_decided_once(cast: Cast) -> None:
    exclusion = asked(cast)
    decide(cast, exclusion, True)

    with pytest.raises(InvalidTransition):
        decide(cast, exclusion, False, version=2)


def test_decision_needs_the_version_seen(cast: Cast) -> None:
    exclusion = asked(cast)

    with pytest.raises(StaleVersion):
        decide(cast, exclusion, True, version=9)
