"""Submitting, approving, returning, reopening: the state machine, its history and its facts."""

from __future__ import annotations

import pytest

from inventory.choices import DossierState, StepAct
from inventory.models import (
    BaseListEntry,
    Dossier,
    DossierFact,
    DossierRevision,
    DossierStep,
    FieldComment,
)
from inventory.services import comments, reviews
from portal.models import AuditEntry
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
S = DossierState


def made(cast: Cast, state: str, **fields: object) -> BaseListEntry:
    fields.setdefault("unit", cast.school)
    fields.setdefault("responsible", cast.inventor.user)
    return factories.entry(cast.participation, state=state, is_filled=True, **fields)


def versions(*entries: BaseListEntry) -> dict[int, int]:
    return {entry.dossier_id: entry.dossier.version for entry in entries}


def state_of(entry: BaseListEntry) -> str:
    return Dossier.objects.get(pk=entry.dossier_id).state


def test_submit_goes_to_the_unit_first(cast: Cast) -> None:
    entry = made(cast, S.DRAFT)

    outcome = reviews.submit_dossiers(versions=versions(entry), actor=cast.inventor)

    assert ([d.pk for d in outcome.done], outcome.refused) == ([entry.dossier_id], [])
    assert state_of(entry) == S.UNIT_REVIEW
    step = DossierStep.objects.get()
    assert (step.act, step.from_state, step.to_state, step.actor, step.version) == (
        StepAct.SUBMIT,
        "draft",
        "unit_review",
        cast.inventor,
        2,
    )
    assert AuditEntry.objects.get(object_type="inventory.dossier").changes == {
        "state": ["draft", "unit_review"]
    }


def test_submit_goes_to_the_institution_where_one_step_is_agreed(cast: Cast) -> None:
    cast.participation.review_steps = 1
    cast.participation.save()
    entry = made(cast, S.DRAFT)

    reviews.submit_dossiers(versions=versions(entry), actor=cast.inventor)

    assert state_of(entry) == S.INSTITUTION_REVIEW


def test_submit_refuses_what_the_rules_refuse(cast: Cast) -> None:
    entry = made(cast, S.DRAFT, stars=None)

    outcome = reviews.submit_dossiers(versions=versions(entry), actor=cast.inventor)

    assert outcome.done == []
    assert len(outcome.refused) == 1
    assert state_of(entry) == S.DRAFT


def test_submit_twice_is_refused_the_second_time(cast: Cast) -> None:
    entry = made(cast, S.DRAFT)
    reviews.submit_dossiers(versions=versions(entry), actor=cast.inventor)

    again = reviews.submit_dossiers(versions={entry.dossier_id: 2}, actor=cast.inventor)

    assert (again.done, len(again.refused)) == ([], 1)
    assert DossierStep.objects.count() == 1


def test_somebody_elses_draft_is_refused(cast: Cast) -> None:
    entry = made(cast, S.DRAFT, responsible=cast.manager.user)

    outcome = reviews.submit_dossiers(versions=versions(entry), actor=cast.inventor)

    assert (outcome.done, state_of(entry)) == ([], S.DRAFT)


def test_approval_runs_through_both_steps_and_archives(cast: Cast) -> None:
    entry = made(cast, S.UNIT_REVIEW)

    reviews.approve_dossiers(versions=versions(entry), actor=cast.unit_manager)
    reviews.approve_dossiers(versions={entry.dossier_id: 2}, actor=cast.manager)

    assert state_of(entry) == S.COMPLETED
    entry.refresh_from_db()
    assert entry.confirmed_version == 3
    revision = DossierRevision.objects.get()
    assert (revision.version, revision.content["stars"]) == (3, 3)
    assert "contact_phone" not in revision.content
    assert DossierFact.objects.current().get().is_covered is True


def test_manager_cannot_skip_the_unit(cast: Cast) -> None:
    entry = made(cast, S.UNIT_REVIEW)

    outcome = reviews.approve_dossiers(versions=versions(entry), actor=cast.manager)

    assert (outcome.done, state_of(entry)) == ([], S.UNIT_REVIEW)


