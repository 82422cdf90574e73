"""Rolling campaigns, and next year's: who comes onto which list, due when, and what stays behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.choices import CampaignKind, CampaignState, DossierState, SimpleStatus
from inventory.models import (
    BaseListEntry,
    Campaign,
    CampaignInstitution,
    Dossier,
    Milestone,
    Patent,
    PatentHolder,
)
from inventory.services import base_lists, campaigns, carry_over, rolling
from inventory.tasks import deadlines
from inventory.tasks import years as tasks
from portal import clock
from portal.jobs import runner
from portal.models import AuditEntry, Job, Membership, Notice
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
CUTOFF = date(2023, 12, 31)


def rolling_campaign(cast: Cast, **fields: object) -> Campaign:
    made = factories.campaign(
        kind=CampaignKind.ROLLING,
        follows=cast.campaign,
        granted_after=CUTOFF,
        cutoff_on=date(2030, 12, 31),
        days_to_file=90,
        due_on=date(2031, 3, 31),
        **fields,
    )
    factories.participation(cast.university, made)
    factories.participation(cast.other, made)
    return made


def listed(campaign: Campaign) -> set[tuple[int, int]]:
    entries = BaseListEntry.objects.filter(campaign=campaign)
    return set(entries.values_list("institution", "patent"))


# --- rolling ----------------------------------------------------------------------------------------


def test_the_first_day_after_the_cutoff_is_rolling_the_last_before_is_not(cast: Cast) -> None:
    campaign = rolling_campaign(cast)
    before = factories.patent(cast.university, granted_on=CUTOFF)
    after = factories.patent(cast.university, granted_on=date(2024, 1, 1))
    fixed = base_lists.list_patents(
        actor=cast.manager,
        campaign=cast.campaign,
        institution=cast.university,
        patent_ids=[before.pk, after.pk],
    )

    _last, made = rolling.take_later_grants(campaign=campaign, actor=None)

    assert len(fixed) == 1
    assert made == 1
    assert listed(campaign) == {(cast.university.pk, after.pk)}
    assert listed(cast.campaign) == {(cast.university.pk, before.pk)}


def test_a_grant_is_due_so_many_days_after_its_announcement(cast: Cast) -> None:
    campaign = rolling_campaign(cast)
    factories.patent(cast.university, granted_on=date(2024, 5, 7))

    rolling.take_later_grants(campaign=campaign, actor=None)

    entry = BaseListEntry.objects.get(campaign=campaign)
    assert entry.due_on == date(2024, 5, 7) + timedelta(days=90)
    assert list(BaseListEntry.objects.overdue(date(2024, 8, 5))) == []
    assert list(BaseListEntry.objects.overdue(date(2024, 8, 6))) == [entry]
    assert AuditEntry.objects.filter(object_type="inventory.baselistentry").count() == 1


def test_every_participating_holder_gets_it_ended_rights_and_others_do_not(cast: Cast) -> None:
    campaign = rolling_campaign(cast)
    stranger = factories.organisation()
    granted = date(2024, 5, 7)
    joint = factories.patent(cast.university, cast.other, stranger, granted_on=granted)
    factories.patent(stranger, granted_on=granted)
    factories.patent(cast.university, granted_on=granted, simple_status=SimpleStatus.ENDED)

    rolling.take_later_grants(campaign=campaign, actor=None)
    again = rolling.take_later_grants(campaign=campaign, actor=None)

    assert listed(campaign) == {(cast.university.pk, joint.pk), (cast.other.pk, joint.pk)}
    assert again == (None, 0)


def test_a_corrected_grant_day_moves_the_due_day(cast: Cast) -> None:
    campaign = rolling_campaign(cast)
    patent = factories.patent(cast.university, granted_on=date(2024, 5, 7))
    rolling.take_later_grants(campaign=campaign, actor=None)
    Patent.objects.filter(pk=patent.pk).update(granted_on=date(2024, 5, 17))

    changed = rolling.bring_due_days_up_to_date(patent_ids=[patent.pk])

    assert (changed, BaseListEntry.objects.get().due_on) == (1, date(2024, 8, 15))
    assert rolling.bring_due_days_up_to_date(patent_ids=[patent.pk]) == 0


def test_every_night_each_open_rolling_campaign_takes_what_came(cast: Cast) -> None:
    campaign = rolling_campaign(cast)
    rolling_campaign(cast, state=CampaignState.CLOSED)
    yesterday = clock.today() - timedelta(days=1)
    patent = factories.patent(cast.university, granted_on=yesterday)

    tasks.ask_for_later_grants()
    tasks.ask_for_later_grants()
    runner.run_due("test-worker")

    assert (Job.objects.count(), Job.objects.get().error) == (1, "")
    assert listed(campaign) == {(cast.university.pk, patent.pk)}
    assert BaseListEntry.objects.get().due_on == yesterday + timedelta(days=90)
    notice = Notice.objects.get(kind="inventory.later_grants")
    assert (notice.recipient, notice.count) == (cast.manager, 1)


def test_the_responsible_person_is_told_by_the_day_of_each_grant(cast: Cast) -> None:
    campaign = rolling_campaign(cast)
    for days in (87, 86, 85):
        granted = clock.today() - timedelta(days=days)
        factories.patent(cast.university, granted_on=granted)
    rolling.take_later_grants(campaign=campaign, actor=None)
    Dossier.objects.update(responsible=cast.inventor.user)

    deadlines.ask_deadlines()
    runner.run_due("test-worker")

    notice = Notice.objects.get(kind="inventory.due")
    assert (notice.recipient, notice.count) == (cast.inventor, 1)
    assert notice.due_on == clock.today() + timedelta(days=3)


def test_chunks_cut_between_holders_of_one_patent_lose_nobody(cast: Cast) -> None:
    campaign = rolling_campaign(cast)
    for _ in range(3):
        factories.patent(cast.university, cast.other, granted_on=date(2024, 5, 7))
    after: int | None = 0
    while after is not None:
        after, _made = rolling.take_later_grants(
            campaign=campaign, actor=None, after=after, limit=3
        )

    assert len(listed(campaign)) == 6


# --- next year --------------------------------------------------------------------------------------


def next_year(cast: Cast, **fields: object) -> Campaign:
    made = factories.campaign(
        follows=cast.campaign,
        state=CampaignState.DRAFT,
        cutoff_on=date(2024, 12, 31),
        base_day=date(2024, 12, 31),
        opens_on=date(2025, 3, 1),
        due_on=date(2025, 12, 31),
        **fields,
    )
    factories.participation(cast.university, made, review_steps=1)
    return made


def test_preview_and_run_agree(cast: Cast) -> None:
    third = factories.organisation()
    kept = factories.entry(cast.participation, state=DossierState.COMPLETED)
    gone = factories.entry(cast.participation)
    BaseListEntry.objects.filter(pk=gone.pk).update(is_included=False)
    ended = factories.entry(cast.participation)
    Patent.objects.filter(pk=ended.patent_id).update(simple_status=SimpleStatus.ENDED)
    sold = factories.entry(cast.participation)
    PatentHolder.objects.filter(patent=sold.patent_id).update(organisation=third)
    factories.entry(cast.other_participation)
    bought = factories.entry(cast.other_participation)
    PatentHolder.objects.filter(patent=bought.patent_id).update(organisation=cast.university)
    campaign = next_year(cast)

    preview = carry_over.preview(campaign)
    campaigns.open_campaign(campaign=campaign, seen_version=1, actor=cast.city)
    runner.run_due("test-worker")

    assert (preview.carried, preview.ended, preview.excluded) == (1, 1, 1)
    assert (preview.holders_changed, preview.left, preview.new_holders) == (2, 1, 1)
    assert preview.entries == 6
    assert listed(campaign) == {
        (cast.university.pk, kept.patent_id),
        (cast.university.pk, bought.patent_id),
    }
    assert Job.objects.get().result["entries"] == preview.carried + preview.new_holders


def test_dossiers_move_along_and_last_year_stays(cast: Cast) -> None:
    done = factories.entry(
        cast.participation, state=DossierState.COMPLETED, responsible=cast.inventor.user
    )
    draft = factories.entry(cast.participation, state=DossierState.DRAFT, is_filled=True)
    campaign = next_year(cast)

    campaigns.open_campaign(campaign=campaign, seen_version=1, actor=cast.city)
    runner.run_due("test-worker")

    new = CampaignInstitution.objects.get(campaign=campaign)
    for entry in (done, draft):
        dossier = Dossier.objects.get(pk=entry.dossier_id)
        assert (dossier.participation, dossier.state) == (new, entry.dossier.state)
    assert Dossier.objects.get(pk=done.dossier_id).responsible == cast.inventor.user
    done.refresh_from_db()
    assert done.confirmed_on is not None
    this = BaseListEntry.objects.get(campaign=campaign, patent=done.patent_id)
    assert (this.confirmed_on, this.due_on) == (None, date(2025, 12, 31))


def test_a_patent_filed_by_another_changes_hands_with_its_people(cast: Cast) -> None:
    entry = factories.entry(
        cast.other_participation, responsible=cast.outsider.user, state=DossierState.DRAFT
    )
    PatentHolder.objects.filter(patent=entry.patent_id).update(organisation=cast.university)
    campaign = next_year(cast)

    carry_over.carry_patents(campaign=campaign, actor=cast.city, after=0, limit=10)

    dossier = Dossier.objects.get(pk=entry.dossier_id)
    assert dossier.participation.institution == cast.university
    assert (dossier.responsible, dossier.unit) == (None, None)


def test_carrying_again_and_in_small_chunks_changes_nothing(cast: Cast) -> None:
    for _ in range(5):
        factories.entry(cast.participation)
    campaign = next_year(cast)
    after: int | None = 0
    made = 0
    while after is not None:
        after, _patents, entries = carry_over.carry_patents(
            campaign=campaign, actor=cast.city, after=after, limit=2
        )
        made += entries
    trail = AuditEntry.objects.count()

    again = carry_over.carry_patents(campaign=campaign, actor=cast.city, after=0, limit=100)
    keys = list(BaseListEntry.objects.values_list("patent", flat=True))
    moved = base_lists.adopt_dossiers(campaign=campaign, patent_ids=keys, actor=cast.city)

    assert (made, again[2], moved) == (5, 0, 0)
    assert AuditEntry.objects.count() == trail


def test_later_grants_of_the_rolling_campaign_come_along(cast: Cast) -> None:
    later = rolling_campaign(cast)
    patent = factories.patent(cast.university, granted_on=date(2024, 5, 7))
    factories.patent(cast.university, granted_on=date(2025, 5, 7))
    rolling.take_later_grants(campaign=later, actor=None)
    campaign = next_year(cast)

    carry_over.carry_patents(campaign=campaign, actor=cast.city, after=0, limit=100)

    assert listed(campaign) == {(cast.university.pk, patent.pk)}
    assert len(listed(later)) == 2


def test_queries_do_not_grow_with_the_patents(cast: Cast) -> None:
    campaign = next_year(cast)
    asked = []
    for size in (2, 12):
        for _ in range(size):
            factories.entry(cast.participation, state=DossierState.COMPLETED)
        with CaptureQueriesContext(connection) as queries:
            carry_over.carry_patents(campaign=campaign, actor=cast.city, after=0, limit=100)
        asked.append(len(queries))

    assert len(listed(campaign)) == 14
    assert asked[0] == asked[1]


def test_settings_and_milestones_come_along(cast: Cast) -> None:
    CampaignInstitution.objects.filter(pk=cast.participation.pk).update(
        review_steps=1, responsible_name="演示科技处", first_contact_name="演示甲"
    )
    factories.milestone(cast.campaign, due_on=date(2024, 6, 1))
    draft = Campaign(
        name="演示次年",
        follows=cast.campaign,
        cutoff_on=date(2024, 12, 31),
        base_day=date(2024, 12, 31),
        opens_on=date(2025, 3, 1),
        due_on=date(2025, 12, 31),
    )

    made = campaigns.create_campaign(
        campaign=draft, institutions=[cast.university], actor=cast.city
    )

    new = made.participations.get()
    assert (new.review_steps, new.responsible, new.first_contact_name) == (
        1,
        "演示科技处",
        "演示甲",
    )
    assert Milestone.objects.get(campaign=made).due_on == date(2025, 6, 1)


# --- pages ------------------------------------------------------------------------------------------

FORM = {
    "name": "演示滚动",
    "kind": "rolling",
    "scope": "all",
    "cutoff_on": "2025-12-31",
    "base_day": "2024-01-01",
    "opens_on": "2024-03-01",
    "days_to_file": "90",
}


def test_the_form_makes_a_rolling_campaign(
    cast: Cast, client_of: Callable[[Membership], PageClient]
) -> None:
    client = client_of(cast.city)

    answer = client.post("/inventory/campaigns/new/", {**FORM, "follows": cast.campaign.pk})

    made = Campaign.objects.get(name="演示滚动")
    assert answer.status_code == 302
    assert (made.granted_after, made.days_to_file) == (CUTOFF, 90)
    assert made.due_on == date(2026, 3, 31)
    assert not made.milestones.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"follows": ""}, "follows"),
        ({"days_to_file": ""}, "days_to_file"),
        ({"days_to_file": "0"}, "days_to_file"),
        ({"cutoff_on": "2023-12-31"}, "cutoff_on"),
        ({"kind": "fixed", "due_on": ""}, "due_on"),
        ({"kind": "fixed", "due_on": "2026-01-01", "opens_on": "2024-03-01"}, "opens_on"),
        (
            {
                "kind": "fixed",
                "due_on": "2026-01-01",
                "opens_on": "2025-03-01",
                "cutoff_on": "2022-01-01",
            },
            "cutoff_on",
        ),
    ],
)
def test_the_form_says_what_is_wrong(
    cast: Cast,
    client_of: Callable[[Membership], PageClient],
    changes: dict[str, str],
    field: str,
) -> None:
    page = client_of(cast.city).post(
        "/inventory/campaigns/new/", {**FORM, "follows": cast.campaign.pk, **changes}
    )

    assert page.status_code == 200
    assert field in page.context["form"].errors


def test_opening_says_first_what_happens(
    cast: Cast, client_of: Callable[[Membership], PageClient]
) -> None:
    factories.entry(cast.participation)
    campaign = next_year(cast)
    client = client_of(cast.city)
    url = f"/inventory/campaigns/{campaign.pk}/open/"

    page = client.get(url)
    answer = client.post(url, {"version": 1})

    assert [line["count"] for line in page.context["consequences"]] == [1, 1]
    assert answer["Location"] == f"/jobs/{Job.objects.get().pk}/"
    assert client.post(url, {"version": 1}).status_code == 409


def test_an_edited_due_day_reaches_the_entries(
    cast: Cast, client_of: Callable[[Membership], PageClient]
) -> None:
    factories.entry(cast.participation)
    url = f"/inventory/campaigns/{cast.campaign.pk}/edit/"
    values = {
        "name": cast.campaign.name,
        "kind": "fixed",
        "scope": "all",
        "cutoff_on": "2023-12-31",
        "base_day": "2023-12-31",
        "opens_on": "2024-03-01",
        "due_on": "2025-02-28",
        "version": 1,
    }

    client_of(cast.city).post(url, values)

    assert BaseListEntry.objects.get().due_on == date(2025, 2, 28)
