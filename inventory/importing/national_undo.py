"""Taking a filled template back: each dossier says again what it said before, unless somebody changed it since.

A dossier goes back only in the version in which the import left it: every act on a dossier gives a new version, so
nothing of anybody else is lost. A dossier that the import started stays a draft, as after any other undoing: no
dossier goes back to "not filed" (ADR 11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.importing.changed_by import changed_by
from inventory.models import Dossier
from inventory.services import edits, moves
from portal.bulk.registry import RowResult
from portal.choices import BulkOutcome, UndoOutcome
from portal.intake import undoing
from portal.intake.registry import Step
from portal.intake.undoing import StandsAgain, Undone
from portal.models import ImportBatch, ImportRow


def changed_since(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Applied rows whose dossier has another version than the import left (one query)."""
    other = Dossier.objects.filter(pk=OuterRef("target_id")).exclude(
        version=OuterRef("version_after")
    )
    again = undoing.said_again(batch).filter(key=OuterRef("key"))
    waiting = batch.rows.filter(is_applied=True, undo_outcome="")
    return waiting.filter(Exists(other) | Exists(again))


def restore_dossiers(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Give the dossiers of the next rows back what they said before."""
    rows = undoing.rows_left(batch, first_line, limit)
    if not rows:
        return None
    locked = {one.pk: one for one in moves.lock_dossiers(row.target_id or 0 for row in rows)}
    again = undoing.keys_said_again(batch, rows)
    stale = [row for row in rows if not _is_as_left(row, locked)]
    fresh = [row for row in rows if _is_as_left(row, locked) and row.key not in again]
    repeated = [row for row in rows if _is_as_left(row, locked) and row.key in again]
    results = edits.restore_dossiers(
        before={row.target_id or 0: row.before or {} for row in fresh},
        actor=undoing.actor_of(batch),
        reason=batch.undo_reason,
    )
    said = {one.id: one for one in results}
    note = _("A later file says the same.")
    kept = [Undone(row.line, UndoOutcome.KEPT, note) for row in repeated]
    undone = [*_told(stale), *kept, *(_outcome(row, said[row.target_id or 0]) for row in fresh)]
    undoing.settle(batch, undone)
    _stand_again(batch, fresh, said)
    return rows[-1].line + 1


def _stand_again(
    batch: ImportBatch, rows: Sequence[ImportRow], said: Mapping[int, RowResult]
) -> None:
    """The import found each dossier in the version that its preview had seen."""
    back = {
        row.target_id: row
        for row in rows
        if said[row.target_id or 0].outcome != BulkOutcome.REFUSED
    }
    versions = Dossier.objects.filter(pk__in=list(back)).values_list("pk", "version")
    undoing.stand_again(
        batch,
        [StandsAgain(back[pk].key, back[pk].target_version or 0, now) for pk, now in versions],
    )


def _is_as_left(row: ImportRow, locked: dict[int, Dossier]) -> bool:
    dossier = locked.get(row.target_id or 0)
    return dossier is not None and row.before is not None and dossier.version == row.version_after


def _outcome(row: ImportRow, result: RowResult) -> Undone:
    if result.outcome == BulkOutcome.REFUSED:
        return Undone(row.line, UndoOutcome.KEPT, result.note)
    return Undone(row.line, UndoOutcome.TAKEN_BACK)


def _told(stale: Sequence[ImportRow]) -> list[Undone]:
    words = changed_by(Dossier, [row.target_id for row in stale if row.target_id])
    return [
        Undone(
            row.line,
            UndoOutcome.KEPT,
            words.get(row.target_id or 0, _("The dossier was changed since.")),
        )
        for row in stale
    ]


UNDOES: Final = (Step(gettext_lazy("Giving dossiers back what they said"), restore_dossiers),)
