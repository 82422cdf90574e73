"""Taking an answer of the national platform back: each patent stands again as before the answer was imported.

A patent that was answered otherwise since, or that went into another batch, stays. Whoever was told to mend a returned
patent finds it gone from the to-do list, which follows the standing. The batch goes on taking answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.choices import ItemOutcome
from inventory.models import UploadBatch, UploadItem
from inventory.services.upload_answers import ANSWERABLE, take_back_answers
from portal import clock
from portal.choices import ImportState, RowOutcome, UndoOutcome
from portal.intake import undoing
from portal.intake.registry import Step
from portal.intake.staging import Written
from portal.intake.undoing import Undone
from portal.models import ImportBatch, ImportRow

#: how an item stood when nothing had answered it
NO_ANSWER: Final = (str(ItemOutcome.SENT), "", None)


def image(row: ImportRow, item: UploadItem) -> Written:
    """How the item stood before the answer of this row."""
    day = item.answered_on.isoformat() if item.answered_on else None
    before = {"outcome": item.outcome, "message": item.message, "answered_on": day}
    return Written(row.line, item.pk, before)


def changed_since(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Applied rows whose item was answered otherwise since, went on in another batch, or is named by a later file."""
    said = {"outcome": OuterRef("said"), "message": OuterRef("words")}
    standing = UploadItem.objects.filter(pk=OuterRef("target_id"), batch__state__in=ANSWERABLE)
    again = undoing.unchanged_later(batch).filter(target_id=OuterRef("target_id"))
    waiting = batch.rows.filter(is_applied=True, undo_outcome="", before__isnull=False)
    waiting = waiting.annotate(said=KT("values__outcome"), words=KT("values__message"))
    return waiting.filter(
        ~Exists(standing.filter(**said)) | Exists(_gone_on(standing)) | Exists(again)
    )


def _gone_on(items: QuerySet[UploadItem]) -> QuerySet[UploadItem]:
    """Those of these items whose patent was put into a batch again."""
    later = UploadItem.objects.filter(dossier=OuterRef("dossier"), pk__gt=OuterRef("pk"))
    return items.filter(Exists(later))


def take_back(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Take the answers of the next rows back."""
    _hold(batch)
    rows = undoing.rows_left(batch, first_line, limit)
    if not rows:
        return None
    piece = _Piece(batch, rows)
    notes = {row.line: piece.why_it_stays(row) for row in rows}
    answers = {
        row.target_id: _before(row.before)
        for row in rows
        if row.target_id and row.before and not notes[row.line]
    }
    _write(batch, answers)
    kept, gone = UndoOutcome.KEPT, UndoOutcome.TAKEN_BACK
    undoing.settle(
        batch, [Undone(line, kept if note else gone, note) for line, note in notes.items()]
    )
    return rows[-1].line + 1


def _hold(batch: ImportBatch) -> None:
    """Lock the upload batch before its items, as whoever records answers does."""
    locked = UploadBatch.objects.select_for_update(of=("self",))
    locked.filter(pk=batch.options["upload"], institution=batch.organisation_id).first()


def _before(image: Mapping[str, Any]) -> tuple[str, str, str | None]:
    return image["outcome"], image["message"], image["answered_on"]


def _write(batch: ImportBatch, answers: Mapping[int, tuple[str, str, str | None]]) -> None:
    take_back_answers(
        batch_id=int(batch.options["upload"]),
        answers=answers,
        actor=undoing.actor_of(batch),
        reason=batch.undo_reason,
    )


class _Piece:
    """One chunk: the items of its rows, and what came after them."""

    def __init__(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        keys = [row.target_id for row in rows if row.target_id]
        items = UploadItem.objects.filter(
            pk__in=keys, batch__institution=batch.organisation_id, batch__state__in=ANSWERABLE
        )
        locked = items.select_for_update(of=("self",)).order_by("pk")
        self.items = {one.pk: one for one in locked}
        self.gone_on = set(_gone_on(items).values_list("pk", flat=True))
        again = undoing.unchanged_later(batch).filter(target_id__in=keys)
        self.again = set(again.values_list("target_id", flat=True))

    def why_it_stays(self, row: ImportRow) -> str:
        item = self.items.get(row.target_id or 0)
        if item is None:
            return _("Its upload batch takes no answers any more.")
        if row.before is None:
            return _("What was before was not kept.")
        if (item.outcome, item.message) != (row.values["outcome"], row.values["message"]):
            return _("It was answered otherwise since.")
        if item.pk in self.gone_on:
            return _("It was put into another upload batch since.")
        return _("A later file says the same.") if item.pk in self.again else ""


def take_back_rest(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Patents that the list did not name, and that were taken as accepted therefore, have no answer again."""
    _hold(batch)
    found = list(_rest(batch).values_list("pk", flat=True)[:limit])
    _write(batch, dict.fromkeys(found, NO_ANSWER))
    return first_line + 1 if len(found) == limit else None


def _rest(batch: ImportBatch) -> QuerySet[UploadItem]:
    """The items that this import accepted without naming them.

    No row keeps them: they are the accepted ones that no applied row of an answer to this upload named. Of several
    imports that accepted the rest the first did it.
    """
    answers = ImportBatch.objects.filter(
        organisation=batch.organisation_id,
        kind=batch.kind,
        options__upload=batch.options["upload"],
        applied_at__isnull=False,
    )
    earlier = answers.filter(
        options__rest="accepted", state=ImportState.APPLIED, applied_at__lt=batch.applied_at
    )
    if batch.options.get("rest") != "accepted" or batch.applied_at is None or earlier.exists():
        return UploadItem.objects.none()
    named = ImportRow.objects.filter(batch__in=answers, target_id__isnull=False).exclude(
        outcome=RowOutcome.REFUSED
    )
    items = UploadItem.objects.filter(
        batch=batch.options["upload"],
        batch__institution=batch.organisation_id,
        batch__state__in=ANSWERABLE,
        outcome=ItemOutcome.ACCEPTED,
        message="",
        answered_on__lte=clock.day_of(batch.applied_at),
    )
    items = items.exclude(pk__in=named.values("target_id"))
    return items.exclude(pk__in=_gone_on(items).values("pk")).order_by("pk")


UNDOES: Final = (
    Step(gettext_lazy("Taking answers back"), take_back),
    Step(gettext_lazy("Taking back what was accepted without being named"), take_back_rest),
)
