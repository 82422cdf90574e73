"""Doing the work of one job: prepare, then chunk after chunk, each in one transaction with its checkpoint."""

from __future__ import annotations

import logging
import os
import socket
import time
import uuid
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import OperationalError, close_old_connections, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from portal import audit
from portal.choices import JobState
from portal.errors import DomainError
from portal.failpoints import failpoint
from portal.jobs import queue
from portal.jobs.registry import JobKind, kind_named
from portal.models import Job

log = logging.getLogger(__name__)


def worker_name() -> str:
    """Name under which a worker holds leases; unique per process."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[:64]


def run_next(owner: str, *, job_id: int | None = None, until: float | None = None) -> bool:
    """Claim and do one due job, to its end or until time.monotonic() passes `until`; False when nothing was due."""
    close_old_connections()
    job = queue.claim(owner, job_id=job_id)
    if job is None:
        return False
    if job.state == JobState.FAILED:
        _settle(job, JobState.FAILED, job.error)
        return True
    with audit.origin(job_id=job.pk), translation.override("zh-hans"):
        try:
            _work(job, until)
        except queue.LeaseLost:
            log.warning("job %s: lease lost, stopping", job.pk)
        except OperationalError as problem:
            close_old_connections()
            queue.postpone(job, timedelta(seconds=5 * job.attempt), str(problem))
        except (DomainError, ValidationError) as problem:
            _settle(job, JobState.FAILED, _words(problem))
        except Exception:  # noqa: BLE001 - top level of the worker: the job fails, the worker lives
            log.exception("job %s (%s) failed", job.pk, job.kind)
            message = _("An unexpected fault stopped this job. Its number for support: %(number)s")
            _settle(job, JobState.FAILED, message % {"number": job.pk})
    return True


def run_due(owner: str, *, seconds: float | None = None) -> int:
    """Do due jobs one after the other, giving up the lease between chunks after so many seconds; returns how many."""
    until = None if seconds is None else time.monotonic() + seconds
    done = 0
    while (until is None or time.monotonic() < until) and run_next(owner, until=until):
        done += 1
    return done


def _work(job: Job, until: float | None) -> None:
    kind = kind_named(job.kind)
    if kind is None:
        raise DomainError(_("This version of the portal does not know jobs of kind %s.") % job.kind)
    if kind.prepare is not None:
        held = queue.hold(job)
        kind.prepare(held, lambda: _tick(job))
    while _one_chunk(job, kind):
        failpoint("job.between_chunks")
        if until is not None and time.monotonic() > until:
            queue.give_back(job)
            return


def _tick(job: Job) -> None:
    """Renew the lease during long preparation; a cancelled job stops here, too."""
    if queue.hold(job).cancel_requested:
        raise DomainError(_("Cancelled."))


def _one_chunk(job: Job, kind: JobKind) -> bool:
    """One transaction: fence, work, checkpoint. True while there is more."""
    with transaction.atomic():
        held = queue.hold(job)
        if held.cancel_requested:
            queue.end(held, JobState.CANCELLED)
            if kind.failed is not None:
                kind.failed(held)
            return False
        if held.membership is not None and not held.membership.is_active:
            raise DomainError(_("The rights of the person who asked for this were withdrawn."))
        chunk = kind.chunk(held)
        queue.checkpoint(held, chunk)
        failpoint("job.before_commit")
    failpoint("job.after_commit")
    return not chunk.is_done


@transaction.atomic
def _settle(job: Job, state: JobState, error: str) -> None:
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        state, error = JobState.CANCELLED, ""
    queue.end(job, state, error)
    kind = kind_named(job.kind)
    if kind is not None and kind.failed is not None:
        kind.failed(Job.objects.get(pk=job.pk))


def _words(problem: DomainError | ValidationError) -> str:
    if isinstance(problem, ValidationError):
        return "; ".join(problem.messages)
    return str(problem.message)
