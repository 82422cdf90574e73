"""Confirming last year's answers unchanged, and withdrawing a revision: states, entries, facts, trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from inventory.choices import CampaignState, DossierState, StepAct
from inventory.models import (
    BaseListEntry,
    Campaign,
    CampaignInstitution,
    ConfirmationFact,
    Dossier,
    DossierFact,
    DossierRevision,
    DossierStep,
)
from inventory.rules import Status
from inventory.services import base_lists, dossiers, reviews, revisions
from portal.errors import InvalidTransition, StaleVersion
from portal.jobs import runner
from portal.models import AuditEntry, BulkRun, Membership
from portal.services import bulk
from tests import factories
from tests.bulk_acts import applied, outcomes
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
S = DossierState


@dataclass
class Years:
    """A dossier approved in last year's campaign and listed in this year's."""

    last: BaseListEntry
    this: BaseListEntry
    participation: CampaignInstitution

    @property
    def dossier(self) -> Dossier:
        return Dossier.objects.get(pk=self.last.dossier_id)

    @property
    def seen(self) -> dict[int, int]:
        return {self.last.dossier_id: self.dossier.version}


@pytest.fixture
def years(cast: Cast) -> Years:
    return begin(cast)


def begin(cast: Cast, **fields: object) -> Years:
    last = factories.entry(
        cast.participation,
        state=S.INSTITUTION_REVIEW,
        unit=cast.school,
        responsible=cast.inventor.user,
        **fields,
    )
    reviews.approve_dossiers(versions={last.dossier_id: 1}, actor=cast.manager)
    campaign = factories.campaign(opens_on=cast.campaign.due_on, due_on=cast.campaign.due_on)
    participation = factories.participation(cast.university, campaign)
    base_lists.list_patents(
        actor=cast.city,
        campaign=campaign,
        institution=cast.university,
        patent_ids=[last.patent_id],
    )
    return Years(last, BaseListEntry.objects.get(campaign=campaign), participation)


def confirmed(entry: BaseListEntry) -> tuple[bool, int | None]:
    entry.refresh_from_db()
    return entry.confirmed_on is not None, entry.confirmed_version


def test_the_dossier_is_filed_in_the_new_campaign_with_its_answers(years: Years) -> None:
    dossier = years.dossier

    assert dossier.participation == years.participation
    assert (dossier.state, dossier.stars) == (S.COMPLETED, 3)
    assert (confirmed(years.last), confirmed(years.this)) == ((True, 2), (False, None))
    moved = AuditEntry.objects.filter(changes__has_key="participation").get()
    assert moved.changes["participation"][1] == years.participation.pk


def test_the_manager_confirms_at_once(years: Years, cast: Cast) -> None:
    before = AuditEntry.objects.count()

    outcome = revisions.confirm_unchanged(versions=years.seen, actor=cast.manager, note="无变化")

    assert (len(outcome.done), outcome.refused) == (1, [])
    assert confirmed(years.this) == (True, 2)
    assert years.dossier.state == S.COMPLETED
    step = DossierStep.objects.order_by("-pk").first()
    assert step is not None
    assert (step.act, step.from_state, step.to_state) == (StepAct.CONFIRM, "completed", "completed")
    assert AuditEntry.objects.count() == before + 1
    assert DossierRevision.objects.count() == 1
    fact = ConfirmationFact.objects.current().get(entry=years.this)
    assert (fact.is_confirmed, fact.stars) == (True, 3)


def test_the_responsible_person_hands_it_in_and_both_reviews_follow(
    years: Years, cast: Cast
) -> None:
    revisions.confirm_unchanged(versions=years.seen, actor=cast.inventor)
    at_unit = years.dossier
    reviews.approve_dossiers(versions=years.seen, actor=cast.unit_manager)
    at_institution = years.dossier
    reviews.approve_dossiers(versions=years.seen, actor=cast.manager)

    assert (at_unit.state, at_unit.is_confirming) == (S.UNIT_REVIEW, True)
    assert (at_institution.state, at_institution.is_confirming) == (S.INSTITUTION_REVIEW, True)
    assert (years.dossier.state, years.dossier.is_confirming) == (S.COMPLETED, False)
    # the same content is not archived again: the version approved last year is what is confirmed
    assert confirmed(years.this) == (True, 2)
    assert DossierRevision.objects.count() == 1
    assert DossierFact.objects.current().get().is_covered is True


def test_the_unit_manager_skips_the_own_step(years: Years, cast: Cast) -> None:
    revisions.confirm_unchanged(versions=years.seen, actor=cast.unit_manager)

    assert years.dossier.state == S.INSTITUTION_REVIEW


def test_returned_instead_of_confirmed(years: Years, cast: Cast) -> None:
    revisions.confirm_unchanged(versions=years.seen, actor=cast.inventor)
    reviews.return_dossiers(
        versions=years.seen, to_state=S.DRAFT, reason="请更新", actor=cast.unit_manager
    )

    assert (years.dossier.state, years.dossier.is_confirming) == (S.DRAFT, False)
    assert (confirmed(years.last)[0], confirmed(years.this)[0]) == (True, False)
    assert DossierFact.objects.current().get().is_covered is True


def test_what_is_refused(years: Years, cast: Cast) -> None:
    draft = factories.entry(cast.participation, state=S.DRAFT)
    alone = factories.entry(cast.participation, state=S.COMPLETED)
    theirs = factories.entry(cast.other_participation, state=S.COMPLETED)
    versions = {
        draft.dossier_id: 1,
        alone.dossier_id: 1,
        theirs.dossier_id: 1,
        years.last.dossier_id: 99,
    }

    outcome = revisions.confirm_unchanged(versions=versions, actor=cast.manager)

    assert (outcome.done, len(outcome.refused)) == ([], 4)
    assert confirmed(years.this) == (False, None)


def test_twice_is_once(years: Years, cast: Cast) -> None:
    seen = years.seen
    revisions.confirm_unchanged(versions=seen, actor=cast.manager)
    steps = DossierStep.objects.count()

    stale = revisions.confirm_unchanged(versions=seen, actor=cast.manager)
    again = revisions.confirm_unchanged(versions=years.seen, actor=cast.manager)

    assert (stale.done, again.done) == ([], [])
    assert DossierStep.objects.count() == steps


def test_a_closed_campaign_keeps_what_it_confirmed(years: Years, cast: Cast) -> None:
    Campaign.objects.filter(pk=cast.campaign.pk).update(state=CampaignState.CLOSED)
    revisions.confirm_unchanged(versions=years.seen, actor=cast.manager)

    reviews.return_dossiers(
        versions=years.seen, to_state=S.DRAFT, reason="有误", actor=cast.manager
    )

    assert (confirmed(years.last), confirmed(years.this)) == ((True, 2), (False, None))
    facts = ConfirmationFact.objects.current()
    assert facts.get(entry=years.last).is_confirmed is True
    assert facts.get(entry=years.this).is_confirmed is False


def test_a_later_listed_entry_has_its_campaigns_confirmation(cast: Cast) -> None:
    joint = factories.patent(cast.university, cast.other)
    first = factories.entry(cast.participation, joint, state=S.INSTITUTION_REVIEW)
    reviews.approve_dossiers(versions={first.dossier_id: 1}, actor=cast.manager)

    (second,) = base_lists.list_patents(
        actor=cast.outsider, campaign=cast.campaign, institution=cast.other, patent_ids=[joint.pk]
    )

    assert confirmed(BaseListEntry.objects.get(pk=second)) == (True, 2)
    assert ConfirmationFact.objects.current().filter(is_confirmed=True).count() == 2


# --- withdrawing ------------------------------------------------------------------------------------


def revise(years: Years, cast: Cast) -> None:
    reviews.revise_dossiers(versions=years.seen, reason="更新", actor=cast.manager)
    dossiers.save_dossier(
        dossier_id=years.last.dossier_id,
        seen_version=years.dossier.version,
        values={"stars": 5, "contact_phone": "13911111111", "partner_firms": ["演示企业甲"]},
        statuses=[Status("licensed", "common_contract", amount=Decimal("12.5"))],
        actor=cast.manager,
    )


def test_withdrawal_restores_the_approved_answers(years: Years, cast: Cast) -> None:
    before = dossiers.content_of(years.dossier)
    revise(years, cast)
    assert dossiers.content_of(years.dossier) != before

    revisions.withdraw_revision(
        dossier_id=years.last.dossier_id, seen_version=years.dossier.version, actor=cast.manager
    )

    assert dossiers.content_of(years.dossier) == before
    assert (years.dossier.state, years.dossier.is_transformed) == (S.COMPLETED, False)
    # it confirms nothing: the new campaign still waits
    assert (confirmed(years.last)[0], confirmed(years.this)[0]) == (True, False)
    trail = AuditEntry.objects.filter(object_type="inventory.dossier").order_by("-pk")
    assert trail[0].changes == {"state": ["draft", "completed"]}
    assert trail[1].changes["stars"] == [5, 3]


def test_amounts_survive_the_archive(cast: Cast) -> None:
    entry = factories.entry(cast.participation, state=S.DRAFT, is_filled=True)
    dossiers.save_dossier(
        dossier_id=entry.dossier_id,
        seen_version=1,
        values={},
        statuses=[Status("licensed", "common_contract", amount=Decimal("12.500001"))],
        actor=cast.manager,
    )
    Dossier.objects.filter(pk=entry.dossier_id).update(state=S.UNIT_REVIEW)
    Dossier.objects.filter(pk=entry.dossier_id).update(state=S.INSTITUTION_REVIEW)
    reviews.approve_dossiers(versions={entry.dossier_id: 2}, actor=cast.manager)
    reviews.revise_dossiers(versions={entry.dossier_id: 3}, reason="改", actor=cast.manager)
    dossiers.save_dossier(
        dossier_id=entry.dossier_id, seen_version=4, values={}, statuses=[], actor=cast.manager
    )

    revisions.withdraw_revision(dossier_id=entry.dossier_id, seen_version=5, actor=cast.manager)

    stored = Dossier.objects.get(pk=entry.dossier_id)
    assert [mark.amount for mark in stored.status_marks.all()] == [Decimal("12.500001")]
    assert stored.is_transformed is True


def test_nothing_to_withdraw(years: Years, cast: Cast) -> None:
    draft = factories.entry(cast.participation, state=S.DRAFT, is_filled=True)

    for pk in (draft.dossier_id, years.last.dossier_id):
        with pytest.raises(InvalidTransition):
            revisions.withdraw_revision(
                dossier_id=pk,
                seen_version=Dossier.objects.get(pk=pk).version,
                actor=cast.manager,
            )


def test_withdrawal_of_what_changed_meanwhile_is_refused(years: Years, cast: Cast) -> None:
    revise(years, cast)

    with pytest.raises(StaleVersion):
        revisions.withdraw_revision(
            dossier_id=years.last.dossier_id, seen_version=1, actor=cast.manager
        )


def test_the_database_knows_an_approved_version_from_none(years: Years, cast: Cast) -> None:
    revise(years, cast)
    draft = factories.entry(cast.participation, state=S.DRAFT, is_filled=True)

    Dossier.objects.filter(pk=years.last.dossier_id).update(state=S.COMPLETED)
    with pytest.raises(IntegrityError, match="no step"), transaction.atomic():
        Dossier.objects.filter(pk=draft.dossier_id).update(state=S.COMPLETED)


def test_the_database_confirms_only_what_is_complete(years: Years, cast: Cast) -> None:
    revise(years, cast)

    with pytest.raises(IntegrityError, match="not complete"), transaction.atomic():
        BaseListEntry.objects.filter(pk=years.this.pk).update(
            confirmed_on=cast.campaign.due_on, confirmed_version=2
        )


# --- pages ------------------------------------------------------------------------------------------


def test_the_page_offers_to_confirm_and_says_since_when(
    years: Years, cast: Cast, client_of: Callable[[Membership], PageClient]
) -> None:
    client = client_of(cast.inventor)
    url = f"/inventory/dossiers/{years.last.dossier_id}/"

    page = client.get(url)
    answer = client.post(f"{url}confirm/", {"version": years.dossier.version})
    again = client.post(f"{url}confirm/", {"version": years.dossier.version})

    assert page.context["revision"]["can_confirm"] is True
    assert (answer.status_code, again.status_code) == (302, 409)
    assert client.get(url).context["revision"]["differences"] == []


def test_others_read_the_approved_version_of_an_open_revision(
    years: Years, cast: Cast, client_of: Callable[[Membership], PageClient]
) -> None:
    revise(years, cast)
    url = f"/inventory/dossiers/{years.last.dossier_id}/"

    inside = client_of(cast.manager).get(url)
    outside = client_of(cast.department).get(url)

    assert [str(row["after"]) for row in inside.context["revision"]["differences"]]
    assert "演示企业甲" in inside.content.decode()
    assert "演示企业甲" not in outside.content.decode()


def test_many_from_the_work_list(
    years: Years, cast: Cast, client_of: Callable[[Membership], PageClient]
) -> None:
    other = begin(cast)
    done = factories.entry(cast.participation, state=S.COMPLETED)
    client = client_of(cast.manager)

    run = client.post("/inventory/entries/confirm/", {"all_matching": "1"})["Location"]
    preview = client.get(run)
    client.post(f"{run}apply/", {"reason": "无变化", "version": BulkRun.objects.get().version})
    runner.run_due("test-worker")

    assert "件将确认无变化" in preview.content.decode()
    assert (confirmed(years.this)[0], confirmed(other.this)[0]) == (True, True)
    assert confirmed(done)[1] == 1
    assert DossierStep.objects.filter(act=StepAct.CONFIRM, reason="无变化").count() == 2


def test_the_bulk_act_judges_what_it_then_does(years: Years, cast: Cast) -> None:
    draft = factories.entry(cast.participation, state=S.DRAFT)
    ids = [years.last.dossier_id, draft.dossier_id]

    judged = revisions.judge_confirmations(ids=ids, actor=cast.manager)
    written = revisions.confirm_many(ids=ids, actor=cast.manager)

    assert [(row.id, row.note) for row in judged] == [(row.id, row.note) for row in written]
    assert {row.id: str(row.outcome) for row in written} == {
        years.last.dossier_id: "changed",
        draft.dossier_id: "refused",
    }
    assert AuditEntry.objects.filter(changes={"state": ["completed", "completed"]}).count() == 1


@pytest.mark.parametrize("who", ["manager", "unit_manager", "inventor"])
def test_confirming_many_is_taken_back_as_one(
    years: Years, cast: Cast, client_of: Callable[[Membership], PageClient], who: str
) -> None:
    """A confirmation that counted and one that waits for review: the entry waits again, the answers stay approved."""
    actor = getattr(cast, who)
    run = applied(client_of(actor), "/inventory/entries/confirm/", reason="无变化")
    assert outcomes(run) == {"changed": 1}
    at_once = who == "manager"
    assert confirmed(years.this)[0] is at_once

    back = bulk.undo_run(run_id=run.pk, reason="看错了", actor=actor)

    assert outcomes(back) == {"changed": 1}
    assert confirmed(years.this)[0] is False
    assert confirmed(years.last)[0] is True
    dossier = years.dossier
    assert (dossier.state, dossier.is_confirming) == (S.COMPLETED, False)
    last = DossierStep.objects.filter(dossier=dossier).latest("pk")
    assert (last.act, last.reason) == (StepAct.WITHDRAW, "看错了")
    told = AuditEntry.objects.filter(run_id=back.pk, object_id=dossier.pk, reason="看错了")
    # moves.unconfirm leaves the state as it is; what was handed in goes back in two steps
    assert told.count() == (1 if at_once else 2)
    # and it may be confirmed anew
    again = applied(client_of(actor), "/inventory/entries/confirm/", reason="")
    assert outcomes(again) == {"changed": 1}


def test_a_confirmation_for_a_closed_campaign_stands(
    years: Years, cast: Cast, client_of: Callable[[Membership], PageClient]
) -> None:
    run = applied(client_of(cast.manager), "/inventory/entries/confirm/", reason="")
    Campaign.objects.filter(pk=years.this.campaign_id).update(state="closed")

    back = bulk.undo_run(run_id=run.pk, reason="看错了", actor=cast.manager)

    assert outcomes(back) == {"refused": 1}
    assert confirmed(years.this)[0] is True
