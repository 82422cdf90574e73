"""Files kept for people: stored under a random name with their digest, opened with an entry in the trail."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import PurePath

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.models import Membership, StoredFile
from portal.text import clean

# exports go after a day: they are copies, and copies of other people's data do not lie about
EXPORT_KEPT = timedelta(hours=24)
_EXPIRING = frozenset({StoredFile.Purpose.EXPORT, StoredFile.Purpose.REPORT})


@transaction.atomic
def keep_file(*, content: File[bytes], name: str, purpose: str, actor: Membership) -> StoredFile:
    """Store a file for the actor; exports and reports get the day they go."""
    digest = hashlib.sha256()
    size = 0
    content.seek(0)
    for piece in iter(lambda: content.read(1 << 20), b""):
        digest.update(piece)
        size += len(piece)
    content.seek(0)
    kept = StoredFile(
        organisation_id=actor.organisation_id,
        owner_id=actor.user_id,
        purpose=purpose,
        name=_base_name(name),
        sha256=digest.hexdigest(),
        size=size,
        expires_at=clock.now() + EXPORT_KEPT if purpose in _EXPIRING else None,
    )
    kept.content.save(kept.name, content, save=False)
    kept.save()
    return kept


@transaction.atomic
def record_opening(*, file: StoredFile, actor: Membership) -> StoredFile:
    """Write to the trail that a person took a file; refused when its time is over."""
    require_content(file)
    is_export = file.purpose in _EXPIRING
    audit.record(
        actor=actor,
        action=AuditAction.EXPORT if is_export else AuditAction.VIEW,
        target=file,
        owner=file.organisation_id,
        changes={"name": [None, file.name], "sha256": [None, file.sha256]},
    )
    return file


def require_content(file: StoredFile) -> None:
    """DomainError where the time of a file is over: nothing can be read of it any more."""
    if file.is_over and file.purpose in _EXPIRING:
        raise DomainError(_("This file was kept for 24 hours and is gone. Make it again."))
    if file.is_over:
        raise DomainError(_("This file is gone: it named somebody who is forgotten."))


@transaction.atomic
def let_go(*, file: StoredFile, actor: Membership, reason: str = "") -> None:
    """End the time of a file at once: its content goes with the expired ones, the row says what there was."""
    if file.is_over:
        return
    before, file.expires_at = file.expires_at, clock.now()
    file.save(update_fields=["expires_at"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=file,
        owner=file.organisation_id,
        changes=audit.changes_of({"expires_at": before}, {"expires_at": file.expires_at}),
        reason=reason,
    )


def remove_expired_files() -> int:
    """Delete the content of files whose time is over; the row stays and says what there was."""
    count = 0
    over = StoredFile.objects.filter(expires_at__lte=clock.now()).exclude(content="")
    for file in over.iterator():
        file.content.delete(save=False)
        StoredFile.objects.filter(pk=file.pk).update(content="")
        count += 1
    return count


def _base_name(name: str) -> str:
    """The person's file name without folders and control characters."""
    return clean(PurePath(name.replace("\\", "/")).name)[-255:] or "file"
