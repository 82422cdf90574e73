"""Round-trip workbooks: asked for, handed to those who fill them in, and forgotten when nobody can bring them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory.models import Workbook, WorkbookBase
from inventory.notices import WORKBOOK
from inventory.queries import workbooks as queries
from inventory.queries.workbooks import Target
from portal import audit, clock
from portal.choices import JOB_ENDED, AuditAction, Role
from portal.errors import InvalidTransition
from portal.jobs import queue
from portal.models import Job, Membership, Organisation, StoredFile
from portal.services.notices import To, notify

KIND: Final = "inventory.workbook"
# a campaign year and a bit: what went out longer ago is merged without what it said then
BASES_KEPT: Final = timedelta(days=400)


@transaction.atomic
def ask_for_workbook(*, target: Target, actor: Membership) -> Job:
    """Ask for one workbook; asking again while it is being made gives the same job."""
    params = {"targets": [_as_json(target)], "is_zip": False, "is_sent": False}
    return _ask(params, actor)


@transaction.atomic
def ask_for_all(*, actor: Membership, is_sent: bool = False) -> Job:
    """Ask for the workbooks of all units that have patents, in one archive; `is_sent` tells each its own."""
    lines = [line for line in queries.target_lines(actor) if line.count]
    if not lines:
        raise InvalidTransition(_("No patent of an open campaign waits to be filled in."))
    targets = [_as_json(Target(unit=line.unit.pk if line.unit else None)) for line in lines]
    return _ask({"targets": targets, "is_zip": True, "is_sent": is_sent}, actor)


@transaction.atomic
def record_workbook(*, target: Target, file: StoredFile, count: int, actor: Membership) -> Workbook:
    """Remember that a workbook was made, so that those it is for can open it."""
    workbook = Workbook.objects.create(
        institution=actor.organisation,
        unit_id=target.unit,
        person_id=target.person,
        file=file,
        count=count,
        made_by=actor,
        made_at=clock.now(),
    )
    audit.record(
        actor=actor,
        action=AuditAction.EXPORT,
        target=workbook,
        owner=actor.organisation_id,
        changes={"dossiers": [None, count], "file": [None, file.name]},
    )
    return workbook


@transaction.atomic
def keep_bases(bases: Iterable[WorkbookBase]) -> None:
    """Keep what dossiers say as they go out (not saved yet); the same answers once."""
    now = clock.now()
    made = list(bases)
    for base in made:
        base.made_at = now
    WorkbookBase.objects.bulk_create(
        made,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["dossier", "digest"],
        # kept longer because it went out again
        update_fields=["version", "made_at"],
    )


@transaction.atomic
def send_workbooks(*, workbooks: Sequence[int], actor: Membership) -> int:
    """Tell the managers of each unit that theirs is ready; returns how many people were told.

    Mail goes through the outbox, held when it is to many (ADR 16). It leads to the page of workbooks behind the
    sign-in: files with prices and contacts do not travel in mails.
    """
    made = list(
        Workbook.objects.select_for_update(of=("self",))
        .filter(pk__in=workbooks, sent_at=None, unit__isnull=False)
        .select_related("unit")
        .order_by("pk")
    )
    counts = {one.unit_id: one.count for one in made}
    managers = Membership.objects.active().filter(
        organisation=actor.organisation_id, role=Role.UNIT_MANAGER, unit__in=list(counts)
    )
    told = [
        # not "count": that is how many times somebody was told
        To(pk, {"patents": counts[unit], "unit": name})
        for pk, unit, name in managers.values_list("pk", "unit", "unit__name")
    ]
    url = reverse("inventory:workbook-list")
    sent = notify(kind=WORKBOOK, recipients=told, url=url, actor=actor)
    now = clock.now()
    Workbook.objects.filter(pk__in=[one.pk for one in made]).update(sent_at=now)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=one,
            owner=actor.organisation_id,
            changes={"sent_at": [None, now.isoformat()]},
        )
        for one in made
    )
    return sent


def forget_bases() -> int:
    """Delete what went out so long ago that nobody brings it back; returns how many."""
    return WorkbookBase.objects.filter(made_at__lt=clock.now() - BASES_KEPT).delete()[0]


def _ask(params: dict[str, Any], actor: Membership) -> Job:
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.organisation_id)
    under_way = Job.objects.filter(kind=KIND, membership=actor, params=params)
    same = under_way.exclude(state__in=JOB_ENDED).first()
    return same or queue.ask(KIND, actor=actor, params=params)


def _as_json(target: Target) -> dict[str, int | None]:
    return {"unit": target.unit, "person": target.person}