def test_many_at_once_names_the_refused(cast: Cast) -> None:
    good, stale, draft = made(cast, S.UNIT_REVIEW), made(cast, S.UNIT_REVIEW), made(cast, S.DRAFT)
    seen = {**versions(good, draft), stale.dossier_id: 7}

    outcome = reviews.approve_dossiers(versions=seen, actor=cast.unit_manager)

    assert [d.pk for d in outcome.done] == [good.dossier_id]
    assert {d.pk for d, _ in outcome.refused} == {stale.dossier_id, draft.dossier_id}


@pytest.mark.parametrize(
    ("state", "to_state", "is_possible"),
    [
        (S.UNIT_REVIEW, S.DRAFT, True),
        (S.INSTITUTION_REVIEW, S.UNIT_REVIEW, True),
        (S.INSTITUTION_REVIEW, S.DRAFT, True),
        (S.COMPLETED, S.INSTITUTION_REVIEW, True),
        (S.COMPLETED, S.UNIT_REVIEW, True),
        (S.COMPLETED, S.DRAFT, True),
        (S.UNIT_REVIEW, S.INSTITUTION_REVIEW, False),
        (S.INSTITUTION_REVIEW, S.COMPLETED, False),
        (S.DRAFT, S.UNFILED, False),
    ],
)
def test_return_to_any_earlier_step(cast: Cast, state: S, to_state: S, is_possible: bool) -> None:
    entry = made(cast, state)
    actor = cast.unit_manager if state == S.UNIT_REVIEW else cast.manager

    outcome = reviews.return_dossiers(
        versions=versions(entry), to_state=to_state, reason="金额缺单位", actor=actor
    )

    assert bool(outcome.done) is is_possible
    assert state_of(entry) == (to_state if is_possible else state)


def test_return_keeps_reason_and_field_comments_until_approved(cast: Cast) -> None:
    entry = made(cast, S.UNIT_REVIEW)

    reviews.return_dossiers(
        versions=versions(entry),
        to_state=S.DRAFT,
        reason="请补充",
        actor=cast.unit_manager,
        remarks={"advantages": "写明性能指标"},
    )
    comment = FieldComment.objects.get()
    reviews.submit_dossiers(versions={entry.dossier_id: 2}, actor=cast.inventor)
    reviews.approve_dossiers(versions={entry.dossier_id: 3}, actor=cast.unit_manager)

    assert (comment.field, comment.text, comment.settled_at) == (
        "advantages",
        "写明性能指标",
        None,
    )
    comment.refresh_from_db()
    assert comment.settled_at is None
    reviews.approve_dossiers(versions={entry.dossier_id: 4}, actor=cast.manager)
    comment.refresh_from_db()
    assert comment.settled_at is not None
    assert comment.settled_by == cast.manager
    assert DossierStep.objects.filter(act=StepAct.RETURN).get().reason == "请补充"


def test_returning_a_complete_dossier_withdraws_the_approval(cast: Cast) -> None:
    entry = made(cast, S.COMPLETED)

    reviews.return_dossiers(
        versions=versions(entry), to_state=S.DRAFT, reason="有误", actor=cast.manager
    )

    entry.refresh_from_db()
    assert (entry.confirmed_on, DossierFact.objects.current().get().is_covered) == (None, False)


def test_a_revision_counts_until_the_next_approval(cast: Cast) -> None:
    entry = made(cast, S.COMPLETED)

    reviews.revise_dossiers(versions=versions(entry), reason="新签合同", actor=cast.inventor)
    while_revising = DossierFact.objects.current().get()
    reviews.submit_dossiers(versions={entry.dossier_id: 2}, actor=cast.inventor)
    reviews.return_dossiers(
        versions={entry.dossier_id: 3}, to_state=S.DRAFT, reason="再看", actor=cast.unit_manager
    )

    assert (while_revising.state, while_revising.is_covered) == ("draft", True)
    assert DossierFact.objects.current().get().is_covered is True


def test_comment_on_a_field_is_audited(cast: Cast) -> None:
    entry = made(cast, S.UNIT_REVIEW)

    comments.comment_on_field(
        dossier=entry.dossier, name="stars", text="依据？", actor=cast.unit_manager
    )

    trail = AuditEntry.objects.get(object_type="inventory.fieldcomment")
    assert trail.changes == {"field": [None, "stars"], "text": [None, "依据？"]}
