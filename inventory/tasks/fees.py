"""Every night the fee days that passed move on."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inventory.services import fees
from portal import clock
from portal.jobs.queue import ask
from portal.jobs.registry import Chunk, JobKind, ScheduledTask, register, schedule
from portal.models import Job

KIND = "inventory.fees"


def ask_for_fees() -> None:
    """One job a day."""
    ask(KIND, actor=None, idempotency_key=f"{KIND}:{clock.today().isoformat()}")


def move_fees_on(job: Job) -> Chunk:
    """One chunk; the checkpoint is the last patent's key."""
    last = fees.move_fees_on(
        after=job.next_line, limit=settings.JOB_CHUNK_ROWS, on_day=clock.today()
    )
    return Chunk(next_line=last or job.next_line, is_done=last is None)


def register_tasks() -> None:
    """Called once from AppConfig.ready."""
    register(JobKind(name=KIND, label=_("Moving annual fees on"), chunk=move_fees_on))
    schedule(ScheduledTask(KIND, timedelta(days=1), ask_for_fees))
