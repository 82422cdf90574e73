"""What the kernel does by itself: deliver mail, make the trail's months ahead, remove what has had its time."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.choices import JOB_ENDED
from portal.forgetting import add_forgetter
from portal.intake import undoing
from portal.jobs.registry import Chunk, JobKind, ScheduledTask, Tick, register, schedule
from portal.models import Job, ScheduledRun, SignInThrottle
from portal.services import (
    accounts,
    bulk,
    daily_mail,
    erasure,
    files,
    invitations,
    my_data,
    outbox,
)

# jobs nobody asked for are of no interest after this; jobs of people stay
SYSTEM_JOBS_KEPT = timedelta(days=7)
SLOTS_KEPT = timedelta(days=2)
THROTTLES_KEPT = timedelta(days=1)
MONTHS_AHEAD = 3


def deliver_mail(job: Job, tick: Tick) -> None:
    outbox.deliver(tick)


def finish_delivery(job: Job) -> Chunk:
    return Chunk(next_line=1, total=1, is_done=True)


def send_reset_links(job: Job) -> Chunk:
    count = accounts.send_reset_links(job=job)
    return Chunk(next_line=count, total=count, is_done=True)


def mail_invitations(job: Job) -> Chunk:
    return invitations.mail_links(job=job)


def make_audit_months() -> None:
    """Partitions of the audit for this month and the next three."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT portal_audit_month((date_trunc('month', now()) + n * interval '1 month')::date)"
            " FROM generate_series(0, %s) n",
            [MONTHS_AHEAD],
        )


def remove_leftovers() -> None:
    """Ended jobs of the schedule, past slots, and counters of sign-ins long over."""
    now = clock.now()
    Job.objects.filter(
        membership__isnull=True,
        state__in=JOB_ENDED,
        finished_at__lt=now - SYSTEM_JOBS_KEPT,
        idempotency_key__isnull=True,
    ).delete()
    ScheduledRun.objects.filter(slot__lt=now - SLOTS_KEPT).delete()
    SignInThrottle.objects.filter(updated_at__lt=now - THROTTLES_KEPT).delete()


def remove_expired_files() -> None:
    files.remove_expired_files()


def register_all() -> None:
    """Called once by PortalConfig.ready."""
    register(JobKind(outbox.DELIVERY, _("Sending mail"), finish_delivery, prepare=deliver_mail))
    register(JobKind(accounts.PASSWORD_RESET, _("Sending a password link"), send_reset_links))
    register(JobKind(my_data.MY_DATA, _("My data"), my_data.make_my_data))
    my_data.register_sections()
    add_forgetter("portal", erasure.forget_mail_and_notices)
    register(JobKind(daily_mail.DAILY_MAIL, _("Daily mail"), daily_mail.send_daily_mails))
    schedule(ScheduledTask("daily_mail", timedelta(minutes=10), daily_mail.ask_daily_mail))
    register(JobKind(invitations.MAIL_JOB, _("Mailing invitations"), mail_invitations))
    schedule(ScheduledTask("outbox", timedelta(seconds=10), outbox.ring_if_due))
    schedule(ScheduledTask("audit_months", timedelta(days=1), make_audit_months))
    schedule(ScheduledTask("expired_files", timedelta(minutes=15), remove_expired_files))
    schedule(ScheduledTask("bulk_leftovers", timedelta(hours=6), bulk.remove_leftovers))
    schedule(ScheduledTask("import_images", timedelta(hours=6), undoing.forget_images))
    schedule(ScheduledTask("leftovers", timedelta(hours=6), remove_leftovers))
