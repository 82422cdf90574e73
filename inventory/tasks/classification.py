"""Applying concordances to the patents, and ranking dossiers after key industries changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from inventory.models import ClassificationTable
from inventory.services import classification, priorities
from portal import clock
from portal.jobs.registry import Chunk, JobKind, ScheduledTask, register, schedule
from portal.models import Job


def classify(job: Job) -> Chunk:
    """One chunk of patents; a table that is not in force any more ends the job."""
    table = ClassificationTable.objects.get(pk=job.params["table"])
    begun = job.result.get("begun") or clock.now().isoformat()
    if not table.is_current:
        return Chunk(job.next_line, is_done=True, stage=str(_("Not in force any more")))
    since = job.params["since"]
    last = classification.classify_patents(
        table=table,
        after=job.next_line,
        limit=settings.JOB_CHUNK_ROWS,
        since=datetime.fromisoformat(since) if since else None,
    )
    if last is None:
        # patents changed while the job ran are found again next time
        ClassificationTable.objects.filter(pk=table.pk).update(applied_at=begun)
    return Chunk(
        last or job.next_line,
        is_done=last is None,
        stage=str(_("Classifying patents")),
        result={"begun": begun},
    )


def rank(job: Job) -> Chunk:
    """One chunk of dossiers."""
    last = priorities.rank_next(after=job.next_line, limit=settings.JOB_CHUNK_ROWS)
    return Chunk(last or job.next_line, is_done=last is None, stage=str(_("Ranking dossiers")))


def classify_changes() -> None:
    """Every hour: patents that came or changed since get their industries."""
    for table in classification.current_concordances():
        if table.applied_at is not None and classification.changed_since(table):
            classification.ask_to_classify(table)


def register_tasks() -> None:
    """Called once from AppConfig.ready."""
    register(JobKind(classification.KIND, _("Classifying patents"), chunk=classify))
    register(JobKind(priorities.KIND, _("Ranking dossiers"), chunk=rank))
    schedule(ScheduledTask("inventory.classify-changes", timedelta(hours=1), classify_changes))
