"""Refused rows corrected cell by cell, a wrong value replaced everywhere, rows that stayed out taken up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit
from portal.access import check_version
from portal.choices import AuditAction, ImportState, IssueLevel
from portal.errors import DomainError, InvalidTransition
from portal.failpoints import failpoint
from portal.intake import corrections, reading, rechecking, recognition
from portal.intake.registry import ColumnGuess
from portal.jobs import queue
from portal.models import ImportBatch, ImportCorrection, Membership
from portal.services.files import require_content

# cells whose texts one entry of the trail carries; above that it counts
MOST_TOLD = 50
Place = tuple[int, int]


@dataclass(frozen=True)
class Corrected:
    """What came of a save: cells and rows changed, and whether all was compared with the register again.

    `good` are rows that had to stay out and no longer do, `left` those that still have to.
    """

    cells: int
    rows: int
    is_compared: bool
    good: int
    left: int


@dataclass(frozen=True)
class _Edit:
    """One cell as the file has it, as it was before this save, and as the person wants it."""

    line: int
    index: int
    original: str
    before: str
    after: str


@transaction.atomic
def correct_cells(
    *, actor: Membership, batch: ImportBatch, seen_version: int, cells: Mapping[Place, str]
) -> Corrected:
    """Write texts over cells of refused rows and check again.

    `cells` maps (Excel row, column index) to the text; cells that have it already are passed over, the text of the
    file takes a correction back. InvalidTransition outside the preview, DomainError for a cell that is no refused
    row's, StaleVersion when the preview is another meanwhile.
    """
    batch = _locked(batch)
    check_version(seen_version, batch.version)
    if batch.state != ImportState.PREVIEW:
        raise InvalidTransition(
            _("Cells are corrected before the rows are written. Open the import to see its state.")
        )
    edits = _edits(batch, cells)
    if not edits:
        left = batch.counts["refused"]
        return Corrected(0, 0, bool(batch.preview_digest), 0, left)
    _store(batch, edits)
    lines = {edit.line for edit in edits}
    before = batch.counts["refused"]
    is_small = rechecking.is_small(batch)
    if is_small:
        rechecking.check_whole(batch)
    else:
        rechecking.check_cells(batch, lines)
    figures = {
        "corrected_cells": [None, len(edits)],
        "corrected_rows": [None, len(lines)],
        "refused": [before, batch.counts["refused"]],
    }
    changes = {**figures, **_told(batch, edits)}
    audit.record(actor=actor, action=AuditAction.CHANGE, target=batch, changes=changes)
    failpoint("intake.correct.before_commit")
    left = batch.counts["refused"]
    return Corrected(len(edits), len(lines), is_small, max(before - left, 0), left)


def replace_everywhere(
    *,
    actor: Membership,
    batch: ImportBatch,
    seen_version: int,
    wrong: Mapping[str, str],
    text: str,
) -> Corrected:
    """Write one text over all cells with the same wrong value.

    `wrong` names them as the issues do: `column` (its letter), `rule` and `value`.
    """
    issues = batch.issues.filter(
        level=IssueLevel.ERROR,
        column=wrong["column"],
        rule=wrong["rule"],
        value=wrong["value"],
    )
    index = {column.letter: column.index for column in recognition.columns_of(batch)}
    if wrong["column"] not in index:
        raise DomainError(_("This file has no such column. Open the page again."))
    at = index[wrong["column"]]
    cells = {(line, at): text for line in issues.values_list("line", flat=True)}
    return correct_cells(actor=actor, batch=batch, seen_version=seen_version, cells=cells)


@transaction.atomic
def take_up_refused(*, actor: Membership, batch: ImportBatch) -> ImportBatch:
    """Begin an import of the rows that stayed out of this one; asking again gives the one that was begun.

    It reads the same file, goes its own way from preview to undo, and leaves what was written as it is.
    """
    batch = _locked(batch)
    begun = going_on(batch)
    if begun is not None:
        return begun
    importer = recognition.importer_of(batch)
    is_apart = importer.takes_rows_apart and batch.counts.get("refused")
    if batch.state != ImportState.APPLIED or not is_apart:
        raise InvalidTransition(_("There are no rows of a finished import to correct here."))
    require_content(batch.file)
    batch = _last_taken_back(batch)
    further = ImportBatch.objects.create(
        organisation=batch.organisation,
        membership=actor,
        kind=batch.kind,
        options=batch.options,
        file=batch.file,
        sheet=batch.sheet,
        header_row=batch.header_row,
        columns=batch.columns,
        ignored_confirmed=batch.ignored_confirmed,
        continues=batch,
    )
    _copy_corrections(batch, further)
    further.job = queue.ask(reading.KIND, actor=actor, params={"batch": further.pk})
    further.save(update_fields=["job"])
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=further,
        changes={"continues": [None, batch.pk], "file": [None, batch.file.name]},
    )
    failpoint("intake.further.before_commit")
    return further


def going_on(batch: ImportBatch) -> ImportBatch | None:
    """The import in which the rows that stayed out of this one are corrected, if one was begun and still stands."""
    return _begun(_last_taken_back(batch))


def _last_taken_back(batch: ImportBatch) -> ImportBatch:
    """The import to go on from: this one, or the one that went on from it and was taken back, so its rows are out."""
    begun = _begun(batch)
    if begun is None or begun.state != ImportState.TAKEN_BACK:
        return batch
    return _last_taken_back(begun)


def _begun(batch: ImportBatch) -> ImportBatch | None:
    """The import that goes on from this one and was not thrown away."""
    over = (ImportState.DISCARDED, ImportState.UNREADABLE)
    return batch.continued_by.exclude(state__in=over).first()


def _copy_corrections(batch: ImportBatch, further: ImportBatch) -> None:
    """What was written over cells of the rows that are out goes with them."""
    refused = corrections.own_lines(further) or set()
    ImportCorrection.objects.bulk_create(
        ImportCorrection(
            batch=further, line=one.line, column_index=one.column_index, value=one.value
        )
        for one in batch.corrections.all()
        if one.line in refused
    )


def _locked(batch: ImportBatch) -> ImportBatch:
    return (
        ImportBatch.objects.select_for_update(of=("self",))
        .select_related("organisation", "membership__organisation", "file", "continues")
        .get(pk=batch.pk)
    )


def _edits(batch: ImportBatch, cells: Mapping[Place, str]) -> list[_Edit]:
    """The cells that become other than they are."""
    if not cells:
        return []
    columns = {column.index: column for column in recognition.columns_of(batch) if column.field}
    lines = {line for line, _index in cells}
    rows = corrections.raw_rows(batch, lines)
    is_known = lines <= rows.keys() and all(index in columns for _line, index in cells)
    if not is_known or not lines <= corrections.refused_lines(batch):
        raise DomainError(
            _("A cell that was sent is in no row that has to be corrected. Open the page again.")
        )
    stored = corrections.by_line(batch, min(lines), max(lines))
    found = []
    for (line, index), text in cells.items():
        after = _fitting(text, line, columns[index])
        original = corrections.typed(corrections.original_text(rows[line], index))
        before = stored.get(line, {}).get(index, original)
        if after != before:
            found.append(_Edit(line, index, original, before, after))
    return found


def _fitting(text: str, line: int, column: ColumnGuess) -> str:
    text = corrections.typed(text)
    if len(text) > settings.MAX_CELL:
        raise DomainError(
            _("%(place)s: %(length)s characters; a cell holds %(limit)s. Shorten the text.")
            % {
                "place": f"{column.letter}{line}",
                "length": len(text),
                "limit": settings.MAX_CELL,
            }
        )
    return text


def _store(batch: ImportBatch, edits: list[_Edit]) -> None:
    """Keep what differs from the file; a cell that has the file's own text again has no correction."""
    taken_back = [edit for edit in edits if edit.after == edit.original]
    kept = [edit for edit in edits if edit.after != edit.original]
    for index in {edit.index for edit in taken_back}:
        lines = [edit.line for edit in taken_back if edit.index == index]
        batch.corrections.filter(column_index=index, line__in=lines).delete()
    ImportCorrection.objects.bulk_create(
        [
            ImportCorrection(batch=batch, line=edit.line, column_index=edit.index, value=edit.after)
            for edit in kept
        ],
        update_conflicts=True,
        unique_fields=["batch", "line", "column_index"],
        update_fields=["value"],
        batch_size=1000,
    )


def _told(batch: ImportBatch, edits: list[_Edit]) -> dict[str, list[Any]]:
    """{cell: [before, after]} of a save that one can read, contacts masked."""
    if len(edits) > MOST_TOLD:
        return {}
    columns = {column.index: column for column in recognition.columns_of(batch)}
    personal = recognition.importer_of(batch).personal
    told = {}
    for edit in edits:
        column = columns[edit.index]
        name = personal.get(column.field, "")
        told[f"{column.letter}{edit.line}"] = [
            audit.shown(name, edit.before),
            audit.shown(name, edit.after),
        ]
    return told
