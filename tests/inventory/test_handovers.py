"""Filing of a co-owned patent: the first holder that takes part, and handing it over to another one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from inventory.choices import DossierState, StepAct
from inventory.holder_choices import HandoverState
from inventory.models import (
    BaseListEntry,
    Dossier,
    DossierFact,
    DossierStep,
    HandoverOffer,
    PatentHolder,
)
from inventory.services import base_lists, campaigns, filing, handovers, reviews
from portal.models import AuditEntry, Membership
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
S = DossierState


def listed(cast: Cast, *holders: Any) -> Dossier:
    """A patent of these holders, put on the university's list."""
    patent = factories.patent(*holders)
    base_lists.list_patents(
        actor=cast.manager,
        campaign=cast.campaign,
        institution=cast.university,
        patent_ids=[patent.pk],
    )
    return Dossier.objects.get(patent=patent)


def shared(cast: Cast, **fields: Any) -> Dossier:
    """Held by the university and the other one, filed by the university, on both lists."""
    patent = factories.patent(cast.university, cast.other)
    entry = factories.entry(
        cast.participation,
        patent,
        unit=cast.school,
        responsible=cast.inventor.user,
        **fields,
    )
    factories.entry(cast.other_participation, patent)
    return entry.dossier


def offer(cast: Cast, dossier: Dossier) -> HandoverOffer:
    outcome = handovers.offer_handovers(
        versions={dossier.pk: dossier.version},
        to=cast.other,
        reason="由第二单位的团队实施",
        actor=cast.manager,
    )
    assert outcome.refused == []
    return HandoverOffer.objects.get(dossier=dossier, state=HandoverState.OFFERED)


def answer(made: HandoverOffer, to_state: HandoverState, actor: Membership) -> handovers.Answered:
    return handovers.answer_handovers(
        versions={made.pk: made.version}, to_state=to_state, note="同意", actor=actor
    )


# --- who files --------------------------------------------------------------------------------------


def test_a_firm_or_a_stranger_in_front_does_not_file(cast: Cast) -> None:
    firm = cast.enterprise.organisation
    away = factories.organisation(name="外地大学")

    for first in (firm, away, "外地研究院"):
        dossier = listed(cast, first, cast.university, cast.other)
        assert dossier.participation == cast.participation


def test_the_first_that_takes_part_files_whoever_lists_it(cast: Cast) -> None:
    assert listed(cast, cast.other, cast.university).participation == cast.other_participation


def test_who_joins_later_files_what_nobody_has_begun(cast: Cast) -> None:
    newcomer = factories.organisation(name="后加入大学")
    untouched = listed(cast, newcomer, cast.university)
    begun = listed(cast, newcomer, cast.university)
    Dossier.objects.filter(pk=begun.pk).update(state=S.DRAFT)
    assigned = listed(cast, newcomer, cast.university)
    Dossier.objects.filter(pk=assigned.pk).update(responsible=cast.inventor.user)

    campaigns.save_campaign(
        campaign=cast.campaign,
        changed=[],
        institutions=[newcomer],
        seen_version=cast.campaign.version,
        actor=cast.city,
    )

    by_whom = {
        d.pk: d.participation.institution.name
        for d in Dossier.objects.select_related("participation__institution")
    }
    assert by_whom == {
        untouched.pk: newcomer.name,
        begun.pk: cast.university.name,
        assigned.pk: cast.university.name,
    }
    entry = AuditEntry.objects.filter(object_type="inventory.dossier", object_id=untouched.pk).get()
    assert entry.changes["participation"][0] == cast.participation.pk


def test_holders_in_another_order_after_a_new_import(cast: Cast) -> None:
    dossier = listed(cast, cast.university, cast.other)
    PatentHolder.objects.filter(patent=dossier.patent, position=1).update(position=3)

    assert base_lists.follow_order(patent_ids=[dossier.patent_id], actor=cast.manager) == 1
    assert base_lists.follow_order(patent_ids=[dossier.patent_id], actor=cast.manager) == 0
    assert Dossier.objects.get(pk=dossier.pk).participation == cast.other_participation


def test_approval_counts_for_three_holders(cast: Cast) -> None:
    third = factories.organisation(name="第三大学")
    third_part = factories.participation(third, cast.campaign)
    patent = factories.patent(cast.university, cast.other, third)
    dossier = factories.entry(cast.participation, patent, state=S.INSTITUTION_REVIEW).dossier
    factories.entry(cast.other_participation, patent)

    reviews.approve_dossiers(versions={dossier.pk: dossier.version}, actor=cast.manager)
    base_lists.list_patents(
        actor=cast.manager, campaign=cast.campaign, institution=third, patent_ids=[patent.pk]
    )

    approved = Dossier.objects.get(pk=dossier.pk).version
    found = BaseListEntry.objects.filter(patent=patent)
    assert set(found.values_list("confirmed_version", flat=True)) == {approved}
    assert not found.filter(confirmed_on=None).exists()
    assert set(found.values_list("institution", flat=True)) == {
        cast.university.pk,
        cast.other.pk,
        third_part.institution_id,
    }


