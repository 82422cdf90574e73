"""What people do with an upload: hand it in, say what its columns are, confirm, discard, fetch the bad rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import audit
from portal.access import check_version
from portal.choices import IMPORT_TRANSITIONS, AuditAction, ImportState, RowOutcome
from portal.errors import InvalidTransition
from portal.failpoints import failpoint
from portal.intake import applying, reading, recognition, reports, sheets, telling
from portal.intake.files import RowFile
from portal.intake.registry import Shape, columns_from_json
from portal.jobs import queue
from portal.models import ImportBatch, ImportMapping, Job, Membership, Organisation, StoredFile
from portal.services.files import keep_file, require_content

# files of one organisation in work at the same time
MOST_AT_ONCE = 3
_BUSY = (ImportState.READING, ImportState.APPLYING)
TOO_MANY = gettext_lazy(
    "%(count)s files of your organisation are being worked on. Wait for one to finish."
)


@transaction.atomic
def upload(
    *,
    actor: Membership,
    content: File[bytes],
    name: str,
    kind: str = recognition.AUTO,
    options: Mapping[str, Any] | None = None,
) -> ImportBatch:
    """Keep the file and ask for its reading: file, batch and job in one transaction."""
    if _is_full(actor):
        raise ValidationError(TOO_MANY, code="too_many_imports", params={"count": MOST_AT_ONCE})
    kept = keep_file(content=content, name=name, purpose=StoredFile.Purpose.UPLOAD, actor=actor)
    batch = ImportBatch.objects.create(
        organisation=actor.organisation,
        membership=actor,
        kind=kind,
        options=dict(options or {}),
        file=kept,
    )
    _ask(batch, reading.KIND, actor)
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=batch,
        changes={"file": [None, kept.name], "sha256": [None, kept.sha256]},
    )
    failpoint("intake.upload.before_commit")
    return batch


@transaction.atomic
def read_sheet(
    *, actor: Membership, batch: ImportBatch, sheet: str, options: Mapping[str, Any]
) -> ImportBatch:
    """Begin an import of a further sheet of the same workbook; asking again gives the one that was begun.

    It goes its own way from preview to undo. InvalidTransition while the sheet before is not done, and for a sheet
    that the file does not have.
    """
    is_full = _is_full(actor)
    batch = ImportBatch.objects.select_related("organisation", "file").get(pk=batch.pk)
    begun = sheets.begun_with(batch, sheet)
    if begun is not None:
        return begun
    if not sheets.is_over(batch) or sheet not in batch.counts.get("other_sheets", ()):
        raise InvalidTransition(_("This sheet cannot be read now. Open the import again."))
    require_content(batch.file)
    if is_full:
        raise InvalidTransition(TOO_MANY % {"count": MOST_AT_ONCE})
    further = ImportBatch.objects.create(
        organisation=batch.organisation,
        membership=actor,
        kind=batch.kind,
        options=dict(options),
        file=batch.file,
        sheet=sheet[:100],
    )
    _ask(further, reading.KIND, actor)
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=further,
        changes={"file": [None, batch.file.name], "sheet": [None, sheet]},
    )
    return further


@transaction.atomic
def map_columns(
    *,
    actor: Membership,
    batch: ImportBatch,
    seen_version: int,
    fields: Mapping[str, str],
    is_remembered: bool = True,
) -> ImportBatch:
    """Set what each column (by index as text) holds, '' for ignored; remember it for the next file; read on.

    Every column must be named: those nobody knows are thereby confirmed as ignored.
    """
    batch = _locked(batch, seen_version)
    telling.seen(batch, actor)
    _require_move(batch, ImportState.READING)
    shape = Shape(batch.kind, 100, 0, batch.header_row or 0, columns_from_json(batch.columns))
    _check_fields(batch, shape, fields)
    shape = recognition.with_fields(shape, fields)
    if is_remembered:
        _remember(batch, shape, fields)
    batch.columns = shape.as_json()
    batch.ignored_confirmed = True
    _move(batch, ImportState.READING, "columns", "ignored_confirmed")
    _ask(batch, reading.KIND, actor)
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=batch,
        changes={"columns": [None, {c.letter: c.field for c in shape.columns}]},
    )
    failpoint("intake.map.before_commit")
    return batch


@transaction.atomic
def confirm(*, actor: Membership, batch: ImportBatch, seen_version: int, digest: str) -> bool:
    """Apply what the preview promised; False when the register changed since and a new preview is being made."""
    batch = _locked(batch, seen_version)
    telling.seen(batch, actor)
    if batch.state != ImportState.PREVIEW:
        _require_move(batch, ImportState.APPLYING)
    is_current = (
        bool(digest)
        and digest == batch.preview_digest
        and recognition.importer_of(batch).is_current(batch)
    )
    batch.problem = ""
    batch.membership = actor
    state = ImportState.APPLYING if is_current else ImportState.READING
    _move(batch, state, "problem", "membership")
    _ask(batch, applying.KIND if is_current else reading.KIND, actor)
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        changes={"state": [ImportState.PREVIEW, state], "digest": [None, digest]},
    )
    failpoint("intake.confirm.before_commit")
    return is_current


@transaction.atomic
def check_again(*, actor: Membership, batch: ImportBatch, seen_version: int) -> ImportBatch:
    """Compare a preview anew, because something it rests on was decided; with the rights of who uploaded it."""
    batch = _locked(batch, seen_version)
    if batch.state != ImportState.PREVIEW:
        _require_move(batch, ImportState.APPLYING)
    _move(batch, ImportState.READING)
    _ask(batch, reading.KIND, batch.membership)
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        changes={"state": [ImportState.PREVIEW, ImportState.READING]},
    )
    return batch


def is_begun(batch: ImportBatch) -> bool:
    """Whether some of its rows were written before it was stopped: the rest is to be written, too, not thrown away."""
    return batch.rows.filter(is_applied=True).exists()


@transaction.atomic
def discard(*, actor: Membership, batch: ImportBatch, seen_version: int) -> ImportBatch:
    """Throw an upload away before anything of it was written."""
    batch = _locked(batch, seen_version)
    telling.seen(batch, actor)
    before = batch.state
    _require_move(batch, ImportState.DISCARDED)
    if is_begun(batch):
        raise InvalidTransition(
            _(
                "Rows of this import are written already. Check the file again and write the rest; "
                "then all of it can be taken back."
            )
        )
    _move(batch, ImportState.DISCARDED)
    for staged in (batch.rows, batch.issues, batch.corrections):
        staged.all().delete()
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        changes={"state": [before, ImportState.DISCARDED]},
    )
    transaction.on_commit(RowFile(batch).remove)
    return batch


@transaction.atomic
def ask_for_errors(*, actor: Membership, batch: ImportBatch) -> Job:
    """Ask for the file of the rows that could not be taken; asking twice for the same state gives the same job."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    has_bad_rows = batch.rows.filter(outcome=RowOutcome.REFUSED).exists()
    if batch.state not in (ImportState.PREVIEW, ImportState.APPLIED) or not has_bad_rows:
        raise InvalidTransition(_("There are no bad rows to download."))
    require_content(batch.file)
    return queue.ask(reports.KIND, actor=actor, params={"batch": batch.pk})


