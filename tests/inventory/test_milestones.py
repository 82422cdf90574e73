"""Milestones and work plans: late from day one, own earlier days, versions of the plan."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from inventory.choices import DossierState, Goal
from inventory.models import BaseListEntry, CampaignInstitution, Milestone, PlanFile
from inventory.queries import milestones as queries
from inventory.services import campaigns, milestones, plans
from portal import clock
from portal.errors import StaleVersion
from portal.models import AuditEntry, Membership
from tests import factories
from tests.conftest import Cast, PageClient

pytestmark = pytest.mark.django_db
DAY = date(2024, 6, 30)
S = DossierState
ClientOf = Callable[[Membership], PageClient]


def parts(cast: Cast) -> Any:
    return CampaignInstitution.objects.filter(campaign=cast.campaign)


def standing(cast: Cast, on_day: date) -> queries.Standing:
    (found,) = queries.standings(parts(cast), on_day)[cast.participation.pk]
    return found


def test_late_from_the_first_day_after(cast: Cast) -> None:
    factories.milestone(cast.campaign, due_on=DAY)
    factories.entry(cast.participation)

    on_the_day, day_one = standing(cast, DAY), standing(cast, DAY + timedelta(days=1))

    assert (on_the_day.is_late, on_the_day.days_left) == (False, 0)
    assert (day_one.is_late, day_one.days_late, day_one.lacking) == (True, 1, 1)


def test_reached_or_nothing_to_do_is_not_late(cast: Cast) -> None:
    factories.milestone(cast.campaign, due_on=DAY)
    factories.entry(cast.participation, state=S.COMPLETED)
    excluded = factories.entry(cast.participation)
    BaseListEntry.objects.filter(pk=excluded.pk).update(is_included=False)

    late = queries.late(parts(cast), DAY + timedelta(days=30))

    assert late == []


@pytest.mark.parametrize(
    ("goal", "reached"),
    [(Goal.ASSIGNED, 5), (Goal.FILED, 4), (Goal.UNIT_REVIEWED, 3), (Goal.COMPLETE, 2)],
)
def test_what_counts_for_each_goal(cast: Cast, goal: str, reached: int) -> None:
    factories.milestone(cast.campaign, goal=goal)
    factories.entry(cast.participation)
    factories.entry(cast.participation, state=S.DRAFT, responsible=cast.inventor.user)
    factories.entry(cast.participation, state=S.UNIT_REVIEW)
    factories.entry(cast.participation, state=S.INSTITUTION_REVIEW)
    factories.entry(cast.participation, state=S.COMPLETED)
    revised = factories.entry(cast.participation, state=S.COMPLETED)
    type(revised.dossier).objects.filter(pk=revised.dossier_id).update(state=S.DRAFT)

    found = standing(cast, DAY)

    assert (found.total, found.reached) == (6, reached)
    lacking = BaseListEntry.objects.filter(campaign=cast.campaign).lacking(goal)
    assert lacking.count() == found.total - found.reached


@pytest.mark.parametrize(("share", "needed"), [(100, 3), (67, 3), (66, 2), (1, 1)])
def test_a_share_is_rounded_up(cast: Cast, share: int, needed: int) -> None:
    factories.milestone(cast.campaign, share=share)
    for _ in range(3):
        factories.entry(cast.participation)

    assert standing(cast, DAY).needed == needed


def test_the_latest_come_first(cast: Cast) -> None:
    factories.milestone(cast.campaign, name="一", due_on=DAY)
    factories.milestone(cast.campaign, name="二", due_on=DAY - timedelta(days=9), goal=Goal.FILED)
    factories.entry(cast.participation)

    late = queries.late(parts(cast), DAY + timedelta(days=1))

    assert [(each.name, each.days_late) for each in late] == [("二", 10), ("一", 1)]


def test_queries_are_constant(cast: Cast, django_assert_num_queries: Callable[[int], Any]) -> None:
    for number in range(4):
        factories.milestone(cast.campaign, due_on=DAY + timedelta(days=number))
        factories.participation(factories.organisation(), cast.campaign)
        factories.entry(cast.participation)

    with django_assert_num_queries(4):
        queries.standings(parts(cast), DAY)


# --- changing them ----------------------------------------------------------------------------------


def test_an_own_day_is_earlier_or_refused(cast: Cast) -> None:
    general = factories.milestone(cast.campaign, due_on=DAY)
    factories.entry(cast.participation)
    values = {"milestone": general, "participation": cast.participation, "actor": cast.manager}

    milestones.set_earlier_day(**values, due_on=DAY - timedelta(days=10))
    with pytest.raises(ValidationError):
        milestones.set_earlier_day(**values, due_on=DAY)

    found = standing(cast, DAY)
    assert (found.due_on, found.is_own, found.days_late) == (DAY - timedelta(days=10), True, 10)
    (other,) = queries.standings(parts(cast), DAY)[cast.other_participation.pk]
    assert (other.due_on, other.is_own) == (DAY, False)
    milestones.set_earlier_day(**values, due_on=None)
    assert standing(cast, DAY).is_own is False
    assert AuditEntry.objects.filter(object_type="inventory.milestone").count() == 2


def test_moving_the_day_of_the_campaign_drops_days_that_are_no_earlier(cast: Cast) -> None:
    general = factories.milestone(cast.campaign, due_on=DAY)
    milestones.set_earlier_day(
        milestone=general,
        participation=cast.participation,
        due_on=DAY - timedelta(days=3),
        actor=cast.manager,
    )
    general.due_on = DAY - timedelta(days=5)

    milestones.save_milestone(milestone=general, seen_version=1, actor=cast.city)

    assert list(Milestone.objects.values_list("due_on", flat=True)) == [DAY - timedelta(days=5)]


def test_added_changed_removed_with_the_trail(cast: Cast) -> None:
    made = milestones.add_milestone(
        milestone=Milestone(campaign=cast.campaign, name="甲", due_on=DAY, goal="filed"),
        actor=cast.city,
    )
    made.share = 80
    with pytest.raises(StaleVersion):
        milestones.save_milestone(milestone=made, seen_version=7, actor=cast.city)
    milestones.save_milestone(milestone=made, seen_version=1, actor=cast.city)
    milestones.remove_milestone(milestone=made, seen_version=2, actor=cast.city)

    assert not Milestone.objects.exists()
    assert [entry.changes.get("share") for entry in AuditEntry.objects.order_by("pk")] == [
        [None, 100],
        [100, 80],
        [80, None],
    ]


def test_before_the_opening_or_twice_is_refused(cast: Cast) -> None:
    factories.milestone(cast.campaign, due_on=DAY)
    early = Milestone(
        campaign=cast.campaign,
        name="甲",
        goal="filed",
        due_on=cast.campaign.opens_on - timedelta(1),
    )
    twice = Milestone(campaign=cast.campaign, name="乙", goal="complete", due_on=DAY)

    for milestone in (early, twice):
        with pytest.raises(ValidationError):
            milestones.add_milestone(milestone=milestone, actor=cast.city)


# --- plans ------------------------------------------------------------------------------------------


def office(part: str, *more: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in (part, *more):
            package.writestr(name, "<x/>")
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("方案.pdf", b"%PDF-1.7 x", 302),
        ("方案.docx", office("word/document.xml"), 302),
        ("方案.xlsx", office("xl/workbook.xml"), 302),
        ("方案.doc", OLE, 302),
        ("方案.exe", b"%PDF-1.7 x", 422),
        ("方案.pdf", b"MZ program", 422),
        ("方案.docx", office("xl/workbook.xml"), 422),
        ("方案.docx", office("word/document.xml", "word/vbaProject.bin"), 422),
        ("方案.docx", b"PK\x03\x04 broken", 422),
        ("方案.pdf", b"", 422),
    ],
)
def test_plans_are_known_by_their_content(
    cast: Cast, client_of: ClientOf, name: str, content: bytes, status: int
) -> None:
    url = f"/inventory/participations/{cast.participation.pk}/plan/"
    answer = client_of(cast.manager).post(url, {"file": SimpleUploadedFile(name, content)})

    assert answer.status_code == status
    assert PlanFile.objects.count() == (1 if status == 302 else 0)


def test_a_plan_has_versions_and_the_same_file_is_the_same(cast: Cast) -> None:
    def add(text: bytes) -> PlanFile:
        return plans.add_plan(
            participation=cast.participation,
            content=ContentFile(text),
            name="方案.pdf",
            note="修订",
            actor=cast.manager,
        )

    numbers = [add(b"%PDF-1").number, add(b"%PDF-2").number, add(b"%PDF-2").number]

    assert numbers == [1, 2, 2]
    assert AuditEntry.objects.filter(object_type="inventory.planfile").count() == 2


def test_officials_in_charge_open_the_plan_others_do_not(cast: Cast, client_of: ClientOf) -> None:
    plan = plans.add_plan(
        participation=cast.participation,
        content=ContentFile(b"%PDF-1"),
        name="方案.pdf",
        note="",
        actor=cast.manager,
    )
    url = f"/inventory/plans/{plan.pk}/"

    assert client_of(cast.department).get(url).status_code == 200
    assert client_of(cast.other_department).get(url).status_code == 404
    assert client_of(cast.outsider).get(url).status_code == 404
    assert AuditEntry.objects.filter(action="view").count() == 1


def test_contacts_are_encrypted_masked_and_not_in_the_trail(
    cast: Cast, client_of: ClientOf
) -> None:
    cast.participation.first_contact_name = "演示联系人"
    cast.participation.first_contact_phone = "13812345678"
    campaigns.save_participation(
        participation=cast.participation,
        changed=["first_contact_name", "first_contact_phone"],
        seen_version=1,
        actor=cast.manager,
    )
    url = f"/inventory/participations/{cast.participation.pk}/"

    own = client_of(cast.manager).get(url).content.decode()
    theirs = client_of(cast.department).get(url).content.decode()

    assert "13812345678" in own
    assert "演示联系人" in theirs
    assert "13812345678" not in theirs
    assert "13812345678" not in str(AuditEntry.objects.get().changes)


def test_the_campaign_page_lists_the_late_first(cast: Cast, client_of: ClientOf) -> None:
    factories.milestone(cast.campaign, due_on=clock.today() - timedelta(days=3))
    factories.entry(cast.participation)
    url = f"/inventory/campaigns/{cast.campaign.pk}/"

    city = client_of(cast.city).get(url).context["rows"]
    department = client_of(cast.department).get(url).context["rows"]

    assert [(row["it"].institution, row["days_late"]) for row in city] == [
        (cast.university, 3),
        (cast.other, 0),
    ]
    assert [row["it"].institution for row in department] == [cast.university]


def test_an_empty_list_has_reached_nothing(cast: Cast, client_of: ClientOf) -> None:
    factories.milestone(cast.campaign, due_on=DAY)

    found = standing(cast, DAY + timedelta(days=1))
    own = client_of(cast.manager).get(f"/inventory/participations/{cast.participation.pk}/")
    campaign = client_of(cast.city).get(f"/inventory/campaigns/{cast.campaign.pk}/")

    assert (found.is_reached, found.is_late) == (False, False)
    assert "底账尚无专利" in own.content.decode()
    assert "尚无专利" in campaign.content.decode()


def test_the_message_of_an_upload_by_script_waits_for_the_page(
    cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.manager)
    address = f"/inventory/participations/{cast.participation.pk}/"
    plan = SimpleUploadedFile("方案.pdf", b"%PDF-1.4")

    followed = client.post(
        f"{address}plan/", {"file": plan}, follow=True, headers={"X-Upload": "1"}
    )
    opened = client.get(address)

    assert (followed.status_code, followed.content) == (204, b"")
    assert followed.redirect_chain == [(address, 302)]
    assert "已保存为第 1 版。" in opened.content.decode()
