"""Exclusions by the thousand: proposed by the register, decided in sets, appealed, revoked, transferred."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from inventory.choices import DossierState, EventKind, ExclusionReason, ExclusionState
from inventory.holder_choices import Verdict
from inventory.models import (
    BaseListEntry,
    Dossier,
    DualFiling,
    EntryFact,
    Exclusion,
    ExclusionStep,
    HolderChange,
    LegalEvent,
    Patent,
    PatentHolder,
)
from inventory.queries import exclusions as queries
from inventory.queries.achievements import achievements
from inventory.services import (
    exclusion_decisions,
    exclusion_effects,
    exclusions,
    facts,
    holder_changes,
)
from inventory.services.exclusions import Claim
from portal import clock
from portal.choices import Role
from portal.errors import InvalidTransition
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
R, S = ExclusionReason, ExclusionState
BASE = date(2023, 12, 31)
EARLY, LATE = date(2021, 5, 6), date(2024, 5, 6)
CONFIRMED = date(2024, 2, 1)


def entry(cast: Cast, *events: tuple[str, date | None], **fields: Any) -> BaseListEntry:
    """An entry of the university whose patent the register says these events about."""
    holders = fields.pop("holders", (cast.university,))
    patent = factories.patent(*holders, status_confirmed_on=CONFIRMED, **fields)
    for kind, day in events:
        LegalEvent.objects.create(patent=patent, kind=kind, occurred_on=day, confirmed_on=CONFIRMED)
    return factories.entry(cast.participation, patent)


def lapsed(cast: Cast, day: date | None = EARLY, **fields: Any) -> BaseListEntry:
    return entry(cast, (EventKind.FEE_LAPSE, day), simple_status="ended", **fields)


def request(cast: Cast, *entries: BaseListEntry) -> list[Exclusion]:
    return exclusions.request_proposed(
        entry_ids=[one.pk for one in entries], actor=cast.manager
    ).made


def asked(cast: Cast, reason: str = R.OTHER, **claim: Any) -> Exclusion:
    one = claim.pop("entry", None) or factories.entry(cast.participation)
    words = {"explanation": "见附件", "effective_on": BASE, **claim}
    return exclusions.request_exclusion(
        entry=one, claim=Claim(reason=ExclusionReason(reason), **words), actor=cast.manager
    )


def decide(one: Exclusion, actor: Any, *, is_approved: bool) -> Exclusion:
    one.refresh_from_db()
    return exclusion_decisions.decide_exclusion(
        exclusion=one,
        is_approved=is_approved,
        note="已核",
        seen_version=one.version,
        actor=actor,
    )


# --- proposed by the register -------------------------------------------------------------------------


def test_the_register_proposes_what_it_bears_out(cast: Cast) -> None:
    gone = lapsed(cast)
    undated = lapsed(cast, None)
    pair = factories.patent(cast.university, granted_on=date(2022, 3, 1))
    half = entry(cast, kind="utility", simple_status="ended")
    DualFiling.objects.create(invention=pair, utility=half.patent)
    survivor = factories.entry(cast.participation, pair)
    moved = entry(cast, holders=("受让公司",))
    within = entry(cast, holders=(cast.other,))
    for one, to, name in ((moved, None, "受让公司"), (within, cast.other, cast.other.name)):
        HolderChange.objects.create(
            patent=one.patent,
            registered_on=EARLY,
            from_name=cast.university.name,
            from_organisation=cast.university,
            to_name=name,
            to_organisation=to,
            confirmed_on=CONFIRMED,
        )
    others = [
        lapsed(cast, LATE),
        entry(cast),
        survivor,
        entry(cast, (EventKind.TRANSFER, LATE), holders=("受让公司",)),
    ]

    found = queries.proposed(BaseListEntry.objects.all())

    assert dict(found.values_list("pk", "proposal")) == {
        gone.pk: R.LAPSED,
        undated.pk: R.LAPSED,
        half.pk: R.DUAL_ENDED,
        moved.pk: R.TRANSFERRED_AWAY,
        within.pk: R.TRANSFERRED_WITHIN,
    }
    made = request(cast, gone, undated, half, moved, within, *others)
    verdicts = {one.entry_id: (one.reason, one.verdict) for one in made}
    assert verdicts == {
        gone.pk: (R.LAPSED, Verdict.CLEAR),
        undated.pk: (R.LAPSED, Verdict.DOUBTFUL),
        half.pk: (R.DUAL_ENDED, Verdict.CLEAR),
        moved.pk: (R.TRANSFERRED_AWAY, Verdict.CLEAR),
        within.pk: (R.TRANSFERRED_WITHIN, Verdict.CLEAR),
    }
    assert not queries.proposed(BaseListEntry.objects.all()).exists()


def test_one_fact_of_the_register_is_enough(cast: Cast) -> None:
    """An end, a twin, a recorded change, an announced one, a holder named no longer: each alone, and nothing else."""
    twin = factories.patent(cast.university, granted_on=date(2022, 3, 1))
    half, recorded = entry(cast, kind="utility"), entry(cast)
    DualFiling.objects.create(invention=twin, utility=half.patent)
    HolderChange.objects.create(
        patent=recorded.patent,
        registered_on=EARLY,
        from_name=cast.university.name,
        from_organisation=cast.university,
        to_name="受让公司",
        confirmed_on=CONFIRMED,
    )
    alone = {
        lapsed(cast, None): R.LAPSED,
        half: R.DUAL_ENDED,
        recorded: R.TRANSFERRED_AWAY,
        entry(cast, (EventKind.TRANSFER, EARLY)): R.TRANSFERRED_AWAY,
        entry(cast, holders=("某公司",)): R.TRANSFERRED_AWAY,
    }
    entry(cast, (EventKind.LICENCE, EARLY))

    found = queries.proposed(BaseListEntry.objects.all())

    expected = {one.pk: reason for one, reason in alone.items()}
    assert dict(found.values_list("pk", "proposal")) == expected


def test_a_proposal_keeps_words_findings_and_base_day(cast: Cast) -> None:
    (made,) = request(cast, lapsed(cast))

    stored = Exclusion.objects.get(pk=made.pk)
    assert stored.effective_on == BASE
    assert "2021-05-06" in stored.explanation
    assert [each["code"] for each in stored.findings["reasons"]] == ["ended_before"]
    assert {each["code"] for each in stored.findings["evidence"]} == {"status", "event"}
    about = AuditEntry.objects.get(object_type="inventory.exclusion", object_id=stored.pk)
    assert (about.action, about.owner) == ("create", cast.university)
    assert ExclusionStep.objects.get(exclusion=stored).to_state == S.REQUESTED


def test_a_second_call_makes_nothing(cast: Cast) -> None:
    one = lapsed(cast)
    request(cast, one)

    again = exclusions.request_proposed(entry_ids=[one.pk], actor=cast.manager)

    assert (again.made, again.passed_over) == ([], 1)


def test_of_others_nothing_is_asked(cast: Cast) -> None:
    one = lapsed(cast)

    assert exclusions.request_proposed(entry_ids=[one.pk], actor=cast.outsider).made == []


def test_queries_do_not_grow_with_the_rows(cast: Cast, django_assert_num_queries: Any) -> None:
    one, *more = [lapsed(cast) for _ in range(6)]
    with django_assert_num_queries(12):
        request(cast, one)
    with django_assert_num_queries(12):
        made = request(cast, *more)
    versions = {each.pk: each.version for each in made}

    with django_assert_num_queries(13):
        done = exclusion_decisions.decide_exclusions(
            versions=versions, is_approved=True, note="", actor=cast.city
        )

    assert len(done.done) == 5


# --- decided in sets ------------------------------------------------------------------------------------


def test_three_of_four_and_one_excluded(cast: Cast) -> None:
    """Numerator and denominator lose the excluded patent; the consequence says so before."""
    for state in (DossierState.COMPLETED, DossierState.COMPLETED, DossierState.DRAFT):
        factories.entry(cast.participation, state=state)
    gone = lapsed(cast)
    Dossier.objects.filter(pk=gone.dossier_id).update(**factories.FILLED, state="draft")
    (made,) = request(cast, gone)

    (consequence,) = queries.consequences_of([made.pk])

    assert (consequence.leaving, consequence.due, consequence.due_after) == (1, 4, 3)
    assert round(float(consequence.before or 0), 3) == 0.5
    assert round(float(consequence.after or 0), 3) == 0.667
    decide(made, cast.city, is_approved=True)
    counting = EntryFact.objects.as_of(BASE).filter(is_included=False)
    assert list(counting.values_list("entry", flat=True)) == [gone.pk]
    assert BaseListEntry.objects.included().count() == 3


def test_a_batch_approves_the_clear_ones_only(cast: Cast) -> None:
    clear, doubtful = request(cast, lapsed(cast), lapsed(cast, None))
    stale = request(cast, lapsed(cast))[0]
    versions = {clear.pk: 1, doubtful.pk: 1, stale.pk: 7}

    done = exclusion_decisions.decide_exclusions(
        versions=versions, is_approved=True, note="批量", actor=cast.city
    )

    assert [one.pk for one in done.done] == [clear.pk]
    assert {one.pk for one, _why in done.refused} == {doubtful.pk, stale.pk}
    states = dict(Exclusion.objects.values_list("pk", "state"))
    assert states == {clear.pk: S.APPROVED, doubtful.pk: S.REQUESTED, stale.pk: S.REQUESTED}
    again = exclusion_decisions.decide_exclusions(
        versions=versions, is_approved=True, note="批量", actor=cast.city
    )
    assert again.done == []


def test_a_batch_refusal_takes_doubtful_ones_too(cast: Cast) -> None:
    made = request(cast, lapsed(cast), lapsed(cast, None))

    done = exclusion_decisions.decide_exclusions(
        versions={one.pk: 1 for one in made}, is_approved=False, note="不符", actor=cast.city
    )

    assert len(done.done) == 2
    assert set(Exclusion.objects.values_list("state", "decision_note")) == {(S.REFUSED, "不符")}
    assert AuditEntry.objects.filter(object_type="inventory.exclusion", action="state").count() == 2


# --- after a refusal ----------------------------------------------------------------------------------


def appeal(one: Exclusion, cast: Cast) -> Exclusion:
    one.refresh_from_db()
    return exclusion_decisions.appeal_exclusion(
        exclusion=one,
        text="补充登记簿副本",
        evidence=None,
        seen_version=one.version,
        actor=cast.manager,
    )


def test_an_appeal_is_decided_by_another_person_and_finally(cast: Cast) -> None:
    one = decide(asked(cast), cast.city, is_approved=False)
    colleague = factories.membership(Role.CITY_OFFICIAL, cast.bureau)

    appeal(one, cast)

    with pytest.raises(InvalidTransition):
        decide(one, cast.city, is_approved=True)
    own = exclusion_decisions.decide_exclusions(
        versions={one.pk: 3}, is_approved=False, note="x", actor=cast.city
    )
    assert own.done == []
    final = decide(one, colleague, is_approved=False)
    assert final.state == S.DISMISSED
    with pytest.raises(InvalidTransition):
        appeal(one, cast)
    steps = ExclusionStep.objects.filter(exclusion=one).order_by("pk")
    assert list(steps.values_list("to_state", flat=True)) == [
        S.REQUESTED,
        S.REFUSED,
        S.APPEALED,
        S.DISMISSED,
    ]
    assert AuditEntry.objects.filter(
        object_id=one.pk, changes__state=["refused", "appealed"]
    ).exists()


def test_alone_one_decides_the_appeal_oneself(cast: Cast) -> None:
    one = decide(asked(cast), cast.city, is_approved=False)
    appeal(one, cast)

    assert decide(one, cast.city, is_approved=True).state == S.APPROVED


def test_an_appeal_has_its_days(cast: Cast) -> None:
    with clock.frozen(date(2024, 6, 3)):
        one = decide(asked(cast), cast.city, is_approved=False)
    assert one.appeal_until == date(2024, 6, 18)

    with clock.frozen(date(2024, 6, 19)), pytest.raises(InvalidTransition, match="2024-06-18"):
        appeal(one, cast)
    with clock.frozen(date(2024, 6, 18)):
        assert appeal(one, cast).state == S.APPEALED


def test_a_refused_reason_is_asked_again_only_when_the_register_is_newer(cast: Cast) -> None:
    gone = lapsed(cast)
    with clock.frozen(date(2024, 6, 3)):
        decide(request(cast, gone)[0], cast.city, is_approved=False)

    assert not queries.proposed(BaseListEntry.objects.all()).exists()
    with pytest.raises(InvalidTransition):
        asked(cast, R.LAPSED, entry=gone)
    Patent.objects.filter(pk=gone.patent_id).update(status_confirmed_on=date(2024, 7, 1))
    assert queries.proposed(BaseListEntry.objects.all()).count() == 1
    assert asked(cast, R.LAPSED, entry=gone).verdict == Verdict.CLEAR


def test_a_request_is_withdrawn_before_the_decision_only(cast: Cast) -> None:
    one = asked(cast)

    exclusion_decisions.withdraw_exclusion(
        exclusion=one, note="重复", seen_version=1, actor=cast.manager
    )

    assert Exclusion.objects.get(pk=one.pk).state == S.WITHDRAWN
    assert AuditEntry.objects.filter(object_id=one.pk, reason="重复").count() == 1
    with pytest.raises(InvalidTransition):
        decide(one, cast.city, is_approved=True)
    asked(cast, entry=one.entry)  # and it may be asked again


# --- counts again ---------------------------------------------------------------------------------------


def revoke(one: Exclusion, cast: Cast, day: date = LATE) -> Exclusion:
    one.refresh_from_db()
    return exclusion_decisions.revoke_exclusion(
        exclusion=one,
        reason="权利恢复",
        counts_from=day,
        seen_version=one.version,
        actor=cast.city,
    )


def test_a_restored_right_counts_again_from_its_day(cast: Cast) -> None:
    gone = lapsed(cast, holders=(cast.university, cast.other))
    factories.entry(cast.other_participation, gone.patent)
    one = decide(request(cast, gone)[0], cast.city, is_approved=True)

    revoke(one, cast)

    def counting(day: date) -> int:
        return EntryFact.objects.as_of(day).filter(is_included=True).count()

    assert (counting(LATE - timedelta(days=1)), counting(LATE)) == (0, 2)
    told = AuditEntry.objects.filter(
        object_type="inventory.baselistentry", changes__is_included=[False, True]
    )
    assert set(told.values_list("owner", flat=True)) == {cast.university.pk, cast.other.pk}
    with pytest.raises(InvalidTransition):
        revoke(one, cast)


def test_what_another_exclusion_keeps_off_stays_off(cast: Cast) -> None:
    gone = lapsed(cast, holders=(cast.university, cast.other))
    theirs = factories.entry(cast.other_participation, gone.patent)
    other = exclusions.request_exclusion(
        entry=theirs,
        claim=Claim(reason=R.OTHER, explanation="x", effective_on=BASE),
        actor=cast.outsider,
    )
    decide(other, cast.city, is_approved=True)
    one = decide(request(cast, gone)[0], cast.city, is_approved=True)

    revoke(one, cast)

    assert list(BaseListEntry.objects.included().values_list("pk", flat=True)) == [gone.pk]


def test_not_before_it_took_effect(cast: Cast) -> None:
    one = decide(asked(cast), cast.city, is_approved=True)

    with pytest.raises(ValidationError):
        revoke(one, cast, BASE - timedelta(days=1))


# --- transfers --------------------------------------------------------------------------------------------


def test_a_transfer_inside_the_scope_moves_the_entry(cast: Cast) -> None:
    patent = factories.patent(cast.university)
    mine = factories.entry(
        cast.participation, patent, state=DossierState.COMPLETED, unit=cast.school
    )
    BaseListEntry.objects.filter(pk=mine.pk).update(confirmed_on=LATE, confirmed_version=1)
    one = asked(
        cast,
        R.TRANSFERRED_WITHIN,
        entry=mine,
        new_holder=cast.other.name,
        registered_on=EARLY,
    )

    decide(one, cast.city, is_approved=True)

    moved = BaseListEntry.objects.get(institution=cast.other, patent=patent)
    assert (moved.is_included, moved.confirmed_version) == (True, 1)
    assert moved.came_by is not None
    assert (moved.came_by.registered_on, moved.came_by.to_organisation) == (EARLY, cast.other)
    mine.refresh_from_db()
    assert not mine.is_included
    assert Dossier.objects.get(patent=patent).participation == cast.other_participation
    (holder,) = PatentHolder.objects.filter(patent=patent)
    assert holder.organisation == cast.other
    counting = EntryFact.objects.as_of(BASE).filter(is_included=True)
    assert list(counting.values_list("institution", flat=True)) == [cast.other.pk]
    assert facts.record_facts(facts.ENTRY, [mine.pk, moved.pk]) == 0
    assert achievements(cast.campaign) == {cast.university.pk: 1}
    register = AuditEntry.objects.get(object_type="inventory.patent", object_id=patent.pk)
    assert register.changes == {"holders": [[cast.university.name], [cast.other.name]]}
    with pytest.raises(InvalidTransition):
        revoke(one, cast)


def test_a_transfer_inside_the_scope_names_a_participant(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        asked(cast, R.TRANSFERRED_WITHIN, new_holder="外部公司", registered_on=EARLY)
    with pytest.raises(ValidationError):
        asked(cast, R.TRANSFERRED_WITHIN, new_holder=cast.university.name, registered_on=EARLY)


def test_transferred_away_leaves_and_the_dossier_goes_to_who_still_holds(cast: Cast) -> None:
    patent = factories.patent(cast.university, cast.other)
    mine = factories.entry(cast.participation, patent, state=DossierState.UNIT_REVIEW)
    factories.entry(cast.other_participation, patent)
    one = asked(cast, R.TRANSFERRED_AWAY, entry=mine, new_holder="受让公司", registered_on=EARLY)
    assert one.verdict == Verdict.DOUBTFUL

    decide(one, cast.city, is_approved=True)

    dossier = Dossier.objects.get(patent=patent)
    assert (dossier.participation, dossier.state) == (cast.other_participation, "draft")
    assert list(patent.holders.values_list("name", flat=True)) == ["受让公司", cast.other.name]
    assert achievements(cast.campaign) == {}
    revoke(one, cast)
    assert list(patent.holders.values_list("name", flat=True)) == [
        cast.university.name,
        cast.other.name,
    ]


def test_a_declared_transfer_into_the_scope_contradicts_away(cast: Cast) -> None:
    one = asked(cast, R.TRANSFERRED_AWAY, new_holder=cast.other.name, registered_on=EARLY)

    assert one.verdict == Verdict.CONTRADICTED


def told(kind: str) -> int:
    return AuditEntry.objects.filter(object_type=f"inventory.{kind}").count()


def test_every_effect_is_in_the_trail_once(cast: Cast) -> None:
    """The parts of a decision by themselves: the second time there is nothing left to do or to tell."""
    one = asked(cast, R.TRANSFERRED_AWAY, new_holder="受让公司", registered_on=EARLY)
    holder_changes.record_changes([one], actor=cast.city)
    holder_changes.record_changes([one], actor=cast.city)
    assert (HolderChange.objects.count(), told("patent")) == (1, 1)

    exclusion_effects.take_off([one], actor=cast.city)
    exclusion_effects.take_off([one], actor=cast.city)
    assert told("baselistentry") == 1

    one.refresh_from_db()
    exclusion_effects.put_back(one, counts_from=LATE, reason="x", actor=cast.city)
    exclusion_effects.put_back(
        Exclusion.objects.get(pk=one.pk), counts_from=LATE, reason="x", actor=cast.city
    )
    assert (HolderChange.objects.count(), told("baselistentry"), told("patent")) == (0, 2, 2)


def test_a_change_taken_back_restores_the_holder(cast: Cast) -> None:
    one = asked(cast, R.TRANSFERRED_AWAY, new_holder="受让公司", registered_on=EARLY)
    holder_changes.record_changes([one], actor=cast.city)

    holder_changes.take_back(HolderChange.objects.get(), actor=cast.city)

    (holder,) = PatentHolder.objects.filter(patent=one.entry.patent)
    assert (holder.name, holder.organisation) == (cast.university.name, cast.university)
    assert told("patent") == 2


def test_entries_move_once(cast: Cast) -> None:
    one = asked(cast, R.TRANSFERRED_WITHIN, new_holder=cast.other.name, registered_on=EARLY)
    one.new_institution = cast.other
    holder_changes.record_changes([one], actor=cast.city)

    holder_changes.move_entries([one], actor=cast.city)
    holder_changes.move_entries([one], actor=cast.city)

    assert BaseListEntry.objects.filter(institution=cast.other).count() == 1
    assert AuditEntry.objects.filter(owner=cast.other, action="create").exists()


def test_steps_say_who_and_why(cast: Cast) -> None:
    one = asked(cast)

    exclusions.write_steps([one], cast.city, "说明")

    step = ExclusionStep.objects.of(one).first()
    assert (step.actor, step.note, step.to_state) == (cast.city, "说明", S.REQUESTED)


def test_the_database_knows_the_steps(cast: Cast) -> None:
    one = decide(asked(cast), cast.city, is_approved=True)

    with pytest.raises(IntegrityError, match="no step"), transaction.atomic():
        Exclusion.objects.filter(pk=one.pk).update(state=S.REQUESTED)
