"""Taking a base list back: what it added and nobody used goes, what it changed goes back part by part.

A part (a column, the holders, the inventors, the events, the list entry with its dossier) goes back where it still is
what the import left; a part that somebody changed since stays and is named. Locks are taken as an import takes them:
patents in the order of their numbers, then dossiers, then entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, IntegerField, OuterRef, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.choices import DossierState
from inventory.importing import base_restore, register
from inventory.importing.base_images import Standing, standing
from inventory.importing.base_restore import Restored
from inventory.importing.changed_by import changed_by
from inventory.models import BaseListEntry, Dossier, DualFiling, Patent
from inventory.services import moves, withdrawals
from portal import audit
from portal.choices import AuditAction, UndoOutcome
from portal.intake import undoing
from portal.intake.registry import Step
from portal.intake.undoing import StandsAgain, Undone
from portal.models import ImportBatch, ImportRow


def changed_since(batch: ImportBatch) -> QuerySet[ImportRow]:
    """Applied rows whose patent, or whose dossier as far as the import made or moved it, has another version by now."""
    patent = Patent.objects.filter(pk=OuterRef("target_id")).exclude(
        version=OuterRef("version_after")
    )
    left = Cast(KT("before__filing__version"), IntegerField())
    dossier = Dossier.objects.filter(patent=OuterRef("target_id"), version__gt=OuterRef("left"))
    waiting = batch.rows.filter(is_applied=True, undo_outcome="").annotate(left=left)
    again = undoing.said_again(batch).filter(key=OuterRef("key"))
    return waiting.filter(Exists(patent) | Exists(dossier) | Exists(again))


def take_back(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Take the next rows back: new patents out of the register, changed ones as they were, entries off the list."""
    rows = undoing.rows_left(batch, first_line, limit)
    if not rows:
        return None
    piece = _Piece(batch, rows)
    for row in rows:
        piece.judge(row)
    piece.write()
    undoing.settle(batch, piece.undone)
    return rows[-1].line + 1


