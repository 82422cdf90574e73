"""Mail as rows: written in the business transaction, delivered afterwards, at least once, with a stable Message-ID."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from portal import audit, clock
from portal.access import check_version
from portal.choices import AuditAction, BatchState, JobState
from portal.errors import InvalidTransition
from portal.jobs import queue
from portal.models import Invitation, Job, Membership, Notice, OutboxBatch, OutboxMessage, User

log = logging.getLogger(__name__)

DELIVERY = "outbox"
MAX_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
BATCH = 500
# more mails than this by one act are seen by their sender before they go
HANDFUL = 10


Context = dict[str, Any] | Callable[[], dict[str, Any]]


def compose(
    *, recipient: User, template: str, context: Context, language: str
) -> OutboxMessage | None:
    """An unsaved mail from emails/<template>_subject.txt and emails/<template>.txt; None without an address.

    A context whose words depend on the language is given as a function: it is called in the reader's language.
    """
    if not recipient.email:
        return None
    with translation.override(language):
        words = context() if callable(context) else context
        subject = render_to_string(f"emails/{template}_subject.txt", words)
        body = render_to_string(f"emails/{template}.txt", words)
    return OutboxMessage(
        recipient=recipient,
        address=recipient.email,
        subject=" ".join(subject.split())[:200],
        body=body,
    )


@transaction.atomic
def write_mail(
    *, recipient: User, template: str, context: Context, language: str
) -> OutboxMessage | None:
    """Put one mail into the outbox, to go at once; None without an address."""
    message = compose(recipient=recipient, template=template, context=context, language=language)
    if message is not None:
        write_many([message])
    return message


@transaction.atomic
def write_many(messages: Sequence[OutboxMessage]) -> int:
    """Put composed mails into the outbox, to go at once; returns how many."""
    OutboxMessage.objects.bulk_create(messages, batch_size=1000)
    ring()
    return len(messages)


@transaction.atomic
def write_batch(
    messages: Sequence[OutboxMessage], *, title: str, author: Membership
) -> OutboxBatch | None:
    """Mail to people: to a handful it goes at once (None), to more it is held until somebody has looked at it."""
    if len(messages) <= HANDFUL:
        write_many(messages)
        return None
    batch = OutboxBatch.objects.create(title=title[:200], author=author, count=len(messages))
    for message in messages:
        message.batch = batch
    OutboxMessage.objects.bulk_create(messages, batch_size=1000)
    audit.record(
        actor=author,
        action=AuditAction.CREATE,
        target=batch,
        changes={"title": [None, batch.title], "count": [None, batch.count]},
    )
    return batch


@transaction.atomic
def release_batch(
    *, batch: OutboxBatch, count: int, seen_version: int, actor: Membership
) -> OutboxBatch:
    """Let a held batch go. `count` is the number as the person restates it: ValidationError when it is another.

    Mails whose notice was read meanwhile, or went with a daily mail, are dropped and not counted.
    """
    batch = _held(batch, seen_version)
    held = OutboxMessage.objects.filter(batch=batch)
    useful = set(held.still_useful().values_list("pk", flat=True))
    if count != len(useful):
        raise ValidationError(
            _("%(count)s mails would go. Write this number.") % {"count": len(useful)}
        )
    held.exclude(pk__in=useful).delete()
    Notice.objects.filter(pk__in=held.values("notice")).update(mailed_at=Now())
    _decide(batch, BatchState.RELEASED, actor, count)
    ring()
    return batch


@transaction.atomic
def discard_batch(*, batch: OutboxBatch, seen_version: int, actor: Membership) -> OutboxBatch:
    """Throw a held batch away; what its notices say stands on the page and goes with the daily mail.

    Invitations whose link was in it are as before the link was made.
    """
    batch = _held(batch, seen_version)
    thrown = OutboxMessage.objects.filter(batch=batch)
    _forget_links(list(thrown.exclude(invitation=None).values_list("invitation", flat=True)), actor)
    thrown.update(body="")
    _decide(batch, BatchState.DISCARDED, actor, batch.count)
    return batch


def _forget_links(invitations: Sequence[int], actor: Membership) -> None:
    """Links that nobody will get work no more."""
    held = list(
        Invitation.objects.select_for_update(of=("self",))
        .filter(pk__in=invitations)
        .pending()
        .order_by("pk")
    )
    for invitation in held:
        invitation.token_digest = invitation.sent_at = invitation.expires_at = None
        invitation.is_mailed = False
        invitation.version += 1
    fields = ["token_digest", "sent_at", "expires_at", "is_mailed", "version"]
    Invitation.objects.bulk_update(held, fields, batch_size=1000)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=invitation,
            changes={"link": ["mail", None]},
        )
        for invitation in held
    )


@transaction.atomic
def withdraw_held(invitations: Sequence[int]) -> None:
    """Drop the held mails of these invitations: the link they bring has stopped working."""
    OutboxMessage.objects.filter(invitation__in=invitations, batch__state=BatchState.HELD).delete()


def _held(batch: OutboxBatch, seen_version: int) -> OutboxBatch:
    batch = OutboxBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != BatchState.HELD:
        raise InvalidTransition(_("This mail was decided on already."))
    check_version(seen_version, batch.version)
    return batch


def _decide(batch: OutboxBatch, state: BatchState, actor: Membership, count: int) -> None:
    batch.state, batch.count = state, count
    batch.decided_by, batch.decided_at = actor, clock.now()
    batch.version += 1
    batch.save(update_fields=["state", "count", "decided_by", "decided_at", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        owner=batch.author.organisation_id,
        changes={"state": [str(BatchState.HELD), str(state)], "count": [None, count]},
    )


def ring() -> None:
    """Ask for a delivery unless one waits already."""
    if not Job.objects.filter(kind=DELIVERY, state=JobState.QUEUED).exists():
        queue.ask(DELIVERY, actor=None)


def ring_if_due() -> None:
    """The schedule's part: what could not be delivered is tried again when its pause is over."""
    if _due().exists():
        ring()