def _is_full(actor: Membership) -> bool:
    """Whether so many files are in work that another has to wait; uploads of one organisation come one by one."""
    Organisation.objects.select_for_update(of=("self",)).get(pk=actor.organisation_id)
    busy = ImportBatch.objects.filter(organisation=actor.organisation_id, state__in=_BUSY)
    return busy.count() >= MOST_AT_ONCE


def _remember(batch: ImportBatch, shape: Shape, fields: Mapping[str, str]) -> None:
    ImportMapping.objects.update_or_create(
        organisation=batch.organisation,
        kind=batch.kind,
        signature=recognition.signature(shape.columns),
        defaults={"fields": dict(fields)},
    )


def _ask(batch: ImportBatch, kind: str, actor: Membership) -> None:
    batch.job = queue.ask(kind, actor=actor, params={"batch": batch.pk})
    batch.save(update_fields=["job"])


def _locked(batch: ImportBatch, seen_version: int) -> ImportBatch:
    found = (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("organisation", "membership", "file")
        .get(pk=batch.pk)
    )
    check_version(seen_version, found.version)
    return found


def _require_move(batch: ImportBatch, state: ImportState) -> None:
    if state not in IMPORT_TRANSITIONS[batch.state]:
        raise InvalidTransition(
            _("This is not possible any more: the import is in state “%(state)s”.")
            % {"state": batch.get_state_display()}
        )


def _move(batch: ImportBatch, state: ImportState, *also: str) -> None:
    batch.state = state
    batch.version += 1
    batch.save(update_fields=["state", "version", *also])


def _check_fields(batch: ImportBatch, shape: Shape, fields: Mapping[str, str]) -> None:
    """Every column named, known fields only, each at most once, the required ones present."""
    importer = recognition.importer_of(batch)
    chosen = [field for field in fields.values() if field]
    if set(fields) != {str(column.index) for column in shape.columns}:
        raise ValidationError(_("Say for every column what it holds, or that it is ignored."))
    if not set(chosen) <= set(importer.fields):
        raise ValidationError(_("This field does not exist. Choose one from the list."))
    twice = sorted(field for field in set(chosen) if chosen.count(field) > 1)
    if twice:
        names = "、".join(str(importer.fields[field]) for field in twice)
        raise ValidationError(_("Two columns cannot hold the same: %(names)s.") % {"names": names})
    missing = [str(importer.fields[field]) for field in sorted(importer.required - set(chosen))]
    if missing:
        raise ValidationError(
            _("No column was chosen for: %(names)s.") % {"names": "、".join(missing)}
        )
