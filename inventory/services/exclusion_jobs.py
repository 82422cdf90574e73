"""Asking for exclusions by the thousand: the rows are taken down once, the work is a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction

from portal.jobs import queue
from portal.models import Job, Membership

REQUEST: Final = "inventory.exclusion-requests"
DECIDE: Final = "inventory.exclusion-decisions"


@transaction.atomic
def ask_for_requests(*, entries: Sequence[int], digest: str, actor: Membership) -> Job:
    """A job that requests what the register proposes for these entries; the same rows asked for twice are one."""
    return queue.ask(
        REQUEST,
        actor=actor,
        params={"entries": list(entries)},
        idempotency_key=f"{REQUEST}:{actor.pk}:{digest}",
    )


@transaction.atomic
def ask_for_decisions(
    *, versions: Mapping[int, int], is_approved: bool, note: str, digest: str, actor: Membership
) -> Job:
    """A job that decides these requests by the versions seen; the same ones asked for twice are one."""
    return queue.ask(
        DECIDE,
        actor=actor,
        params={
            "versions": [[pk, version] for pk, version in versions.items()],
            "is_approved": is_approved,
            "note": note,
        },
        idempotency_key=f"{DECIDE}:{actor.pk}:{is_approved}:{digest}",
    )
