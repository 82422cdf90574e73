"""Urging: figures of the moment, both sides' log, not twice a day unsaid, read and answered, scope by role."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from inventory import urge_text
from inventory.choices import DossierState
from inventory.models import Urge
from inventory.queries.late import late_targets, with_milestones
from inventory.services import urges
from inventory.services.urges import Order
from portal import clock, listing
from portal.errors import InvalidTransition, StaleVersion
from portal.models import AuditEntry, Membership, Notice, OutboxMessage
from portal.todo import todos_for
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

LATE = date(2025, 1, 12)


@pytest.fixture
def lists(cast: Cast) -> Cast:
    """3 of 4 open at the university, all in one school; 1 of 1 open at the other."""
    for state in (DossierState.UNFILED, DossierState.DRAFT, DossierState.UNIT_REVIEW):
        fields = {"unit": cast.school, "responsible": cast.inventor.user}
        factories.entry(cast.participation, state=state, is_filled=True, **fields)
    factories.entry(cast.participation, state=DossierState.COMPLETED, unit=cast.school)
    excluded = factories.entry(cast.participation, unit=cast.school)
    type(excluded).objects.filter(pk=excluded.pk).update(is_included=False)
    factories.entry(cast.other_participation, state=DossierState.DRAFT)
    return cast


def order(
    cast: Cast, *keys: int, text: str = "{name} {open}/{total} {due} {state}", **more: Any
) -> Order:
    return Order(cast.campaign, list(keys), text, more.pop("nonce", uuid.uuid4()), **more)


def shown(membership: Membership, cast: Cast) -> list[tuple[str, int, int]]:
    return [(t.name, t.open, t.total) for t in late_targets(membership, cast.campaign)]


def test_each_role_sees_its_own_late_ones(lists: Cast) -> None:
    university, other = lists.university.name, lists.other.name
    assert shown(lists.city, lists) == [(university, 3, 4), (other, 1, 1)]
    assert shown(lists.department, lists) == [(university, 3, 4)]
    assert shown(lists.other_department, lists) == []
    assert shown(lists.district_official, lists) == [(university, 3, 4)]
    assert shown(lists.manager, lists) == [(lists.school.name, 3, 4)]
    assert shown(lists.unit_manager, lists) == [(lists.inventor.user.name, 3, 3)]


def test_an_official_urges_and_both_sides_have_it(lists: Cast) -> None:
    with clock.frozen(LATE):
        sent = urges.send_urges(order=order(lists, lists.university.pk), actor=lists.department)

    (urge,) = sent.urges
    assert (urge.open_count, urge.total_count, urge.due_on) == (3, 4, lists.campaign.due_on)
    assert urge.days_late == 12
    assert urge.text == f"{lists.university.name} 3/4 2024-12-31 逾期 12 天"
    entry = AuditEntry.objects.get(object_type="inventory.urge", object_id=urge.pk)
    assert (entry.user, entry.owner) == (lists.department.user, lists.university)
    notice = Notice.objects.get(kind="inventory.urged")
    assert (notice.recipient, notice.url) == (lists.manager, urge.get_absolute_url())
    for membership in (lists.department, lists.city, lists.manager, lists.auditor):
        page = signed_in(membership).get(reverse("inventory:urge-list"))
        assert [each.pk for each in page.context["page"].items] == [urge.pk], membership
    for membership in (lists.other_department, lists.outsider, lists.unit_manager):
        page = signed_in(membership).get(reverse("inventory:urge-list"))
        assert page.context["page"].total == 0, membership
    assert next(t.label for t in todos_for(lists.manager)) == "待回复的督办"


def test_not_twice_a_day_without_saying_so(lists: Cast) -> None:
    keys = (lists.university.pk, lists.other.pk)
    with clock.frozen(LATE):
        urges.send_urges(order=order(lists, keys[0]), actor=lists.city)
        second = urges.send_urges(order=order(lists, *keys), actor=lists.city)
        assert [each.institution for each in second.urges] == [lists.other]
        assert [each.key for each in second.urged_today] == [lists.university.pk]

        again = urges.send_urges(order=order(lists, *keys, is_repeat=True), actor=lists.city)
        assert len(again.urges) == 2
    with clock.frozen(LATE + timedelta(days=1)):
        assert len(urges.send_urges(order=order(lists, *keys), actor=lists.city).urges) == 2


def test_the_same_form_twice_urges_once(lists: Cast) -> None:
    same = order(lists, lists.university.pk, is_repeat=True)
    for _ in range(2):
        urges.send_urges(order=same, actor=lists.city)
    assert Urge.objects.count() == 1


def test_foreign_and_finished_ones_are_not_urged(lists: Cast) -> None:
    sent = urges.send_urges(
        order=order(lists, lists.other.pk, 999_999, lists.health.pk), actor=lists.department
    )
    assert (sent.urges, sent.urged_today) == ([], [])


def test_a_manager_urges_units_and_a_units_manager_people(lists: Cast) -> None:
    (unit,) = urges.send_urges(order=order(lists, lists.school.pk), actor=lists.manager).urges
    (person,) = urges.send_urges(
        order=order(lists, lists.inventor.user_id), actor=lists.unit_manager
    ).urges

    assert (unit.target_name, person.target_name) == (
        lists.school.name,
        lists.inventor.user.name,
    )
    told = Notice.objects.filter(kind="inventory.urged").order_by("pk")
    assert [each.recipient for each in told] == [lists.unit_manager, lists.inventor]
    # what goes on inside an institution is not the city's
    assert not Urge.objects.visible_to(lists.city).exists()
    assert [u.pk for u in Urge.objects.visible_to(lists.inventor)] == [person.pk]


def test_read_then_answered_with_a_day(lists: Cast) -> None:
    (urge,) = urges.send_urges(order=order(lists, lists.university.pk), actor=lists.city).urges

    urges.read_urge(urge=urge, actor=lists.manager)
    with pytest.raises(InvalidTransition):
        urges.read_urge(urge=urge, actor=lists.manager)
    with pytest.raises(StaleVersion):
        urges.answer_urge(
            urge=urge, answer="x", promised_on=LATE, seen_version=1, actor=lists.manager
        )
    urges.answer_urge(
        urge=urge, answer="本周完成", promised_on=LATE, seen_version=2, actor=lists.manager
    )

    urge.refresh_from_db()
    assert (urge.read_by, urge.answer, urge.promised_on) == (lists.manager, "本周完成", LATE)
    notice = Notice.objects.get(kind="inventory.urge_answered")
    assert notice.recipient == lists.city
    acts = AuditEntry.objects.filter(object_type="inventory.urge").values_list("action", flat=True)
    assert list(acts.order_by("pk")) == ["create", "change", "change"]
    assert not [t for t in todos_for(lists.manager) if "urges" in t.url]


def test_banner_until_read(lists: Cast) -> None:
    urges.send_urges(order=order(lists, lists.university.pk, text="演示督办文字"), actor=lists.city)
    client = signed_in(lists.manager)
    assert "演示督办文字" in client.get(reverse("portal:home")).content.decode()
    client.post(reverse("inventory:urge-read", args=[Urge.objects.get().pk]))
    assert "演示督办文字" not in client.get(reverse("portal:home")).content.decode()


@pytest.mark.parametrize("day", ["", "2020-01-01", "nonsense"])
def test_a_bad_promise_is_refused_in_words(lists: Cast, day: str) -> None:
    (urge,) = urges.send_urges(order=order(lists, lists.university.pk), actor=lists.city).urges
    response = signed_in(lists.manager).post(
        reverse("inventory:urge-answer", args=[urge.pk]),
        {"answer": "好", "promised_on": day, "version": 1},
    )
    assert response.status_code == 200
    assert response.context["form"].errors["promised_on"]


def test_the_list_says_what_the_urging_will_say(lists: Cast) -> None:
    with clock.frozen(LATE):
        urges.send_urges(order=order(lists, lists.other.pk), actor=lists.city)
        client = signed_in(lists.city)

        def listed(query: str) -> list[str]:
            page = client.get(reverse("inventory:urge-targets") + query).context["page"]
            return [row.name for row in page.rows]

        university, other = lists.university.name, lists.other.name
        assert listed("") == [university, other]
        assert listed("?order=-open") == [other, university]
        assert listed("?urged=today") == [other]
        assert listed("?urged=no") == [university]
        assert listed("?urged=before") == listed("?late=no") == []
        assert listed(f"?q={other}") == [other]
        assert listed(f"?campaign={lists.campaign.pk}&late=yes") == [university, other]


def test_a_place_in_a_computed_order_is_found_again(
    lists: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    client = signed_in(lists.city)
    url = reverse("inventory:urge-targets")

    first = client.get(url).context
    second = client.get(url, {"cursor": first["page"].next_cursor}).context
    back = client.get(url, {"cursor": second["page"].previous_cursor}).context

    names = [[row.name for row in each["page"].rows] for each in (first, second, back)]
    assert names == [[lists.university.name], [lists.other.name], [lists.university.name]]
    # the lines for a chat group are those of all that match
    assert lists.other.name in first["chat"]


def test_all_that_match_are_looked_at_first(lists: Cast) -> None:
    url = reverse("inventory:urge-send") + f"?q={lists.other.name}"
    preview = signed_in(lists.city).post(url, {"all_matching": "1"})
    assert [each.name for each in preview.context["targets"]] == [lists.other.name]
    assert not Urge.objects.exists()


def test_several_are_looked_at_first_one_goes_with_one_click(lists: Cast) -> None:
    client = signed_in(lists.city)
    page = client.get(reverse("inventory:urge-targets"))
    posted = {
        "campaign": lists.campaign.pk,
        "nonce": str(page.context["nonce"]),
        "text": page.context["text"],
    }
    ticked = {"pick": [lists.university.pk, lists.other.pk]}
    preview = client.post(reverse("inventory:urge-send"), ticked)
    assert preview.status_code == 200
    assert not Urge.objects.exists()
    assert lists.university.name in preview.context["sample"]

    client.post(reverse("inventory:urge-send"), {**posted, "pick": [lists.other.pk], "confirm": 1})
    assert Urge.objects.get().institution == lists.other


@pytest.mark.parametrize(
    "changed", [{"pick": []}, {"campaign": "0"}, {"campaign": "x"}, {"pick": ["1-2", "abc"]}]
)
def test_bad_orders_send_nothing(lists: Cast, changed: dict[str, Any]) -> None:
    posted = {
        "campaign": lists.campaign.pk,
        "nonce": str(uuid.uuid4()),
        "text": "x",
        "pick": [lists.university.pk],
        "confirm": 1,
    }
    response = signed_in(lists.city).post(reverse("inventory:urge-send"), {**posted, **changed})
    assert response.status_code == 302
    assert not Urge.objects.exists()


def test_an_empty_text_comes_back_with_its_error(lists: Cast) -> None:
    posted = {
        "campaign": lists.campaign.pk,
        "nonce": str(uuid.uuid4()),
        "text": " ",
        "pick": [lists.university.pk],
        "confirm": 1,
    }
    response = signed_in(lists.city).post(reverse("inventory:urge-send"), posted)
    assert response.context["form"].errors["text"]
    assert not Urge.objects.exists()


def test_the_text_for_a_chat_group_has_figures_and_no_person(lists: Cast) -> None:
    targets = late_targets(lists.city, lists.campaign)
    text = urge_text.chat_text(lists.campaign, targets, "https://x/", names=True)
    assert lists.university.name in text
    assert "3" in text
    people = late_targets(lists.unit_manager, lists.campaign)
    text = urge_text.chat_text(lists.campaign, people, "https://x/", names=False)
    assert lists.inventor.user.name not in text
    page = signed_in(lists.unit_manager).get(reverse("inventory:urge-targets"))
    assert lists.inventor.user.name not in page.context["chat"]


def test_many_managers_make_a_held_batch(lists: Cast) -> None:
    for number in range(12):
        factories.membership(
            organisation=lists.university, user=factories.user(email=f"m{number}@example.edu.cn")
        )
    urges.send_urges(order=order(lists, lists.university.pk), actor=lists.city)
    assert OutboxMessage.objects.filter(batch__isnull=False).count() == 12


@pytest.mark.parametrize("count", [2, 30])
def test_sending_takes_constant_queries(
    lists: Cast, django_assert_max_num_queries: Any, count: int
) -> None:
    keys = []
    for _ in range(count):
        institution = factories.organisation()
        participation = factories.participation(institution, lists.campaign)
        factories.entry(participation)
        factories.membership(organisation=institution)
        keys.append(institution.pk)
    with django_assert_max_num_queries(16):
        sent = urges.send_urges(order=order(lists, *keys), actor=lists.city)
    assert len(sent.urges) == count


def test_institutions_are_named_with_the_milestones_they_are_late_against(lists: Cast) -> None:
    missed = factories.milestone(lists.campaign, name="填报过半", due_on=date(2024, 6, 1))
    factories.milestone(lists.campaign, name="全部完成", due_on=date(2024, 12, 31))

    with clock.frozen(date(2024, 6, 11)):
        targets = with_milestones(late_targets(lists.city, lists.campaign), lists.campaign)

    found = [(each.milestone, each.days_late) for each in targets[0].late_against]
    assert found == [(missed.pk, 10)]
