"""What the national platform answered about the patents of a batch: accepted or returned, with its words; in sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from inventory.choices import ItemOutcome, UploadState
from inventory.models import UploadBatch, UploadItem, UploadStep
from inventory.services.notices import tell_returned_by_platform
from inventory.services.upload_standing import refresh_standing
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import AuditEntry, Membership

ANSWERABLE = (UploadState.UPLOADED, UploadState.ANSWERED)
_SENT = (ItemOutcome.SENT, ItemOutcome.ACCEPTED, ItemOutcome.RETURNED)


@transaction.atomic
def record_answers(
    *, batch_id: int, answers: Mapping[int, tuple[str, str]], actor: Membership
) -> int:
    """Keep {item: (outcome, message)} of an uploaded batch; returns how many items changed.

    The dossiers' standing and facts follow; a returned patent gets an entry of its own in the trail, and whoever has to
    mend it is told. What is answered so already changes nothing.
    """
    batch = UploadBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    items = batch.items.filter(pk__in=answers, outcome__in=_SENT).select_related("dossier")
    changed = [item for item in items if (item.outcome, item.message) != answers[item.pk]]
    if not changed or batch.state not in ANSWERABLE:
        return 0
    returned = {
        item.dossier_id: answers[item.pk][1]
        for item in changed
        if answers[item.pk][0] == ItemOutcome.RETURNED and item.outcome != ItemOutcome.RETURNED
    }
    for item in changed:
        item.outcome, item.message = answers[item.pk]
        item.answered_on = clock.today()
    UploadItem.objects.bulk_update(changed, ["outcome", "message", "answered_on"], batch_size=1000)
    _note(batch, changed, actor)
    refresh_standing(item.dossier_id for item in changed)
    tell_returned_by_platform(returned, actor=actor)
    return len(changed)


@transaction.atomic
def accept_rest(*, batch_id: int, actor: Membership, limit: int = 2000) -> bool:
    """Take the next patents without an answer as accepted: the platform lists what failed only. False at the end."""
    waiting = UploadItem.objects.filter(batch=batch_id, outcome=ItemOutcome.SENT).order_by("pk")
    pks = list(waiting.values_list("pk", flat=True)[:limit])
    answers = dict.fromkeys(pks, (str(ItemOutcome.ACCEPTED), ""))
    return record_answers(batch_id=batch_id, answers=answers, actor=actor) == limit


@transaction.atomic
def take_back_answers(
    *,
    batch_id: int,
    answers: Mapping[int, tuple[str, str, str | None]],
    actor: Membership,
    reason: str,
) -> None:
    """Put {item: (outcome, message, ISO day of the answer)} back as it was before an answer imported by mistake.

    The caller has looked that the items are as that import left them; dossiers' standing and facts follow. The batch
    stays answered: it was, and it goes on taking answers.
    """
    batch = UploadBatch.objects.select_for_update(of=("self",)).get(pk=batch_id)
    items = list(batch.items.filter(pk__in=answers).select_related("dossier").order_by("pk"))
    if not items:
        return
    entries = []
    for item in items:
        outcome, message, day = answers[item.pk]
        if ItemOutcome.RETURNED in (item.outcome, outcome):
            changes = {"outcome": [item.outcome, outcome], "message": [item.message, message]}
            entries.append(_told(batch, item, changes, actor, reason))
        item.outcome, item.message = outcome, message
        item.answered_on = date.fromisoformat(day) if day else None
    UploadItem.objects.bulk_update(items, ["outcome", "message", "answered_on"], batch_size=1000)
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        owner=batch.institution_id,
        changes={"answers": [len(items), None]},
        reason=reason,
    )
    audit.record_many(entries)
    refresh_standing(item.dossier_id for item in items)


def _told(
    batch: UploadBatch,
    item: UploadItem,
    changes: Mapping[str, Any],
    actor: Membership,
    reason: str,
) -> AuditEntry:
    return audit.entry(
        actor=actor,
        action=AuditAction.CHANGE,
        target=item.dossier,
        owner=batch.institution_id,
        changes=dict(changes),
        reason=reason,
    )


def _note(batch: UploadBatch, changed: list[UploadItem], actor: Membership) -> None:
    """The batch's step and trail, and an entry for each returned patent."""
    before, returned = batch.state, [i for i in changed if i.outcome == ItemOutcome.RETURNED]
    if before == UploadState.UPLOADED:
        batch.state = UploadState.ANSWERED
        batch.version += 1
        batch.save(update_fields=["state", "version"])
        UploadStep.objects.create(
            batch=batch, from_state=before, to_state=batch.state, actor=actor, at=clock.now()
        )
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        owner=batch.institution_id,
        changes={"state": [before, batch.state], "answers": [None, len(changed)]},
    )
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=item.dossier,
            owner=batch.institution_id,
            changes={"upload_standing": [item.dossier.upload_standing, ItemOutcome.RETURNED.value]},
            reason=item.message,
        )
        for item in returned
    )
