"""Mail to many is seen before it goes: held, number restated, released or thrown away."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.choices import BatchState, Role
from portal.errors import InvalidTransition, StaleVersion
from portal.jobs import runner
from portal.models import AuditEntry, Membership, Notice, OutboxBatch, OutboxMessage
from portal.notices import registry
from portal.notices.registry import NoticeKind
from portal.services import notices, outbox
from portal.todo import todos_for
from tests import factories
from tests.conftest import Cast, signed_in

pytestmark = pytest.mark.django_db

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


def test_the_page_shows_a_sample_and_masked_addresses(cast: Cast) -> None:
    invite(cast, 12)
    batch = OutboxBatch.objects.get()
    client = signed_in(cast.manager)

    page = client.get(reverse("portal:outbox-batch", args=[batch.pk])).content.decode()

    assert "You are invited" in page
    assert "p***@example.edu.cn" in page
    assert "person3@example.edu.cn" not in page


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
