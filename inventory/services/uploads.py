"""A batch for the national platform on its way: prepared, signed off, handed out, uploaded, answered; or withdrawn.

Nothing leaves the institution before the confidentiality review (保密审查) of this very content. Many rows are written
in sets; every step is kept (UploadStep) and in the trail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.translation import gettext as _

from inventory import permissions
from inventory.choices import (
    UPLOAD_TRANSITIONS,
    ItemOutcome,
    SignOffCheck,
    UploadKind,
    UploadState,
)
from inventory.models import Campaign, ConfidentialWords, UploadBatch, UploadItem, UploadStep
from inventory.queries.uploads import USUAL_WORDS
from inventory.services.upload_standing import refresh_standing
from portal import audit, clock
from portal.access import check_version
from portal.choices import AuditAction, Role
from portal.errors import DomainError, InvalidTransition
from portal.jobs import queue
from portal.models import Membership, Organisation, StoredFile
from portal.services import files

KIND = "inventory.upload"


@transaction.atomic
def start_batch(
    *, campaign: Campaign, kind: UploadKind, query: str = "", actor: Membership
) -> UploadBatch:
    """Open a batch and ask for its file; the same batch still in preparation is given again."""
    institution = actor.organisation_id
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=institution)
    of_institution = UploadBatch.objects.filter(institution=institution)
    same = of_institution.filter(
        campaign=campaign, kind=kind, query=query, state=UploadState.PREPARING
    ).first()
    if same is not None:
        return same
    last = of_institution.aggregate(last=Max("number"))["last"] or 0
    batch = UploadBatch.objects.create(
        institution_id=institution,
        campaign=campaign,
        number=last + 1,
        kind=kind,
        query=query,
        prepared_by=actor,
    )
    UploadStep.objects.create(
        batch=batch, to_state=UploadState.PREPARING, actor=actor, at=clock.now()
    )
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=batch,
        changes={"kind": [None, str(kind)], "query": [None, query]},
    )
    _ask_for_file(batch, actor)
    return batch


@transaction.atomic
def prepare_again(*, batch: UploadBatch, seen_version: int, actor: Membership) -> UploadBatch:
    """Gather the approved contents anew, without what was left out."""
    stored = _locked(batch, seen_version)
    _require_state(stored, UploadState.PREPARING)
    stored.file = None
    stored.version += 1
    stored.save(update_fields=["file", "version"])
    _ask_for_file(stored, actor)
    audit.record(actor=actor, action=AuditAction.CHANGE, target=stored, changes={})
    return stored


@transaction.atomic
def leave_out(
    *,
    batch: UploadBatch,
    items: Collection[int],
    reason: str,
    seen_version: int,
    actor: Membership,
) -> int:
    """Leave patents out of a batch in preparation; its file must be made again. Returns how many."""
    stored = _locked(batch, seen_version)
    _require_state(stored, UploadState.PREPARING)
    count = stored.items.filter(pk__in=items, outcome=ItemOutcome.WAITING).update(
        outcome=ItemOutcome.LEFT_OUT, message=reason, is_open=False
    )
    if not count:
        return 0
    stored.file = None
    stored.version += 1
    stored.save(update_fields=["file", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=stored,
        changes={"left_out": [None, count]},
        reason=reason,
    )
    return count


@transaction.atomic
def request_sign_off(*, batch: UploadBatch, seen_version: int, actor: Membership) -> UploadBatch:
    """Put the batch before the reviewer."""
    stored = _locked(batch, seen_version)
    if stored.file_id is None or not stored.count:
        raise InvalidTransition(_("The file is not ready, or nothing is in it."))
    return _moved(stored, UploadState.SIGN_OFF, actor)


@transaction.atomic
def sign_off(
    *,
    batch: UploadBatch,
    checks: Sequence[str],
    statement: str,
    seen_version: int,
    actor: Membership,
) -> UploadBatch:
    """The confidentiality review: every check confirmed, with a statement. Content that changed sends it back instead.

    Raises ValidationError for a missing check, DomainError when the preparer signs though somebody else could.
    """
    stored = _locked(batch, seen_version)
    if set(checks) != set(SignOffCheck.values):
        raise ValidationError(_("Every point must be confirmed; otherwise send it back."))
    if not permissions.can_sign_upload(actor, stored, has_other=has_other_signer(stored)):
        raise DomainError(_("Whoever prepared the batch does not sign it off."))
    if void := _voided(stored, actor):
        return void
    if stored.file is None:
        raise InvalidTransition(_("The file is not ready, or nothing is in it."))
    return _moved(
        stored,
        UploadState.SIGNED,
        actor,
        reason=statement,
        checks=list(checks),
        statement=statement,
        signed_sha256=stored.file.sha256,
        signed_by=actor,
        signed_at=clock.now(),
    )


@transaction.atomic
def refuse_sign_off(
    *, batch: UploadBatch, reason: str, seen_version: int, actor: Membership
) -> UploadBatch:
    """The reviewer sends the batch back with a reason."""
    stored = _locked(batch, seen_version)
    _require_state(stored, UploadState.SIGN_OFF)
    return _moved(stored, UploadState.PREPARING, actor, reason=reason)


@transaction.atomic
def hand_out(*, batch: UploadBatch, seen_version: int, actor: Membership) -> UploadBatch:
    """Release the file, if its content still is what was signed; otherwise the sign-off is void."""
    stored = _locked(batch, seen_version)
    _require_state(stored, UploadState.SIGNED)
    if void := _voided(stored, actor):
        return void
    return _moved(stored, UploadState.HANDED_OUT, actor)


@transaction.atomic
def open_file(*, batch: UploadBatch, actor: Membership) -> StoredFile:
    """The file for taking it, with an entry in the trail; DomainError before it was handed out."""
    stored = UploadBatch.objects.select_related("file").get(pk=batch.pk)
    if not stored.is_released or stored.file is None:
        raise DomainError(_("The file leaves only after the confidentiality review."))
    if stored.file.sha256 != stored.signed_sha256:
        raise DomainError(_("This is not the file that was signed off."))
    return files.record_opening(file=stored.file, actor=actor)


@transaction.atomic
def mark_uploaded(
    *, batch: UploadBatch, on: date, seen_version: int, actor: Membership
) -> UploadBatch:
    """Somebody says that the file was uploaded on a day; its patents are 已上传 from then on."""
    stored = _locked(batch, seen_version)
    _require_state(stored, UploadState.HANDED_OUT)
    signed = clock.day_of(stored.signed_at) if stored.signed_at else on
    if not signed <= on <= clock.today():
        raise ValidationError(_("A day from the sign-off until today."))
    stored.items.filter(outcome=ItemOutcome.WAITING).update(outcome=ItemOutcome.SENT, is_open=False)
    moved = _moved(
        stored,
        UploadState.UPLOADED,
        actor,
        reason=on.isoformat(),
        uploaded_on=on,
        uploaded_by=actor,
    )
    refresh_standing(stored.items.values_list("dossier_id", flat=True), on=on)
    return moved


@transaction.atomic
def withdraw_batch(
    *, batch: UploadBatch, reason: str, seen_version: int, actor: Membership
) -> UploadBatch:
    """Give a batch up before it was uploaded; its patents may go into another one."""
    stored = _locked(batch, seen_version)
    moved = _moved(stored, UploadState.WITHDRAWN, actor, reason=reason)
    stored.items.filter(is_open=True).update(is_open=False)
    return moved


@transaction.atomic
def set_words(*, words: Sequence[str], seen_version: int, actor: Membership) -> ConfidentialWords:
    """Keep the institution's confidential words; the list that stands already changes nothing."""
    stored, _made = ConfidentialWords.objects.select_for_update(of=("self",)).get_or_create(
        institution_id=actor.organisation_id, defaults={"words": list(USUAL_WORDS)}
    )
    if list(words) == stored.words:
        return stored
    check_version(seen_version, stored.version)
    before, stored.words = stored.words, list(words)
    stored.version += 1
    stored.save(update_fields=["words", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=stored,
        changes={"words": [before, stored.words]},
    )
    return stored


def has_other_signer(batch: UploadBatch) -> bool:
    """Whether the institution has a manager besides whoever prepared the batch."""
    managers = Membership.objects.active().filter(
        organisation=batch.institution_id, role=Role.INSTITUTION_MANAGER
    )
    return managers.exclude(user=batch.prepared_by.user_id).exists()


def changed_items(batch: UploadBatch) -> QuerySet[UploadItem]:
    """Items whose approved content is not any more what the batch holds."""
    return batch.items.filter(outcome=ItemOutcome.WAITING).filter(
        ~Q(dossier__approved_digest=F("digest"))
    )


def _voided(batch: UploadBatch, actor: Membership) -> UploadBatch | None:
    """The batch sent back because content changed; None when it still is as it was."""
    count = changed_items(batch).count()
    if not count:
        return None
    reason = _("Content changed since: %(count)s patents. Prepare the batch again.")
    return _moved(
        batch,
        UploadState.PREPARING,
        actor,
        reason=reason % {"count": count},
        signed_by=None,
        signed_at=None,
        signed_sha256="",
    )


def _ask_for_file(batch: UploadBatch, actor: Membership) -> None:
    batch.job = queue.ask(KIND, actor=actor, params={"batch": batch.pk})
    batch.save(update_fields=["job"])


def _locked(batch: UploadBatch, seen_version: int) -> UploadBatch:
    stored = (
        UploadBatch.objects.select_for_update(of=("self",))
        .select_related("prepared_by", "file")
        .get(pk=batch.pk)
    )
    check_version(seen_version, stored.version)
    return stored


def _require_state(batch: UploadBatch, state: UploadState) -> None:
    if batch.state != state:
        raise InvalidTransition(
            _("The batch is in the state “%(state)s”.") % {"state": batch.get_state_display()}
        )


def _moved(
    batch: UploadBatch, to_state: UploadState, actor: Membership, *, reason: str = "", **fields: Any
) -> UploadBatch:
    """One step by the table: step, trail, row."""
    if to_state not in UPLOAD_TRANSITIONS[batch.state]:
        _require_state(batch, to_state)
    before = batch.state
    UploadStep.objects.create(
        batch=batch,
        from_state=before,
        to_state=to_state,
        actor=actor,
        at=clock.now(),
        reason=reason,
    )
    batch.state = to_state
    batch.version += 1
    for name, value in fields.items():
        setattr(batch, name, value)
    batch.save(update_fields=["state", "version", *fields])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        owner=batch.institution_id,
        changes={"state": [before, str(to_state)]},
        reason=reason,
    )
    return batch
