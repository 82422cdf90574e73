"""Exclusions by the thousand: asking for what the register proposes, and deciding, chunk by chunk."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import permissions
from inventory.services import exclusion_decisions, exclusions
from inventory.services.exclusion_jobs import DECIDE, REQUEST
from portal.errors import DomainError
from portal.jobs.registry import Chunk, JobKind, register
from portal.models import Job, Membership

# lines of the log that name requests left undone
MOST_NAMED = 20


def _actor(job: Job) -> Membership:
    member = job.membership
    may = (
        permissions.can_request_exclusions
        if job.kind == REQUEST
        else permissions.can_decide_exclusion
    )
    if member is None or not may(member):
        raise DomainError(_("The rights of the person who asked for this were withdrawn."))
    return member


def request_many(job: Job) -> Chunk:
    """Ask for the next entries; the checkpoint is the place in the list taken when it was asked for."""
    actor = _actor(job)
    ids = job.params["entries"]
    piece = ids[job.next_line : job.next_line + settings.JOB_CHUNK_ROWS]
    found = exclusions.request_proposed(entry_ids=piece, actor=actor)
    made = job.result.get("made", 0) + len(found.made)
    passed_over = job.result.get("passed_over", 0) + found.passed_over
    result = {"made": made, "passed_over": passed_over, "url": reverse("inventory:exclusion-list")}
    return _chunk(job, len(ids), len(piece), result, _("Requested: %s") % made)


def decide_many(job: Job) -> Chunk:
    """Decide the next requests by the versions seen when it was asked for."""
    actor = _actor(job)
    pairs = job.params["versions"]
    piece = pairs[job.next_line : job.next_line + settings.JOB_CHUNK_ROWS]
    found = exclusion_decisions.decide_exclusions(
        versions=dict(piece),
        is_approved=job.params["is_approved"],
        note=job.params["note"],
        actor=actor,
    )
    done = job.result.get("done", 0) + len(found.done)
    left = job.result.get("left", 0)
    named = [f"{one.entry.patent.number}：{why}" for one, why in found.refused]
    result = {
        "done": done,
        "left": left + len(named),
        "url": reverse("inventory:exclusion-list"),
    }
    chunk = _chunk(job, len(pairs), len(piece), result, _("Decided: %s") % done)
    return Chunk(
        chunk.next_line,
        total=chunk.total,
        is_done=chunk.is_done,
        log=(*named[: max(MOST_NAMED - left, 0)], *chunk.log),
        result=result,
    )


def _chunk(job: Job, total: int, done: int, result: dict[str, object], line: str) -> Chunk:
    place = job.next_line + done
    return Chunk(place, total=total, is_done=place >= total, log=(line,), result=result)


def register_tasks() -> None:
    """Called once from AppConfig.ready."""
    register(
        JobKind(REQUEST, gettext_lazy("Requesting the proposed exclusions"), chunk=request_many)
    )
    register(JobKind(DECIDE, gettext_lazy("Deciding exclusions"), chunk=decide_many))