def deliver(tick: Callable[[], None]) -> int:
    """Send what is due, one message after the other, outside any transaction; returns how many were sent."""
    sent = 0
    for _number in range(BATCH):
        tick()
        message = _take()
        if message is None:
            break
        sent += _send(message)
    return sent


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling from half a minute to six hours."""
    doubled: int = 2 ** min(attempts - 1, 20)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def message_id_of(message: OutboxMessage) -> str:
    """The same for every attempt, so that a mail server can drop a repetition."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{message.message_id}@{host}>"


def _due() -> Any:
    return OutboxMessage.objects.may_go().filter(
        sent_at__isnull=True, next_try_at__lte=Now(), attempts__lt=MAX_ATTEMPTS
    )


@transaction.atomic
def _take() -> OutboxMessage | None:
    """Claim one message by counting the attempt and moving its next try, before anything is sent."""
    message: OutboxMessage | None = (
        _due().select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at").first()
    )
    if message is None:
        return None
    message.attempts += 1
    OutboxMessage.objects.filter(pk=message.pk).update(
        attempts=F("attempts") + 1, next_try_at=Now() + pause_after(message.attempts)
    )
    return message


def _send(message: OutboxMessage) -> bool:
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.address],
        headers={"Message-ID": message_id_of(message), "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (SMTPException, OSError) as problem:
        log.warning("mail %s, attempt %s: %s", message.pk, message.attempts, problem)
        OutboxMessage.objects.filter(pk=message.pk).update(error=str(problem)[:2000])
        return False
    # the text may hold a link that opens an account: it is not kept once it has left
    OutboxMessage.objects.filter(pk=message.pk).update(sent_at=Now(), error="", body="")
    return True
