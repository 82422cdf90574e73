"""Notices: grouped, in the reader's language, mailed at once or kept for the daily mail, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from inventory.notices import ASSIGNED, RETURNED
from portal import todo
from portal.choices import NoticeDelivery, Role
from portal.errors import StaleVersion
from portal.jobs import runner
from portal.models import AuditEntry, Membership, Notice, NoticeSettings, OutboxMessage
from portal.notices import registry
from portal.notices.registry import NoticeKind
from portal.notices.words import in_words
from portal.services import notices
from portal.services.notices import To
from portal.todo import Todo, TodoSource, todos_of
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

SOON = NoticeKind(
    "test.soon", "At once", lambda p: f"{p['count']} of {p.get('what', '')}", is_immediate=True
)
LATER = NoticeKind("test.later", "Daily", lambda p: f"{p['count']} things")


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {**registry._kinds, SOON.name: SOON, LATER.name: LATER})


@pytest.fixture
def reader(cast: Cast) -> Membership:
    user = factories.user(name="收件人", email="reader@example.edu.cn")
    return factories.membership(Role.INVENTOR, cast.university, user=user)


def test_a_notice_at_once_is_on_the_page_and_in_the_outbox(cast: Cast, reader: Membership) -> None:
    told = notices.notify(
        kind=SOON,
        recipients=[To(reader.pk, {"what": "演示专利"}, 12)],
        url="/x/",
        actor=cast.manager,
    )

    notice = Notice.objects.get()
    assert told == 1
    assert (notice.recipient, notice.count, notice.actor) == (reader, 12, cast.manager)
    assert in_words(notice).title == "12 of 演示专利"
    assert notice.mailed_at is not None
    assert OutboxMessage.objects.get().recipient == reader.user


def test_mail_in_the_readers_language_with_a_link(cast: Cast, settings: Any) -> None:
    settings.SITE_URL = "https://portal.example"
    chinese = factories.user(email="a@example.edu.cn")
    english = factories.user(email="b@example.edu.cn")
    NoticeSettings.objects.create(user=english, language="en")
    people = [
        factories.membership(Role.INVENTOR, cast.university, user=u) for u in (chinese, english)
    ]

    notices.notify(kind=ASSIGNED, recipients=[To(p.pk, {}, 12) for p in people], url="/todo/")
    runner.run_due("w")

    by_address = {sent.to[0]: sent for sent in mail.outbox}
    assert by_address["a@example.edu.cn"].subject.startswith("12 件专利已指定由您盘点")
    assert by_address["b@example.edu.cn"].subject.startswith("12 patents were assigned to you")
    assert "https://portal.example/todo/" in by_address["a@example.edu.cn"].body


def test_daily_kinds_write_no_mail(reader: Membership) -> None:
    notices.notify(kind=LATER, recipients=[reader])

    assert Notice.objects.get().delivery == NoticeDelivery.DAILY
    assert not OutboxMessage.objects.exists()


def test_the_person_decides(reader: Membership) -> None:
    NoticeSettings.objects.create(
        user=reader.user, deliveries={"test.soon": "page", "test.later": "at_once"}
    )

    notices.notify(kind=SOON, recipients=[reader])
    notices.notify(kind=LATER, recipients=[reader])

    assert [m.subject.split(" · ")[0] for m in OutboxMessage.objects.all()] == ["1 things"]
    assert set(Notice.objects.values_list("kind", "delivery")) == {
        ("test.soon", "page"),
        ("test.later", "at_once"),
    }


def test_the_same_again_adds_to_the_unread_one_without_a_second_mail(reader: Membership) -> None:
    for count in (1, 4):
        notices.notify(kind=SOON, recipients=[To(reader.pk, {}, count)], url="/x/")
    assert (Notice.objects.get().count, OutboxMessage.objects.count()) == (5, 1)

    notices.mark_read(notices=[Notice.objects.get().pk], actor=reader)
    notices.notify(kind=SOON, recipients=[reader], url="/x/")
    assert list(Notice.objects.order_by("pk").values_list("count", flat=True)) == [5, 1]


def test_each_act_in_one_notice_keeps_its_reason(cast: Cast, reader: Membership) -> None:
    told = ("照片不清", "权属不清", "权属不清", "缺合同")
    for reason, actor in zip(told, (cast.manager, cast.manager, cast.manager, None), strict=True):
        notices.notify(
            kind=RETURNED,
            recipients=[To(reader.pk, {"title": f"专利{reason}"})],
            params={"reason": reason, **({"by": actor.user.name} if actor else {})},
            url="/x/",
            actor=actor,
        )

    notice = Notice.objects.get()
    name = cast.manager.user.name
    assert notice.count == 4
    assert in_words(notice).detail.split("\n") == [
        "专利缺合同 · 理由：缺合同",
        f"专利权属不清 · 理由：权属不清 · 办理人：{name}",
        f"专利照片不清 · 理由：照片不清 · 办理人：{name}",
    ]
    assert [act["actor"] for act in notice.params["earlier"]] == [cast.manager.pk] * 3


def test_of_many_acts_in_one_notice_the_newest_are_kept(reader: Membership) -> None:
    for number in range(14):
        params = {"title": "某专利", "reason": str(number)}
        notices.notify(kind=RETURNED, recipients=[To(reader.pk, params)], url="/x/")

    lines = in_words(Notice.objects.get()).detail.split("\n")

    assert len(lines) == 11
    assert (lines[0].endswith("13"), lines[-1].endswith("3")) == (True, True)


def test_what_the_clock_sends_goes_once(reader: Membership) -> None:
    told = [
        notices.notify_once(kind=SOON, recipients=[To(reader.pk)], key="due:1:3") for _ in range(2)
    ]
    assert told == [1, 0]

    notices.mark_all_read(actor=reader)
    assert notices.notify_once(kind=SOON, recipients=[To(reader.pk)], key="due:1:3") == 0
    assert (Notice.objects.count(), OutboxMessage.objects.count()) == (1, 1)


def test_left_out_are_the_actor_inactive_people_and_ended_roles(
    cast: Cast, reader: Membership
) -> None:
    gone = factories.membership(
        Role.INVENTOR, cast.university, user=factories.user(is_active=False)
    )
    ended = factories.membership(Role.INVENTOR, cast.university, is_active=False)

    told = notices.notify(kind=SOON, recipients=[gone, ended, reader], actor=reader)

    assert (told, Notice.objects.count()) == (0, 0)


@pytest.mark.parametrize("count", [3, 300])
def test_any_number_of_recipients_takes_the_same_queries(
    cast: Cast, django_assert_num_queries: Any, count: int
) -> None:
    people = [
        factories.membership(
            Role.INVENTOR, cast.university, user=factories.user(email=f"p{n}@example.edu.cn")
        )
        for n in range(count)
    ]
    # savepoint, readers, notices, their words, mails, the worker's bell, mailed
    with django_assert_num_queries(11):
        told = notices.notify(kind=SOON, recipients=people, url="/x/")
    assert (told, OutboxMessage.objects.count()) == (count, count)


def test_settings_are_kept_with_an_entry(cast: Cast) -> None:
    actor = cast.manager
    changed = notices.change_settings(
        deliveries={"inventory.assigned": "page", "no-such": "page"},
        language="en",
        seen_version=0,
        actor=actor,
    )
    assert (changed.deliveries, changed.version) == ({"inventory.assigned": "page"}, 1)
    entry = AuditEntry.objects.get(object_type="portal.noticesettings")
    assert entry.changes == {
        "inventory.assigned": ["at_once", "page"],
        "language": ["zh-hans", "en"],
    }

    with pytest.raises(StaleVersion):
        notices.change_settings(deliveries={}, language="en", seen_version=0, actor=actor)


def test_the_bell_counts_without_a_query_of_its_own(cast: Cast) -> None:
    client = signed_in(cast.manager)
    assert 'class="bell-count"' not in client.get(reverse("portal:todo")).content.decode()

    notices.notify(kind=LATER, recipients=[cast.manager], url="/a/")
    notices.notify(kind=LATER, recipients=[cast.manager], url="/b/")

    assert (
        '<span class="bell-count">2</span>' in client.get(reverse("portal:todo")).content.decode()
    )


def test_opening_reads_it_and_acts_in_the_capacity_it_is_for(cast: Cast) -> None:
    second = factories.membership(Role.INVENTOR, cast.other, user=cast.manager.user)
    notices.notify(kind=LATER, recipients=[second], url="/todo/")
    notice = Notice.objects.get()
    client = signed_in(cast.manager)

    response = client.post(reverse("portal:notice-open", args=[notice.pk]), follow=True)

    notice.refresh_from_db()
    assert notice.read_at is not None
    assert response.redirect_chain == [("/todo/", 302)]
    assert response.context["membership"] == second


@pytest.mark.parametrize("url", ["//evil.example/", "https://evil.example/", ""])
def test_opening_leads_nowhere_else(cast: Cast, url: str) -> None:
    notices.notify(kind=LATER, recipients=[cast.manager], url=url)
    path = reverse("portal:notice-open", args=[Notice.objects.get().pk])
    assert signed_in(cast.manager).post(path)["Location"] == reverse("portal:notice-list")


def test_notices_are_found_by_what_they_name_and_by_their_kind(cast: Cast) -> None:
    notices.notify(kind=SOON, recipients=[To(cast.manager.pk, {"what": "石墨烯"})], url="/a/")
    notices.notify(kind=LATER, recipients=[To(cast.manager.pk, {"what": "电机"})], url="/b/")
    client = signed_in(cast.manager)

    found = {
        word: [
            line.label
            for line in client.get(reverse("portal:notice-list"), {"q": word}).context["page"].rows
        ]
        for word in ("石墨", "daily", "what")
    }

    # the names of the parameters are no words
    assert found == {"石墨": ["At once"], "daily": ["Daily"], "what": []}


def test_most_urgent_first_and_nothing_empty(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        Todo("no day", 1, "/n/"),
        Todo("late", 1, "/l/", due_on=date(2024, 1, 1)),
        Todo("empty", 0, "/e/", due_on=date(2023, 1, 1)),
        Todo("soon", 1, "/s/", due_on=date(2024, 2, 1)),
    ]
    source = TodoSource("test", lambda m: m == cast.manager, lambda ms: {m.pk: lines for m in ms})
    monkeypatch.setattr(todo._registry, "sources", {"test": source})

    found = todos_of([cast.manager, cast.inventor])

    assert [each.label for each in found[cast.manager.pk]] == ["late", "soon", "no day"]
    assert found[cast.inventor.pk] == []
