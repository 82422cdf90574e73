"""Doing the work of one job: prepare, then chunk after chunk, each in one transaction with its checkpoint."""

from __future__ import annotations

import logging
import math
import os
import socket
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from portal import audit, memory
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


def never() -> bool:
    """The worker is not asked to stop."""
    return False


def run_next(owner: str, *, job_id: int | None = None, is_over: Callable[[], bool] = never) -> bool:
    """Claim and do one due job, to its end or until the worker is to stop; False when nothing was due."""
    _drop_broken_connection()
    job = queue.claim(owner, job_id=job_id)
    if job is None:
        return False
    failpoint("job.after_claim")
    if job.state == JobState.FAILED:
        _settle(job, JobState.FAILED, job.error)
        return True
    with audit.origin(job_id=job.pk), translation.override("zh-hans"):
        try:
            _work(job, is_over)
        except queue.LeaseLost:
            log.warning("job %s: lease lost, stopping", job.pk)
        except OperationalError as problem:
            _drop_broken_connection()
            queue.postpone(job, timedelta(seconds=5 * job.attempt), str(problem))
        except (DomainError, ValidationError) as problem:
            _settle(job, JobState.FAILED, _words(problem))
        except Exception:
            log.exception("job %s (%s) failed", job.pk, job.kind)
            message = _("An unexpected fault stopped this job. Its number for support: %(number)s")
            _settle(job, JobState.FAILED, message % {"number": job.pk})
    return True


def run_due(
    owner: str, *, seconds: float | None = None, is_stopping: Callable[[], bool] = never
) -> int:
    """Do due jobs one after the other; returns how many.

    After so many seconds, or when the worker is to stop, the job in hand is given back between two chunks.
    """
    until = math.inf if seconds is None else time.monotonic() + seconds

    def is_over() -> bool:
        return is_stopping() or time.monotonic() > until

    done = 0
    while not is_over() and run_next(owner, is_over=is_over):
        done += 1
    return done


def _work(job: Job, is_over: Callable[[], bool]) -> None:
    kind = kind_named(job.kind)
    if kind is None:
        raise DomainError(_("This version of the portal does not know jobs of kind %s.") % job.kind)
    held = queue.hold(job)
    if kind.prepare is not None and not held.cancel_requested:
        _check_rights(held)
        kind.prepare(held, lambda: _tick(job))
    while _one_chunk(job, kind):
        failpoint("job.between_chunks")
        memory.tidy()
        if is_over():
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
        _check_rights(held)
        chunk = kind.chunk(held)
        queue.checkpoint(held, chunk)
        if not chunk.is_done:
            _commit_at_leisure()
        failpoint("job.before_commit")
    failpoint("job.after_commit")
    return not chunk.is_done


def _commit_at_leisure() -> None:
    """Let this transaction end without waiting for the disk: the server writes it within a second.

    Should the server itself break down within that second, the piece is gone together with its checkpoint and is done
    once more. The last piece waits, and with it all before it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _drop_broken_connection() -> None:
    """A worker lives long: after a restart of the database it must not go on with a dead connection."""
    if not connection.in_atomic_block:
        close_old_connections()


def _check_rights(job: Job) -> None:
    """The work is done with the rights of who asked, so these must still hold."""
    asked = job.membership
    if asked is None or (asked.is_active and asked.user.is_active and asked.organisation.is_active):
        return
    raise DomainError(_("The rights of the person who asked for this were withdrawn."))


@transaction.atomic
def _settle(job: Job, state: JobState, error: str) -> None:
    if Job.objects.filter(pk=job.pk, cancel_requested=True).exists():
        state, error = JobState.CANCELLED, ""
    if not queue.end(job, state, error):
        log.warning("job %s: lease lost before it could be ended, leaving it", job.pk)
        return
    kind = kind_named(job.kind)
    if kind is not None and kind.failed is not None:
        kind.failed(Job.objects.get(pk=job.pk))


def _words(problem: DomainError | ValidationError) -> str:
    if isinstance(problem, ValidationError):
        return "; ".join(problem.messages)
    return str(problem.message)
