"""Mail to many is seen before it goes: held, number restated, released or thrown away."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.choices import BatchState, Role
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.jobs import runner
from portal.lists.export import ask_for_export
from portal.lists.registry import narrowed
from portal.models import AuditEntry, Membership, Notice, OutboxBatch, OutboxMessage, StoredFile
from portal.notices import registry
from portal.notices.registry import NoticeKind
from portal.services import notices, outbox
from portal.todo import todos_for
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

NOBODYS = 999_999_999
ALL_HAVE_READ = "收件人均已在页面阅读通知。"
SOON = NoticeKind("test.soon", "Invitation", lambda p: "You are invited", is_immediate=True)


@pytest.fixture(autouse=True)
def kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", {**registry._kinds, SOON.name: SOON})


def invite(cast: Cast, count: int) -> list[Membership]:
    people = [
        factories.membership(
            Role.INVENTOR,
            cast.university,
            user=factories.user(name=f"演示{n}", email=f"person{n}@example.edu.cn"),
        )
        for n in range(count)
    ]
    notices.notify(kind=SOON, recipients=people, url="/x/", actor=cast.manager)
    return people


def test_a_handful_goes_at_once(cast: Cast) -> None:
    invite(cast, outbox.HANDFUL)
    runner.run_due("w")
    assert len(mail.outbox) == outbox.HANDFUL
    assert not OutboxBatch.objects.exists()


def test_more_is_held_until_the_number_is_restated(cast: Cast) -> None:
    people = invite(cast, outbox.HANDFUL + 1)
    batch = OutboxBatch.objects.get()
    runner.run_due("w")
    assert mail.outbox == []
    assert (batch.state, batch.count, batch.author) == ("held", len(people), cast.manager)
    subjects = batch.messages.values_list("subject", flat=True)
    assert all(subject.startswith(batch.title) for subject in subjects)
    assert not Notice.objects.filter(mailed_at__isnull=False).exists()
    assert [line.count for line in todos_for(cast.manager) if "/outbox/" in line.url] == [1]

    with pytest.raises(ValidationError):
        outbox.release_batch(batch=batch, count=10, seen_version=1, actor=cast.manager)
    with pytest.raises(StaleVersion):
        outbox.release_batch(batch=batch, count=11, seen_version=7, actor=cast.manager)
    outbox.release_batch(batch=batch, count=11, seen_version=1, actor=cast.manager)
    runner.run_due("w")

    assert len(mail.outbox) == 11
    assert not Notice.objects.filter(mailed_at__isnull=True).exists()
    entry = AuditEntry.objects.filter(object_type="portal.outboxbatch").latest("pk")
    assert entry.changes == {"state": ["held", "released"], "count": [None, 11]}
    with pytest.raises(InvalidTransition):
        outbox.release_batch(batch=batch, count=11, seen_version=2, actor=cast.manager)


def test_who_has_read_it_gets_no_mail(cast: Cast) -> None:
    first, *_rest = invite(cast, 12)
    notices.mark_all_read(actor=first)
    batch = OutboxBatch.objects.get()

    with pytest.raises(ValidationError):
        outbox.release_batch(batch=batch, count=12, seen_version=1, actor=cast.manager)
    outbox.release_batch(batch=batch, count=11, seen_version=1, actor=cast.manager)
    runner.run_due("w")

    assert len(mail.outbox) == 11
    assert first.user.email not in {sent.to[0] for sent in mail.outbox}


def test_thrown_away_nothing_goes_and_no_text_is_kept(cast: Cast) -> None:
    invite(cast, 12)
    batch = OutboxBatch.objects.get()

    outbox.discard_batch(batch=batch, seen_version=1, actor=cast.manager)
    runner.run_due("w")

    batch.refresh_from_db()
    assert (mail.outbox, batch.state) == ([], BatchState.DISCARDED)
    assert set(OutboxMessage.objects.values_list("body", flat=True)) == {""}
    assert AuditEntry.objects.filter(object_type="portal.outboxbatch", action="state").exists()


def recipients_of(batch: OutboxBatch) -> str:
    return f"{reverse('portal:outbox-recipients')}?batch={batch.pk}"


def test_the_page_shows_a_sample_and_leads_to_the_recipients(cast: Cast) -> None:
    first, *_rest = invite(cast, 12)
    notices.mark_all_read(actor=first)
    batch = OutboxBatch.objects.get()

    page = signed_in(cast.manager).get(reverse("portal:outbox-batch", args=[batch.pk]))

    assert page.context["sample"]["recipient"].name == "演示1"
    assert page.context["count"] == 11
    assert recipients_of(batch) in page.content.decode()


def test_recipients_are_listed_with_masked_addresses_and_no_text(cast: Cast) -> None:
    invite(cast, 12)
    OutboxMessage.objects.update(body="演示正文")

    page = signed_in(cast.manager).get(recipients_of(OutboxBatch.objects.get())).content.decode()

    assert page.count("p***@example.edu.cn") == 12
    assert "演示3" in page
    assert "person3" not in page
    assert "演示正文" not in page


def test_the_file_of_recipients_masks_addresses_and_is_named_after_the_mail(cast: Cast) -> None:
    invite(cast, 12)
    batch = OutboxBatch.objects.get()

    ask_for_export(
        list_name="portal.recipients",
        query=f"batch={batch.pk}",
        file_format="csv",
        has_all_columns=True,
        actor=cast.manager,
    )
    runner.run_due("w")

    file = StoredFile.objects.get()
    lines = file.content.read().decode("utf-8-sig").splitlines()
    assert file.name.startswith(f"{batch.title}-收件人")
    assert lines[0] == "收件人,邮箱,发送时间"
    assert len(lines) == 13
    assert {line.split(",")[1] for line in lines[1:]} == {"p***@example.edu.cn"}


@pytest.mark.parametrize("who", ["outsider", "city", "unit_manager"])
def test_recipients_of_others_are_as_those_of_no_mail(cast: Cast, who: str) -> None:
    invite(cast, 12)
    batch = OutboxBatch.objects.get()
    actor = getattr(cast, who)
    client = signed_in(actor)

    answers = [client.get(recipients_of(OutboxBatch(pk=pk))) for pk in (batch.pk, NOBODYS)]

    assert [answer.status_code for answer in answers] == [404, 404]
    for pk in (batch.pk, NOBODYS):
        with pytest.raises(DomainError):
            narrowed("portal.recipients", f"batch={pk}", actor)


def test_recipients_are_found_by_name_and_by_whether_their_mail_went(cast: Cast) -> None:
    invite(cast, 12)
    batch = OutboxBatch.objects.get()
    first = OutboxMessage.objects.earliest("pk")
    OutboxMessage.objects.filter(pk=first.pk).update(sent_at=batch.created_at)

    def found(query: str) -> int:
        return narrowed("portal.recipients", f"batch={batch.pk}&{query}", cast.manager).count()

    assert [found(query) for query in ("", "q=演示11", "sent=yes", "sent=no")] == [12, 1, 1, 11]
    # the address is no word to search by
    assert found("q=person3") == 0


def test_where_all_have_read_it_the_list_says_so(cast: Cast) -> None:
    people = invite(cast, 12)
    client = signed_in(cast.manager)
    batch = OutboxBatch.objects.get()
    for person in people:
        notices.mark_all_read(actor=person)

    assert ALL_HAVE_READ in client.get(recipients_of(batch)).content.decode()


def test_where_mails_went_otherwise_nobody_is_said_to_have_read(cast: Cast) -> None:
    invite(cast, 12)
    batch = OutboxBatch.objects.get()
    OutboxMessage.objects.all().delete()

    page = signed_in(cast.manager).get(recipients_of(batch))

    assert page.context["page"].total == 0
    assert ALL_HAVE_READ not in page.content.decode()


@pytest.mark.parametrize("typed", ["", "abc", "11", "-1", "99999999999999"])
def test_a_wrong_number_is_refused_in_words(cast: Cast, typed: str) -> None:
    invite(cast, 12)
    batch = OutboxBatch.objects.get()
    path = reverse("portal:outbox-release", args=[batch.pk])

    response = signed_in(cast.manager).post(path, {"count": typed, "version": 1})

    assert response.status_code == 200
    assert response.context["form"].errors["count"]
    batch.refresh_from_db()
    assert batch.state == BatchState.HELD


def test_others_do_not_see_it(cast: Cast) -> None:
    invite(cast, 12)
    path = reverse("portal:outbox-batch", args=[OutboxBatch.objects.get().pk])
    colleague = factories.membership(Role.INSTITUTION_MANAGER, cast.university)
    answers = {
        who.pk: signed_in(who).get(path).status_code
        for who in (colleague, cast.outsider, cast.unit_manager, cast.inventor, cast.city)
    }
    assert list(answers.values()) == [200, 404, 404, 404, 404]


def test_a_batch_is_in_the_trail(cast: Cast) -> None:
    mails = [
        OutboxMessage(recipient=cast.city.user, address="a@example.org", subject="x", body="x")
        for _ in range(11)
    ]
    batch = outbox.write_batch(mails, title="演示", author=cast.manager)
    entry = AuditEntry.objects.get(object_type="portal.outboxbatch")
    assert batch is not None
    assert (entry.action, entry.object_id, entry.owner) == ("create", batch.pk, cast.university)
    assert entry.changes["count"] == [None, 11]
