"""Steps taken for many rows at once: all that match means all, consequences before, back where the law allows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.choices import DossierState as S
from inventory.choices import EventKind, ExclusionState, PoolState, StepAct
from inventory.holder_choices import HandoverState
from inventory.models import (
    BaseListEntry,
    Dossier,
    DossierStep,
    Exclusion,
    HandoverOffer,
    LegalEvent,
    PoolEntry,
)
from inventory.services import pool, reviews
from portal.bulk.registry import all_acts, known_act
from portal.choices import BulkState
from portal.jobs import runner
from portal.models import BulkRun, Membership
from portal.services import bulk
from portal.services.bulk import why_not_undone
from tests import factories
from tests.bulk_acts import applied, outcomes, picked
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Membership], PageClient]
URL = reverse


def undone(run: BulkRun, actor: Membership) -> BulkRun:
    return bulk.undo_run(run_id=run.pk, reason="看错了", actor=actor)


def states(ids: list[int]) -> list[str]:
    return list(Dossier.objects.filter(pk__in=ids).order_by("pk").values_list("state", flat=True))


def waiting(cast: Cast, count: int) -> list[int]:
    return [
        factories.entry(cast.participation, state=S.UNIT_REVIEW, unit=cast.school).dossier_id
        for _ in range(count)
    ]


def test_all_that_match_is_more_than_a_thousand_and_a_job(
    cast: Cast, client_of: ClientOf, settings: Any
) -> None:
    ids = factories.entries(cast.participation, 1100, state=S.UNIT_REVIEW, unit=cast.school)
    settings.JOB_CHUNK_ROWS = 500
    client = client_of(cast.unit_manager)

    run = applied(client, URL("inventory:review-approve"))

    assert (run.state, run.total, run.job is not None) == (BulkState.RUNNING, 1100, True)
    runner.run_due("test-worker")
    run.refresh_from_db()
    assert outcomes(run) == {"changed": 1100}
    assert set(states(ids)) == {S.INSTITUTION_REVIEW}


def test_consequences_say_that_an_approval_is_not_taken_back(
    cast: Cast, client_of: ClientOf
) -> None:
    ids = waiting(cast, 2)
    client = client_of(cast.unit_manager)
    run = picked(client, URL("inventory:review-approve"))

    page = client.get(run.get_absolute_url())
    said = known_act(run.act).no_undo

    assert str(said) in page.content.decode()
    assert page.context["writes"] == 2
    assert states(ids) == [S.UNIT_REVIEW] * 2
    run = applied(client, URL("inventory:review-approve"))
    assert why_not_undone(run)


def test_every_act_is_taken_back_or_says_why_not() -> None:
    assert [act.name for act in all_acts() if act.undo is None and not act.no_undo] == []
    assert [act.name for act in all_acts() if act.undo is not None and act.no_undo] == []


def test_a_return_needs_its_reason_and_goes_back_to_the_list(
    cast: Cast, client_of: ClientOf
) -> None:
    first, second = waiting(cast, 2)
    client = client_of(cast.unit_manager)
    run = picked(client, URL("inventory:review-return"), [f"{first}-1"])
    url = reverse("portal:bulk-apply", args=[run.pk])

    refused = client.post(url, {"version": run.version, "to_state": "draft"})
    done = client.post(url, {"version": run.version, "to_state": "draft", "reason": "缺金额"})

    assert (refused.status_code, "reason" in refused.context["form"].errors) == (422, True)
    assert done["Location"] == URL("inventory:review-queue")
    assert states([first, second]) == [S.DRAFT, S.UNIT_REVIEW]
    again = client.post(url, {"version": run.version, "to_state": "draft", "reason": "缺金额"})
    assert again.status_code == 302
    assert DossierStep.objects.filter(act=StepAct.RETURN).count() == 1


def test_handing_in_and_reopening_are_taken_back(cast: Cast, client_of: ClientOf) -> None:
    draft = factories.entry(cast.participation, state=S.DRAFT, is_filled=True, unit=cast.school)
    waits = factories.entry(
        cast.participation, state=S.INSTITUTION_REVIEW, is_filled=True, unit=cast.school
    )
    reviews.approve_dossiers(versions={waits.dossier_id: 1}, actor=cast.manager)
    ids = [draft.dossier_id, waits.dossier_id]
    client = client_of(cast.manager)

    handed_in = applied(client, URL("inventory:entries-submit"))
    reopened = applied(client, URL("inventory:entries-revise"), reason="金额有误")

    assert outcomes(handed_in) == {"changed": 1, "refused": 1} == outcomes(reopened)
    assert states(ids) == [S.UNIT_REVIEW, S.DRAFT]
    assert outcomes(undone(handed_in, cast.manager)) == {"changed": 1}
    assert outcomes(undone(reopened, cast.manager)) == {"changed": 1}
    assert states(ids) == [S.DRAFT, S.COMPLETED]


def test_queries_of_a_step_do_not_grow_with_the_rows(cast: Cast) -> None:
    """The judgement and the step itself; the same for 2 and for 20."""
    counts = []
    for size in (2, 20):
        ids = waiting(cast, size)
        act = known_act("inventory.reviews.approve")
        with CaptureQueriesContext(connection) as asked:
            list(act.preview(cast.unit_manager, ids, {"reason": ""}))
            list(act.apply(cast.unit_manager, ids, {"reason": ""}))
        counts.append(len(asked))
    assert counts[0] == counts[1]


# --- the pool ---------------------------------------------------------------------------------------


def nominees(cast: Cast, count: int) -> list[int]:
    pool.set_rule(
        values={"min_stars": 1, "kinds": [], "needs_key_industry": False, "min_months_left": 0},
        actor=cast.city,
    )
    made = [factories.entry(cast.participation, state=S.COMPLETED) for _ in range(count)]
    return [entry.dossier_id for entry in made]


def test_nominations_are_taken_back_until_the_city_decides(cast: Cast, client_of: ClientOf) -> None:
    nominees(cast, 3)
    run = applied(client_of(cast.manager), URL("inventory:pool-nominate"), note="优势学科")
    first = PoolEntry.objects.earliest("pk")
    decided = applied(
        client_of(cast.city), URL("inventory:pool-admit"), [f"{first.pk}-{first.version}"]
    )

    back = undone(run, cast.manager)

    assert (outcomes(run), outcomes(decided)) == ({"added": 3}, {"changed": 1})
    assert outcomes(back) == {"changed": 2, "refused": 1}
    found = list(PoolEntry.objects.order_by("pk").values_list("state", flat=True))
    assert found == [PoolState.ADMITTED, PoolState.REMOVED, PoolState.REMOVED]


def test_pool_decisions_say_that_they_stand(cast: Cast, client_of: ClientOf) -> None:
    nominees(cast, 2)
    applied(client_of(cast.manager), URL("inventory:pool-nominate"))

    declined = applied(client_of(cast.city), URL("inventory:pool-decline"), reason="重复")

    assert outcomes(declined) == {"changed": 2}
    assert why_not_undone(declined)


def test_a_reason_on_the_button_stands_in_the_form(cast: Cast, client_of: ClientOf) -> None:
    nominees(cast, 1)
    applied(client_of(cast.manager), URL("inventory:pool-nominate"))
    client, entry = client_of(cast.city), PoolEntry.objects.get()

    response = client.post(
        URL("inventory:pool-take-out"), {"pick": f"{entry.pk}-1", "reason": "权利已终止"}
    )

    page = client.get(response["Location"])
    assert page.context["form"]["reason"].value() == "权利已终止"
    entry.refresh_from_db()
    assert entry.state == PoolState.NOMINATED


# --- exclusions and handing over --------------------------------------------------------------------


def lapsed(cast: Cast) -> BaseListEntry:
    confirmed = date(2024, 2, 1)
    patent = factories.patent(cast.university, status_confirmed_on=confirmed, simple_status="ended")
    LegalEvent.objects.create(
        patent=patent,
        kind=EventKind.FEE_LAPSE,
        occurred_on=date(2021, 5, 6),
        confirmed_on=confirmed,
    )
    return factories.entry(cast.participation, patent)


def test_requests_of_what_the_register_proposes_are_taken_back(
    cast: Cast, client_of: ClientOf
) -> None:
    for _ in range(3):
        lapsed(cast)
    factories.entry(cast.participation)

    run = applied(client_of(cast.manager), URL("inventory:exclusions-request"))
    first = Exclusion.objects.earliest("pk")
    picks = [f"{first.pk}-{first.version}"]
    decided = applied(client_of(cast.city), URL("inventory:exclusions-approve"), picks)
    back = undone(run, cast.manager)

    assert (outcomes(run), outcomes(decided)) == ({"added": 3}, {"changed": 1})
    assert outcomes(back) == {"changed": 2, "refused": 1}
    found = list(Exclusion.objects.order_by("pk").values_list("state", flat=True))
    assert found == [ExclusionState.APPROVED, ExclusionState.WITHDRAWN, ExclusionState.WITHDRAWN]


def test_the_page_of_an_approval_shows_what_it_does_to_the_figures(
    cast: Cast, client_of: ClientOf
) -> None:
    lapsed(cast)
    applied(client_of(cast.manager), URL("inventory:exclusions-request"))
    client = client_of(cast.city)
    run = picked(client, URL("inventory:exclusions-approve"))

    effects = client.get(run.get_absolute_url()).context["effects"]

    assert [(each.leaving, each.due, each.due_after) for each in effects] == [(1, 1, 0)]


def shared(cast: Cast) -> Dossier:
    patent = factories.patent(cast.university, cast.other)
    entry = factories.entry(cast.participation, patent, unit=cast.school)
    factories.entry(cast.other_participation, patent)
    return entry.dossier


def test_offers_are_withdrawn_as_one_and_answers_stand(cast: Cast, client_of: ClientOf) -> None:
    dossiers = [shared(cast) for _ in range(3)]
    client = client_of(cast.manager)
    run = picked(client, URL("inventory:handover-offer"))
    said = {"version": run.version, "to": cast.other.pk, "reason": "由第二单位实施"}
    client.post(run.get_absolute_url(), said)
    run.refresh_from_db()
    client.post(reverse("portal:bulk-apply", args=[run.pk]), {"version": run.version})
    run.refresh_from_db()
    other = factories.membership("institution_manager", cast.other)
    first = HandoverOffer.objects.earliest("pk")

    accepted = applied(client_of(other), URL("inventory:handover-accept"), [f"{first.pk}-1"])
    back = undone(run, cast.manager)

    assert (outcomes(run), outcomes(accepted)) == ({"added": 3}, {"changed": 1})
    assert outcomes(back) == {"changed": 2, "refused": 1}
    found = list(HandoverOffer.objects.order_by("pk").values_list("state", flat=True))
    assert found == [HandoverState.ACCEPTED, HandoverState.WITHDRAWN, HandoverState.WITHDRAWN]
    filed = Dossier.objects.get(pk=dossiers[0].pk).participation_id
    assert filed == cast.other_participation.pk


@pytest.mark.parametrize("version", ["", "-", "-0", "-x", "-99999999999", "--1"])
def test_ticks_without_the_version_seen_are_stale(
    cast: Cast, client_of: ClientOf, version: str
) -> None:
    own = factories.entry(cast.participation, state=S.DRAFT, is_filled=True, unit=cast.school)
    client = client_of(cast.manager)

    client.post(URL("inventory:entries-submit"), {"pick": f"{own.dossier_id}{version}"})
    run = BulkRun.objects.get()
    client.post(URL("portal:bulk-apply", args=[run.pk]), {"version": run.version})

    assert outcomes(BulkRun.objects.get()) == {"refused": 1}
    assert Dossier.objects.get(pk=own.dossier_id).state == S.DRAFT
    seen = f"{own.dossier_id}-{own.dossier.version}"
    again = applied(client, URL("inventory:entries-submit"), [seen])
    assert outcomes(again) == {"changed": 1}


def test_rows_that_another_institution_files_are_said_to_be_left_out(
    cast: Cast, client_of: ClientOf
) -> None:
    own = factories.entry(cast.participation, state=S.DRAFT)
    shared = factories.entry(cast.other_participation, state=S.DRAFT)
    factories.entry(cast.participation, shared.patent)
    client = client_of(cast.manager)

    def left_out(**posted: Any) -> bool:
        response = client.post(URL("inventory:dossier-bulk"), posted, follow=True)
        return "另有1条不属于您可办理的范围，未列入。" in response.content.decode()

    assert left_out(pick=[f"{own.dossier_id}-1", f"{shared.dossier_id}-1"])
    assert left_out(all_matching="1")
    assert not left_out(pick=[f"{own.dossier_id}-1"])