# --- handing over -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (S.UNFILED, S.UNFILED),
        (S.DRAFT, S.DRAFT),
        (S.UNIT_REVIEW, S.DRAFT),
        (S.INSTITUTION_REVIEW, S.DRAFT),
        (S.COMPLETED, S.COMPLETED),
    ],
)
def test_acceptance_passes_the_dossier_on(cast: Cast, state: str, after: str) -> None:
    dossier = shared(cast, state=state, is_filled=True)
    before = dict(Dossier.objects.filter(pk=dossier.pk).values()[0])

    outcome = answer(offer(cast, dossier), HandoverState.ACCEPTED, cast.outsider)

    assert outcome.refused == []
    stored = Dossier.objects.get(pk=dossier.pk)
    assert (stored.state, stored.participation) == (after, cast.other_participation)
    assert (stored.unit, stored.responsible) == (None, None)
    changed = {"state", "participation_id", "unit_id", "responsible_id", "version", "updated_at"}
    kept = set(before) - changed
    now = dict(Dossier.objects.filter(pk=dossier.pk).values()[0])
    assert {name: now[name] for name in kept} == {name: before[name] for name in kept}
    assert stored.status_marks.count() == 1
    step = DossierStep.objects.get(dossier=dossier, act=StepAct.HANDOVER)
    assert (step.from_state, step.to_state, step.reason) == (state, after, "由第二单位的团队实施")
    trail = AuditEntry.objects.filter(
        object_type="inventory.dossier", object_id=dossier.pk, changes__has_key="participation"
    )
    assert set(trail.values_list("owner", flat=True)) == {cast.university.pk, cast.other.pk}
    assert trail[0].changes["responsible"] == [cast.inventor.user_id, None]


def test_an_approval_goes_on_counting(cast: Cast) -> None:
    dossier = shared(cast, state=S.COMPLETED)

    answer(offer(cast, dossier), HandoverState.ACCEPTED, cast.outsider)

    assert DossierFact.objects.current().get(dossier=dossier).is_covered


@pytest.mark.parametrize(("to_state", "who"), [("declined", "outsider"), ("withdrawn", "manager")])
def test_declined_or_withdrawn_changes_nothing(cast: Cast, to_state: str, who: str) -> None:
    dossier = shared(cast, state=S.DRAFT)
    made = offer(cast, dossier)

    answer(made, HandoverState(to_state), getattr(cast, who))

    stored = Dossier.objects.get(pk=dossier.pk)
    assert (stored.participation, stored.version) == (cast.participation, dossier.version)
    made.refresh_from_db()
    assert (made.state, made.answer) == (to_state, "同意")
    about = AuditEntry.objects.filter(object_type="inventory.handoveroffer", object_id=made.pk)
    assert set(about.values_list("owner", flat=True)) == {cast.university.pk, cast.other.pk}
    offer(cast, dossier)  # and it can be offered again


@pytest.mark.parametrize(
    ("to_state", "who"),
    [
        ("accepted", "manager"),
        ("declined", "manager"),
        ("withdrawn", "outsider"),
        ("accepted", "unit_manager"),
    ],
)
def test_only_whose_turn_it_is_answers(cast: Cast, to_state: str, who: str) -> None:
    made = offer(cast, shared(cast, state=S.DRAFT))

    outcome = answer(made, HandoverState(to_state), getattr(cast, who))

    assert (outcome.done, len(outcome.refused)) == ([], 1)


def test_answered_once(cast: Cast) -> None:
    made = offer(cast, shared(cast, state=S.DRAFT))
    answer(made, HandoverState.ACCEPTED, cast.outsider)

    again = answer(made, HandoverState.DECLINED, cast.outsider)

    assert len(again.refused) == 1
    assert again.done == []
    made.refresh_from_db()
    assert made.state == HandoverState.ACCEPTED


def test_what_cannot_be_offered_is_named(cast: Cast) -> None:
    shared_one = shared(cast, state=S.DRAFT)
    own = factories.entry(cast.participation, state=S.DRAFT).dossier
    theirs = factories.entry(
        cast.other_participation, factories.patent(cast.other, cast.university)
    ).dossier
    offer(cast, shared_one)

    outcome = handovers.offer_handovers(
        versions={shared_one.pk: shared_one.version, own.pk: 99, theirs.pk: theirs.version},
        to=cast.other,
        reason="x",
        actor=cast.manager,
    )

    assert outcome.done == []
    assert len({why for _dossier, why in outcome.refused}) == 3
    lone = handovers.offer_handovers(
        versions={own.pk: own.version}, to=cast.other, reason="x", actor=cast.manager
    )
    assert cast.other.name in lone.refused[0][1]


def test_handing_over_by_itself_tells_both_sides(cast: Cast) -> None:
    dossier = shared(cast, state=S.DRAFT)

    filing.hand_over([(dossier, cast.other_participation)], actor=cast.city, reason="原单位退出")

    assert Dossier.objects.get(pk=dossier.pk).participation == cast.other_participation
    trail = AuditEntry.objects.filter(object_type="inventory.dossier", reason="原单位退出")
    assert set(trail.values_list("owner", flat=True)) == {cast.university.pk, cast.other.pk}


def test_the_database_knows_the_steps(cast: Cast) -> None:
    made = offer(cast, shared(cast, state=S.DRAFT))
    answer(made, HandoverState.DECLINED, cast.outsider)

    with pytest.raises(IntegrityError, match="no step"), transaction.atomic():
        HandoverOffer.objects.filter(pk=made.pk).update(state=HandoverState.ACCEPTED)


def test_many_in_a_constant_number_of_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    dossiers = [shared(cast, state=S.DRAFT) for _ in range(5)]
    versions = {dossier.pk: dossier.version for dossier in dossiers}

    with django_assert_max_num_queries(20):
        handovers.offer_handovers(versions=versions, to=cast.other, reason="x", actor=cast.manager)
    offers = dict(HandoverOffer.objects.values_list("pk", "version"))
    with django_assert_max_num_queries(20):
        done = handovers.answer_handovers(
            versions=offers, to_state=HandoverState.ACCEPTED, note="", actor=cast.outsider
        )

    assert len(done.done) == 5
