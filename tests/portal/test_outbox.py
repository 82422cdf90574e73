"""The outbox: one stable id, retries with growing pauses, nothing sent twice on success."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.functions import Now

from portal.jobs import runner
from portal.models import Job, OutboxMessage, User
from portal.services import outbox
from tests import factories


class BrokenServer(BaseEmailBackend):
    """A mail server that takes no connection."""

    def send_messages(self, messages: object) -> int:
        raise ConnectionRefusedError("no mail server")


@pytest.fixture
def person(db) -> User:
    return factories.user(name="收件人", email="person@example.edu.cn")


@pytest.fixture
def broken(settings) -> Iterator[None]:
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    yield
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def write(person: User, language: str = "zh-hans") -> OutboxMessage | None:
    return outbox.write_mail(
        recipient=person,
        template="password_reset",
        context={"person": person, "link": "https://portal.example/x?a=1&b=2"},
        language=language,
    )


def nothing() -> None:
    """Stands for the renewal of the lease."""


def test_a_mail_is_a_row_that_the_worker_delivers(person: User) -> None:
    message = write(person)
    assert mail.outbox == []

    runner.run_due("w")

    message.refresh_from_db()
    assert (message.sent_at is not None, message.body, message.attempts) == (True, "", 1)
    sent = mail.outbox[0]
    assert sent.extra_headers["Message-ID"] == f"<{message.message_id}@localhost>"
    assert "https://portal.example/x?a=1&b=2" in sent.body
    assert "\n" not in sent.subject


def test_mail_is_written_in_the_language_asked_for(person: User) -> None:
    english = write(person, "en")

    assert english.subject == "Set a new password · Existing Patents Portal"


def test_nobody_without_address_gets_mail(db) -> None:
    assert write(factories.user()) is None
    assert Job.objects.count() == 0


def test_many_mails_ring_once(person: User) -> None:
    for _ in range(3):
        write(person)

    assert Job.objects.filter(kind=outbox.DELIVERY).count() == 1
    runner.run_due("w")
    assert len(mail.outbox) == 3


def test_a_refused_mail_waits_longer_each_time_and_keeps_its_id(
    person: User, broken, settings
) -> None:
    message = write(person)
    ids = set()
    for attempt in (1, 2, 3):
        OutboxMessage.objects.update(next_try_at=Now())
        assert outbox.deliver(nothing) == 0
        message.refresh_from_db()
        ids.add(outbox.message_id_of(message))
        assert message.attempts == attempt
    assert outbox.deliver(nothing) == 0
    message.refresh_from_db()

    assert (message.attempts, message.error, len(ids)) == (3, "no mail server", 1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutboxMessage.objects.update(next_try_at=Now())
    assert [outbox.deliver(nothing), outbox.deliver(nothing)] == [1, 0]
    assert len(mail.outbox) == 1


def test_pauses_double_up_to_six_hours() -> None:
    seconds = [outbox.pause_after(n).total_seconds() for n in (1, 2, 3, 10, 11, 500)]

    assert seconds == [30, 60, 120, 15360, 21600, 21600]


def test_after_twelve_attempts_a_person_must_look(person: User) -> None:
    message = write(person)
    OutboxMessage.objects.update(attempts=outbox.MAX_ATTEMPTS)

    assert outbox.deliver(nothing) == 0
    message.refresh_from_db()
    assert (message.attempts, message.sent_at) == (12, None)


def test_the_schedule_rings_for_what_is_due(person: User) -> None:
    write(person)
    Job.objects.all().delete()
    OutboxMessage.objects.update(next_try_at=Now() + timedelta(hours=1))
    outbox.ring_if_due()
    assert Job.objects.count() == 0

    OutboxMessage.objects.update(next_try_at=Now())
    outbox.ring_if_due()
    outbox.ring_if_due()

    assert Job.objects.filter(kind=outbox.DELIVERY).count() == 1
