"""Every night findings are worked out anew for all that wait; every hour stars are counted."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inventory.services import findings, star_counts
from portal import clock
from portal.jobs.queue import ask
from portal.jobs.registry import Chunk, JobKind, ScheduledTask, register, schedule
from portal.models import Job

FINDINGS = "inventory.findings"
STARS = "inventory.star-counts"


def ask_for_findings() -> None:
    """One job a day."""
    ask(FINDINGS, actor=None, idempotency_key=f"{FINDINGS}:{clock.today().isoformat()}")


def work_out_findings(job: Job) -> Chunk:
    """One chunk; the checkpoint is the last dossier's key."""
    last = findings.refresh_waiting(after=job.next_line, limit=settings.JOB_CHUNK_ROWS)
    return Chunk(next_line=last or job.next_line, is_done=last is None)


def count_stars() -> None:
    star_counts.refresh_star_counts()


def register_tasks() -> None:
    """Called once from AppConfig.ready."""
    kind = JobKind(
        name=FINDINGS, label=_("Working out what reviewers see first"), chunk=work_out_findings
    )
    register(kind)
    schedule(ScheduledTask(FINDINGS, timedelta(days=1), ask_for_findings))
    schedule(ScheduledTask(STARS, timedelta(hours=1), count_stars))
