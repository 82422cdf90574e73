"""The daily mail: what was not mailed, what is due; never empty, never twice, all items up to a bound."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from portal import clock, todo
from portal.choices import Role
from portal.clock import SHANGHAI
from portal.jobs import runner
from portal.models import DailyMail, Job, Membership, Notice, NoticeSettings
from portal.notices import registry
from portal.notices.registry import NoticeKind
from portal.services import daily_mail, notices
from portal.todo import Todo, TodoSource
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

LATER = NoticeKind("test.later", "Daily", lambda p: f"Later {p['count']}")
SOON = NoticeKind("test.soon", "At once", lambda p: f"Soon {p['count']}", is_immediate=True)
# a Tuesday
TODAY = date(2024, 4, 9)


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {LATER.name: LATER, SOON.name: SOON})
    monkeypatch.setattr(todo._registry, "sources", {})


@pytest.fixture
def reader(cast: Cast) -> Membership:
    user = factories.user(name="收件人", email="reader@example.edu.cn")
    return factories.membership(Role.INVENTOR, cast.university, user=user)


def due(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Everybody has three things due on a day."""
    line = Todo("Things to fill in", 3, "/todo/", due_on=day)
    source = TodoSource("test", lambda m: True, lambda ms: {m.pk: [line] for m in ms})
    monkeypatch.setattr(todo._registry, "sources", {"test": source})


def send(day: date = TODAY) -> list[Any]:
    """The mails of one morning."""
    before = len(mail.outbox)
    with clock.frozen(day):
        daily_mail.ask_daily_mail()
        runner.run_due("w")
    return mail.outbox[before:]


def test_what_nobody_mailed_goes_once(reader: Membership) -> None:
    notices.notify(kind=LATER, recipients=[reader], url="/a/")
    notices.notify(kind=SOON, recipients=[reader], url="/b/")
    runner.run_due("w")
    mail.outbox.clear()

    (letter,) = send()

    assert "Later 1" in letter.body
    assert "Soon 1" not in letter.body
    assert letter.to == ["reader@example.edu.cn"]
    assert DailyMail.objects.get().items == 1
    assert send() == []
    assert send(TODAY + timedelta(days=1)) == []


def test_never_an_empty_one(reader: Membership) -> None:
    assert send() == []
    assert not DailyMail.objects.exists()


def test_read_page_only_and_people_who_left(cast: Cast, reader: Membership) -> None:
    notices.notify(kind=LATER, recipients=[reader])
    notices.mark_all_read(actor=reader)
    NoticeSettings.objects.create(user=reader.user, deliveries={"test.later": "page"})
    notices.notify(kind=LATER, recipients=[reader])
    gone = factories.membership(
        Role.INVENTOR, cast.university, user=factories.user(email="gone@example.edu.cn")
    )
    notices.notify(kind=LATER, recipients=[gone])
    gone.user.is_active = False
    gone.user.save()

    assert send() == []


def test_all_items_up_to_a_bound_then_how_many_more(reader: Membership) -> None:
    for number in range(daily_mail.MOST_LINES + 7):
        notices.notify(kind=LATER, recipients=[reader], url=f"/{number}/")

    (letter,) = send()

    assert letter.body.count("Later 1") == daily_mail.MOST_LINES
    assert "另有 7 项" in letter.body
    assert f" {daily_mail.MOST_LINES + 7} 项事项" in letter.subject


def test_in_the_persons_language(reader: Membership) -> None:
    NoticeSettings.objects.create(user=reader.user, language="en")
    notices.notify(kind=LATER, recipients=[reader])
    assert send()[0].subject.startswith("1 thing for you on 2024-04-09")


@pytest.mark.parametrize(
    ("days", "goes"), [(0, True), (1, True), (2, False), (3, True), (7, True), (8, False)]
)
def test_due_things_by_themselves_on_some_days(
    reader: Membership, monkeypatch: pytest.MonkeyPatch, days: int, goes: bool
) -> None:
    due(monkeypatch, TODAY + timedelta(days=days))
    assert bool(send()) == goes


def test_late_things_by_themselves_once_a_week(
    reader: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(monkeypatch, TODAY - timedelta(days=30))
    monday = TODAY - timedelta(days=1)
    days = [monday + timedelta(days=number) for number in range(8)]
    assert [bool(send(day)) for day in days] == [True, *[False] * 6, True]


def test_a_person_may_leave_due_things_out(
    reader: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(monkeypatch, TODAY)
    NoticeSettings.objects.create(user=reader.user, deliveries={"portal.todo": "page"})
    assert send() == []


@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        (datetime(2024, 4, 9, 7, 59, tzinfo=SHANGHAI), False),
        (datetime(2024, 4, 9, 8, 0, tzinfo=SHANGHAI), True),
        (datetime(2024, 4, 9, 19, 59, tzinfo=SHANGHAI), True),
        (datetime(2024, 4, 9, 20, 0, tzinfo=SHANGHAI), False),
        # 清明 2024-04-04, and the Sunday worked instead
        (datetime(2024, 4, 4, 9, 0, tzinfo=SHANGHAI), False),
        (datetime(2024, 4, 7, 9, 0, tzinfo=SHANGHAI), True),
        (datetime(2024, 4, 13, 9, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_in_the_morning_of_working_days(cast: Cast, moment: datetime, asked: bool) -> None:
    with clock.frozen(moment):
        daily_mail.ask_daily_mail()
        daily_mail.ask_daily_mail()
    assert Job.objects.filter(kind=daily_mail.DAILY_MAIL).count() == int(asked)


def test_a_grown_notice_goes_again(reader: Membership) -> None:
    notices.notify(kind=LATER, recipients=[reader], url="/a/")
    assert len(send()) == 1
    notices.notify(kind=LATER, recipients=[reader], url="/a/")
    assert "Later 2" in send(TODAY + timedelta(days=1))[0].body
    assert Notice.objects.count() == 1


def test_many_people_take_the_same_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    people = [
        factories.membership(
            Role.INVENTOR, cast.university, user=factories.user(email=f"p{n}@example.edu.cn")
        )
        for n in range(60)
    ]
    notices.notify(kind=LATER, recipients=people)
    with clock.frozen(TODAY), django_assert_max_num_queries(20):
        chunk = daily_mail.send_daily_mails(Job(kind=daily_mail.DAILY_MAIL))
    assert chunk.result == {"mails": 60}
