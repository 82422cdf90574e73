"""The job table as a queue: ask, claim, hold the lease, move the checkpoint, finish (docs/architecture.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from portal import clock
from portal.choices import JOB_ENDED, JobState
from portal.errors import InvalidTransition
from portal.jobs import pace
from portal.jobs.registry import Chunk
from portal.models import Job, JobLog, Membership

MAX_ATTEMPTS = 3


class LeaseLost(Exception):
    """Another worker holds the job now: whoever sees this stops at once, having written nothing."""


def ask(
    kind: str,
    *,
    actor: Membership | None,
    params: dict[str, Any] | None = None,
    idempotency_key: str | None = None,
) -> Job:
    """Write the job row in the caller's transaction; the insert trigger notifies workers at commit.

    The same idempotency key gives the same job again.
    """
    fields: dict[str, Any] = {
        "kind": kind,
        "membership": actor,
        "organisation": actor.organisation if actor else None,
        "params": params or {},
    }
    if idempotency_key is None:
        return Job.objects.create(**fields)
    return Job.objects.get_or_create(idempotency_key=idempotency_key, defaults=fields)[0]


@transaction.atomic
def claim(owner: str, *, job_id: int | None = None) -> Job | None:
    """Take the next due job (or the named one) under a fresh lease; None when there is none.

    Organisations take turns: the one with the fewest running jobs first.
    """
    running = (
        Job.objects.filter(organisation=OuterRef("organisation"), state=JobState.RUNNING)
        .order_by()
        .values("organisation")
        .annotate(count=Count("pk"))
        .values("count")
    )
    due = Job.objects.due().select_for_update(skip_locked=True, of=("self",))
    if job_id is not None:
        due = due.filter(pk=job_id)
    job = due.order_by(Coalesce(Subquery(running), 0), "run_after", "pk").first()
    if job is None:
        return None
    job.attempt += 1
    if job.attempt > MAX_ATTEMPTS:
        job.state = JobState.FAILED
        job.error = _("Given up after %(count)s attempts.") % {"count": MAX_ATTEMPTS}
        job.lease_owner = ""
    else:
        job.state = JobState.RUNNING
        job.lease_owner = owner
    job.save(update_fields=["attempt", "state", "error", "lease_owner"])
    Job.objects.filter(pk=job.pk).update(lease_until=lease_end(), started_at=Now())
    return job


def lease_end() -> Any:
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def hold(job: Job) -> Job:
    """Renew the lease and read the row under lock; LeaseLost when it is no longer ours (fencing)."""
    kept = Job.objects.filter(
        pk=job.pk, attempt=job.attempt, lease_owner=job.lease_owner, state=JobState.RUNNING
    ).update(lease_until=lease_end())
    if not kept:
        raise LeaseLost(job.pk)
    return Job.objects.select_related("membership__organisation", "membership__user").get(pk=job.pk)


def checkpoint(job: Job, chunk: Chunk) -> None:
    """Write progress in the chunk's own transaction."""
    fields: dict[str, Any] = {"next_line": chunk.next_line, "stage": chunk.stage}
    # a chunk may have taken longer than the lease: whoever looks after the commit finds a fresh one
    fields["lease_until"] = lease_end()
    fields["marks"] = pace.marks_after(job, chunk, clock.now())
    if chunk.step is not None:
        fields["step"], fields["steps"] = chunk.step
    if chunk.total is not None:
        fields["total"] = chunk.total
    if chunk.result:
        fields["result"] = {**job.result, **chunk.result}
    if chunk.is_done:
        fields.update(state=JobState.DONE, finished_at=Now(), error="")
        fields.update(lease_owner="", lease_until=None)
    Job.objects.filter(pk=job.pk).update(**fields)
    JobLog.objects.bulk_create(JobLog(job_id=job.pk, message=line) for line in chunk.log)


def say(job: Job, stage: str) -> None:
    """Tell in words what long preparation does; between two ticks, outside any transaction."""
    Job.objects.filter(pk=job.pk, attempt=job.attempt, lease_owner=job.lease_owner).update(
        stage=stage
    )


def end(job: Job, state: JobState, error: str = "") -> bool:
    """Mark the job failed or cancelled; False (and nothing done) when another worker holds it now."""
    ours = Job.objects.filter(pk=job.pk, attempt=job.attempt, lease_owner=job.lease_owner)
    if not ours.update(
        state=state, error=error, finished_at=Now(), lease_owner="", lease_until=None
    ):
        return False
    # whoever is told of the end asks the row in memory how it ended
    job.state, job.error = state, error
    return True


def give_back(job: Job) -> None:
    """Let another worker go on from the checkpoint at once; this does not count as an attempt."""
    Job.objects.filter(
        pk=job.pk, attempt=job.attempt, lease_owner=job.lease_owner, state=JobState.RUNNING
    ).update(state=JobState.QUEUED, attempt=job.attempt - 1, lease_owner="", lease_until=None)


def postpone(job: Job, delay: timedelta, error: str) -> None:
    """Give the job back to be tried again later."""
    Job.objects.filter(
        pk=job.pk, attempt=job.attempt, lease_owner=job.lease_owner, state=JobState.RUNNING
    ).update(
        state=JobState.QUEUED,
        run_after=Now() + delay,
        error=error,
        lease_owner="",
        lease_until=None,
    )


@transaction.atomic
def cancel(*, job: Job) -> Job:
    """Ask a waiting or running job to stop at its next chunk; a second call changes nothing."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if job.state in JOB_ENDED:
        raise InvalidTransition(_("This job has ended already."))
    job.cancel_requested = True
    job.save(update_fields=["cancel_requested"])
    return job
