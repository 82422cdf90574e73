"""To-dos of stock-taking: every number is the length of the list its line opens, for each role."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from inventory.choices import CampaignState, DossierState, StepAct
from inventory.models import Campaign, CampaignInstitution, Dossier, DossierStep
from inventory.services import assignments, plans, reviews
from inventory.tasks import deadlines
from portal import clock
from portal.choices import Role
from portal.jobs import runner
from portal.models import AuditEntry, Membership, Notice, OutboxMessage
from portal.notices.words import in_words
from portal.todo import Todo, todos_for, todos_of
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db


def entry(
    cast: Cast, state: str, participation: CampaignInstitution | None = None, **more: Any
) -> Dossier:
    fields = {"unit": cast.school, "responsible": cast.inventor.user, **more}
    return factories.entry(
        participation or cast.participation, state=state, is_filled=True, **fields
    ).dossier


def set_up(*participations: CampaignInstitution) -> None:
    """Plan and contacts are there."""
    for part in participations:
        CampaignInstitution.objects.filter(pk=part.pk).update(
            first_contact_name="演示甲", second_contact_name="演示乙"
        )
        plans.add_plan(
            participation=part,
            content=ContentFile(b"%PDF-1"),
            name="方案.pdf",
            note="",
            actor=factories.membership(Role.INSTITUTION_MANAGER, part.institution),
        )


def fill(cast: Cast) -> None:
    """Every state, another unit, another institution, a closed campaign, an excluded entry."""
    set_up(cast.participation, cast.other_participation)
    for state in DossierState.values:
        entry(cast, state)
        entry(cast, state, unit=factories.unit(cast.university), responsible=None)
        entry(cast, state, cast.other_participation, unit=factories.unit(cast.other))
    entry(cast, DossierState.UNFILED, unit=factories.unit(cast.university, parent=cast.school))
    closed = factories.campaign(state=CampaignState.CLOSED, due_on=date(2024, 9, 1))
    entry(cast, DossierState.DRAFT, factories.participation(cast.university, closed))
    returned = entry(cast, DossierState.DRAFT)
    DossierStep.objects.create(
        dossier=returned,
        act=StepAct.RETURN,
        from_state=DossierState.UNIT_REVIEW,
        to_state=DossierState.DRAFT,
        actor=cast.unit_manager,
        at=clock.now(),
        version=1,
    )
    excluded = factories.entry(cast.participation, unit=cast.school)
    type(excluded).objects.filter(pk=excluded.pk).update(is_included=False)


@pytest.mark.parametrize("role", ["inventor", "unit_manager", "manager", "city"])
def test_each_line_opens_as_many_rows_as_it_says(cast: Cast, role: str) -> None:
    fill(cast)
    membership: Membership = getattr(cast, role)
    client = signed_in(membership)

    lines = todos_for(membership)

    assert lines or role == "city"
    for line in lines:
        page = client.get(line.url).context["page"]
        assert (line.label, line.count) == (line.label, page.total), line.url


def test_what_each_sees(cast: Cast) -> None:
    fill(cast)
    found = {
        role: [(line.label, line.count) for line in todos_for(getattr(cast, role))]
        for role in ("inventor", "unit_manager", "manager", "outsider", "auditor", "enterprise")
    }
    assert found["inventor"] == [("待您填报", 3), ("退回待修改", 1)]
    assert found["unit_manager"] == [("待您审核", 1), ("本单位底账未完成盘点", 6)]
    assert found["manager"] == [
        ("待您审核", 2),
        ("本单位底账未完成盘点", 10),
        ("没有盘点负责人的专利", 5),
    ]
    assert found["outsider"] == [
        ("待您审核", 1),
        ("本单位底账未完成盘点", 4),
        ("没有盘点负责人的专利", 4),
    ]
    assert found["auditor"] == found["enterprise"] == []


def test_a_campaign_is_set_up_by_plan_contacts_and_list(cast: Cast) -> None:
    def asked() -> list[tuple[str, int]]:
        return [(line.label, line.count) for line in todos_for(cast.manager)]

    def page(line: Todo) -> str:
        return signed_in(cast.manager).get(line.url).content.decode()

    first = todos_for(cast.manager)
    assert asked() == [("待报送工作方案", 1), ("待填报联系人", 2), ("待导入底账", 1)]
    assert {line.detail for line in first} == {cast.campaign.name}
    plan, contacts, base = (page(line) for line in first)
    assert "尚未报送工作方案" in plan
    assert 'name="second_contact_name"' in contacts
    assert f'<option value="{cast.campaign.pk}" selected>' in base

    CampaignInstitution.objects.update(first_contact_name="演示甲")
    assert asked()[1] == ("待填报联系人", 1)
    set_up(cast.participation)
    assert asked() == [("待导入底账", 1)]
    entry(cast, DossierState.COMPLETED)
    assert asked() == []


def test_lines_of_two_campaigns_say_which(cast: Cast) -> None:
    entry(cast, DossierState.DRAFT)
    assert {line.detail for line in todos_for(cast.inventor)} == {""}
    second = factories.campaign(name="第二批次")
    entry(cast, DossierState.DRAFT, factories.participation(cast.university, second))
    for who in (cast.inventor, cast.unit_manager):
        assert {line.detail for line in todos_for(who)} == {cast.campaign.name, "第二批次"}


def test_a_rolling_campaign_lists_by_itself(cast: Cast) -> None:
    before = factories.campaign(state=CampaignState.CLOSED)
    Campaign.objects.filter(pk=cast.campaign.pk).update(
        kind="rolling", follows=before, granted_after=date(2023, 6, 30), days_to_file=90
    )
    assert "待导入底账" not in [line.label for line in todos_for(cast.manager)]


def test_a_constant_number_of_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    fill(cast)
    people = [cast.inventor, cast.unit_manager, cast.manager, cast.outsider] + [
        factories.membership(
            Role.UNIT_MANAGER, cast.university, unit=factories.unit(cast.university)
        )
        for _ in range(20)
    ]
    with django_assert_max_num_queries(20):
        todos_of(people)


def test_assigning_tells_the_person_once_with_the_number(cast: Cast) -> None:
    person = factories.membership(
        Role.INVENTOR, cast.university, user=factories.user(email="p@example.edu.cn")
    )
    ids = [entry(cast, DossierState.UNFILED, responsible=None).pk for _ in range(12)]

    assignments.assign_dossiers(ids=ids, actor=cast.manager, responsible=person.user, reason="分工")

    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient, notice.count) == ("inventory.assigned", person, 12)
    assert notice.due_on == cast.campaign.due_on
    assert OutboxMessage.objects.count() == 1
    assert AuditEntry.objects.filter(object_type="inventory.dossier").count() == 12

    assignments.assign_dossiers(ids=ids, actor=cast.manager, responsible=person.user)
    assert Notice.objects.get().count == 12


def test_each_step_tells_whose_turn_it_is(cast: Cast) -> None:
    dossier = entry(cast, DossierState.DRAFT)

    def now() -> dict[int, int]:
        dossier.refresh_from_db()
        return {dossier.pk: dossier.version}

    reviews.submit_dossiers(versions=now(), actor=cast.inventor)
    reviews.return_dossiers(
        versions=now(), to_state=DossierState.DRAFT, reason="缺少金额", actor=cast.unit_manager
    )
    reviews.submit_dossiers(versions=now(), actor=cast.inventor)
    reviews.approve_dossiers(versions=now(), actor=cast.unit_manager)
    reviews.approve_dossiers(versions=now(), actor=cast.manager)

    told = list(Notice.objects.order_by("pk").values_list("kind", "recipient", "count"))
    assert told == [
        ("inventory.waiting", cast.unit_manager.pk, 2),
        ("inventory.returned", cast.inventor.pk, 1),
        ("inventory.waiting", cast.manager.pk, 1),
        ("inventory.approved", cast.inventor.pk, 1),
    ]
    assert Notice.objects.get(kind="inventory.returned").params["reason"] == "缺少金额"


def test_a_returned_dossier_nobody_is_responsible_for_goes_to_who_submitted_it(cast: Cast) -> None:
    dossier = entry(cast, DossierState.DRAFT, responsible=None)
    reviews.submit_dossiers(versions={dossier.pk: dossier.version}, actor=cast.inventor)
    dossier.refresh_from_db()
    reviews.return_dossiers(
        versions={dossier.pk: dossier.version},
        to_state=DossierState.DRAFT,
        reason="理由",
        actor=cast.unit_manager,
    )
    assert Notice.objects.get(kind="inventory.returned").recipient == cast.inventor


def test_the_returned_ones_of_my_patents(cast: Cast) -> None:
    fill(cast)
    client = signed_in(cast.inventor)
    counts = {
        value: client.get(reverse("inventory:my-patents") + f"?returned={value}")
        .context["page"]
        .total
        for value in ("yes", "no", "nonsense")
    }
    assert counts["yes"] == 1
    assert counts["nonsense"] == counts["yes"] + counts["no"]


@pytest.mark.parametrize("days", [14, 7, 3, 1, 0, -1])
def test_the_deadline_is_told_once_with_the_number(cast: Cast, days: int) -> None:
    for state in DossierState.values:
        entry(cast, state)
    entry(cast, DossierState.DRAFT, responsible=None)
    with clock.frozen(cast.campaign.due_on - timedelta(days=days)):
        for _ in range(2):
            deadlines.ask_deadlines()
            runner.run_due("w")

    notice = Notice.objects.get()
    assert (notice.kind, notice.recipient, notice.count) == ("inventory.due", cast.inventor, 2)
    assert notice.params == {"days": days, "campaign": cast.campaign.name}
    assert str(notice.count) in in_words(notice).title


def test_on_other_days_and_for_closed_campaigns_nobody_is_told(cast: Cast) -> None:
    entry(cast, DossierState.DRAFT)
    with clock.frozen(cast.campaign.due_on - timedelta(days=5)):
        deadlines.ask_deadlines()
        runner.run_due("w")
    type(cast.campaign).objects.update(state=CampaignState.CLOSED)
    with clock.frozen(cast.campaign.due_on):
        deadlines.ask_deadlines()
        runner.run_due("w")
    assert not Notice.objects.exists()