class _Piece:
    """One chunk: everything its rows are about, loaded and locked; what is decided of each row; then written."""

    def __init__(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        self.batch, self.actor, self.reason = batch, undoing.actor_of(batch), batch.undo_reason
        self.now = standing(register.load([row.key for row in rows], is_locked=True))
        ids = [one.pk for one in self.now.values()]
        filed = Dossier.objects.filter(patent__in=ids).values_list("pk", flat=True)
        self.dossiers = {one.patent_id: one for one in moves.lock_dossiers(filed)}
        self.entries: dict[int, list[BaseListEntry]] = defaultdict(list)
        listed = BaseListEntry.objects.filter(patent__in=ids).order_by("pk")
        for entry in listed.select_for_update(of=("self",)):
            self.entries[entry.patent_id].append(entry)
        self._load_uses(ids)
        self._load_changes(rows)
        self.again = undoing.keys_said_again(batch, rows)
        self.undone: list[Undone] = []
        self.off: list[BaseListEntry] = []
        self.unfiled: list[Dossier] = []
        self.removed: list[tuple[int, str, str]] = []
        self.filed: list[tuple[Dossier, list[Any]]] = []
        self.restored: dict[str, Restored] = {}
        self.again_as_found: list[StandsAgain] = []

    def _load_uses(self, ids: Sequence[int]) -> None:
        """What uses patents, dossiers and entries: a constant number of queries."""
        entries = [one.pk for many in self.entries.values() for one in many]
        dossiers = [one.pk for one in self.dossiers.values()]
        self.of_patents = withdrawals.uses(Patent, ids, withdrawals.OF_PATENT)
        self.of_dossiers = withdrawals.uses(Dossier, dossiers, withdrawals.OF_DOSSIER)
        self.of_entries = withdrawals.uses(BaseListEntry, entries, withdrawals.OF_ENTRY)
        self.decided = withdrawals.decided(ids)

    def _load_changes(self, rows: Sequence[ImportRow]) -> None:
        """Who changed patents and dossiers that are not as the import left them."""
        patents, dossiers = [], []
        for row in rows:
            now = self.now.get(row.key)
            if now is None:
                continue
            if now.version != row.version_after:
                patents.append(now.pk)
            dossier, filed = self.dossiers.get(now.pk), (row.before or {}).get("filing")
            if dossier is not None and (filed is None or dossier.version != filed["version"]):
                dossiers.append(dossier.pk)
        self.patent_told = changed_by(Patent, patents)
        self.dossier_told = changed_by(Dossier, dossiers)

    # --- judging, writing nothing ---------------------------------------------------------------------

    def judge(self, row: ImportRow) -> None:
        image, now = row.before, self.now.get(row.key)
        if image is None or now is None:
            gone = _("It is gone.") if now is None else _("What was before was not kept.")
            self._say(row, UndoOutcome.KEPT, gone)
        elif row.key in self.again:
            self._say(row, UndoOutcome.KEPT, _("A later file says the same."))
        elif image.get("made"):
            self._judge_made(row, image, now)
        else:
            self._judge_changed(row, image, now)

    def _judge_made(self, row: ImportRow, image: Mapping[str, Any], now: Standing) -> None:
        """A patent the import made goes wholly or stays wholly."""
        note = self._why_patent_stays(row, now) or self._why_listing_stays(image, now)
        dossier = self.dossiers.get(now.pk)
        if not note and dossier is not None and "filing" not in image:
            note = self._told(dossier)
        if note:
            self._say(row, UndoOutcome.KEPT, note)
            return
        self._take_off(image, now)
        self.removed.append((now.pk, row.key, now.facts["title"]))
        self._say(row, UndoOutcome.TAKEN_BACK)

    def _why_patent_stays(self, row: ImportRow, now: Standing) -> str:
        if now.version != row.version_after:
            return self.patent_told.get(now.pk, _("The patent was changed since."))
        if used := self.of_patents.get(now.pk):
            return _("It is used since: %(what)s.") % {"what": used}
        if now.pk in self.decided:
            return _("Somebody said since to which industry it belongs.")
        return ""

    def _why_listing_stays(self, image: Mapping[str, Any], now: Standing) -> str:
        """Why the entries this import made, or the dossier it began, stay; empty when they can go."""
        own = self._own_entries(now)
        is_begun = "filing" in image and image["filing"]["before"] is None
        others = [one for one in self.entries[now.pk] if one not in own]
        if (is_begun or image.get("made")) and others:
            return _("It came onto another list since.")
        for entry in own:
            if used := self.of_entries.get(entry.pk):
                return _("It is used since: %(what)s.") % {"what": used}
            if entry.confirmed_on is not None or not entry.is_included:
                return _("Its list entry was confirmed or excluded since.")
        return self._why_dossier_stays(image, now, is_begun=is_begun)

    def _why_dossier_stays(self, image: Mapping[str, Any], now: Standing, *, is_begun: bool) -> str:
        dossier = self.dossiers.get(now.pk)
        if "filing" not in image or dossier is None:
            return ""
        if dossier.version != image["filing"]["version"]:
            return self._told(dossier)
        if is_begun and dossier.state != DossierState.UNFILED:
            return self._told(dossier)
        if is_begun and (used := self.of_dossiers.get(dossier.pk)):
            return _("It is used since: %(what)s.") % {"what": used}
        return ""

    def _told(self, dossier: Dossier) -> str:
        return self.dossier_told.get(dossier.pk, _("The dossier was changed since."))

    def _judge_changed(self, row: ImportRow, image: Mapping[str, Any], now: Standing) -> None:
        """A patent that was there before: each part on its own."""
        holding = {one.institution_id for one in self.entries[now.pk]}
        holding -= {one.institution_id for one in self._own_entries(now)}
        back = base_restore.parts_back(image, now, still_holding=holding)
        note = self._why_listing_stays(image, now)
        has_listing = bool(self._own_entries(now)) or "filing" in image
        if not note:
            self._take_off(image, now)
        if back.parts:
            self.restored[row.key] = back
        kept = [base_restore.label_of(name) for name in back.kept]
        notes = [_("Changed since: %(fields)s.") % {"fields": "、".join(kept)}] if kept else []
        if note and has_listing:
            notes.append(_("List entry and dossier stay: %(why)s") % {"why": note})
        if not notes and now.version == row.version_after and "version" in image:
            stands = StandsAgain(row.key, image["version"], now.version + bool(back.parts))
            self.again_as_found.append(stands)
        went = bool(back.parts) or (has_listing and not note)
        outcome = UndoOutcome.PARTLY if went else UndoOutcome.KEPT
        self._say(row, outcome if notes else UndoOutcome.TAKEN_BACK, " ".join(notes))

    def _own_entries(self, now: Standing) -> list[BaseListEntry]:
        return [one for one in self.entries[now.pk] if one.source_batch_id == self.batch.pk]

    def _take_off(self, image: Mapping[str, Any], now: Standing) -> None:
        self.off += self._own_entries(now)
        dossier = self.dossiers.get(now.pk)
        if "filing" not in image or dossier is None:
            return
        before = image["filing"]["before"]
        if before is None:
            self.unfiled.append(dossier)
        else:
            self.filed.append((dossier, before))

    def _say(self, row: ImportRow, outcome: UndoOutcome, note: str = "") -> None:
        self.undone.append(Undone(row.line, outcome, note))

    # --- writing --------------------------------------------------------------------------------------

    def write(self) -> None:
        by: dict[str, Any] = {"actor": self.actor, "reason": self.reason}
        withdrawals.withdraw_entries(entries=self.off, **by)
        withdrawals.withdraw_dossiers(dossiers=self.unfiled, **by)
        withdrawals.withdraw_patents(patents=self.removed, **by)
        base_restore.file_back(self.filed, **by)
        base_restore.restore(self.now, self.restored, **by)
        numbers = {one.pk: number for number, one in self.now.items()}
        filings = [
            StandsAgain(numbers[dossier.patent_id], before[-1], dossier.version)
            for dossier, before in self.filed
        ]
        undoing.stand_again(self.batch, self.again_as_found, filings)


def unlink(batch: ImportBatch, first_line: int, limit: int) -> None:
    """Take back the dual filings the import found, unless a half of it stays as the import left it."""
    marked = batch.rows.filter(before__has_key="dual").values_list("before__dual", "undo_outcome")
    found = [(tuple(pair), outcome) for pair, outcome in marked]
    pairs = {pair for pair, _outcome in found}
    pairs -= {pair for pair, outcome in found if outcome == UndoOutcome.KEPT}
    links = DualFiling.objects.filter(invention__in=[invention for invention, _utility in pairs])
    locked = links.order_by("pk").select_for_update()
    gone = [one for one in locked if (one.invention_id, one.utility_id) in pairs]
    audit.record_many(
        audit.entry(
            actor=undoing.actor_of(batch),
            action=AuditAction.CHANGE,
            target=Patent(pk=one.invention_id),
            owner=batch.organisation_id,
            changes={"dual_utility": [one.utility_id, None]},
            reason=batch.undo_reason,
        )
        for one in gone
    )
    DualFiling.objects.filter(pk__in=[one.pk for one in gone]).delete()


UNDOES: Final = (
    Step(gettext_lazy("Taking patents back"), take_back),
    Step(gettext_lazy("Taking dual filings back"), unlink),
)
