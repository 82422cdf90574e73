"""Taking a finished import back as one: asked for by a person, done by the job `intake.undo`."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit
from portal.access import check_version
from portal.choices import IMPORT_TRANSITIONS, AuditAction, ImportState, UndoOutcome
from portal.errors import InvalidTransition
from portal.failpoints import failpoint
from portal.intake import recognition, reports, telling, undoing
from portal.jobs import queue
from portal.models import ImportBatch, Job, Membership
from portal.services.files import require_content

_ASKED = (ImportState.UNDOING, ImportState.TAKEN_BACK)


@transaction.atomic
def take_back(
    *, actor: Membership, batch: ImportBatch, seen_version: int, reason: str
) -> ImportBatch:
    """Ask for an import to be taken back; a second call, or a second tab, gives the same undoing.

    InvalidTransition where the kind cannot be taken back, the time is over, nothing was written, or the person may
    not import this kind (any more); StaleVersion when the import changed since it was looked at.
    """
    batch = _locked(batch)
    if batch.state in _ASKED:
        return batch
    check_version(seen_version, batch.version)
    telling.seen(batch, actor)
    if why_not := why_not_taken_back(actor=actor, batch=batch):
        raise InvalidTransition(why_not)
    before = batch.state
    assert ImportState.UNDOING in IMPORT_TRANSITIONS[before]  # noqa: S101 - why_not says so
    batch.state = ImportState.UNDOING
    batch.undone_by = actor
    batch.undo_reason = reason
    batch.problem = ""
    batch.version += 1
    batch.job = queue.ask(undoing.KIND, actor=actor, params={"batch": batch.pk})
    batch.save(update_fields=["state", "undone_by", "undo_reason", "problem", "version", "job"])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=batch,
        changes={"state": [before, ImportState.UNDOING]},
        reason=reason,
    )
    failpoint("intake.undo.asked")
    return batch


def why_not_taken_back(*, actor: Membership, batch: ImportBatch) -> str:
    """Why this person cannot take this import back, in words; empty when he can."""
    is_theirs = batch.organisation_id == actor.organisation_id
    if not batch.kind or not is_theirs or not recognition.importer_of(batch).may_import(actor):
        return _("Only who may import such files for this organisation may take one back.")
    return undoing.why_not(batch)


@transaction.atomic
def ask_for_kept(*, actor: Membership, batch: ImportBatch) -> Job:
    """Ask for a file of the rows that stayed, or went back in part, with the reasons."""
    batch = _locked(batch)
    if not batch.rows.filter(undo_outcome__in=reports.STAYED).exists():
        raise InvalidTransition(_("Every row was taken back."))
    require_content(batch.file)
    return queue.ask(reports.KIND, actor=actor, params={"batch": batch.pk, "rows": reports.KEPT})


def stays(batch: ImportBatch) -> int:
    """How many rows of an import that was taken back stay, wholly or in part."""
    counts = batch.counts.get("undone", {})
    return int(counts.get(UndoOutcome.KEPT, 0)) + int(counts.get(UndoOutcome.PARTLY, 0))


def _locked(batch: ImportBatch) -> ImportBatch:
    return (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("organisation", "membership", "file")
        .get(pk=batch.pk)
    )
