"""Facts with validity in time, line by line as services.facts.record_facts would have left them.

When a subject changes on a day, its open row is superseded at that moment, a copy closed on that day is
written unless it held for no day at all, and a new open row begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory import dossier_content
from inventory.demo import days
from inventory.dossier_content import Content
from portal.demo.loading import Loader

if TYPE_CHECKING:
    from inventory.demo.progress import Step

_NULL: Final = "\\N"


class FactLines:
    """Writes the versions of one subject: (day, minute, values)."""

    table: str

    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.next_id = loader.next_id

    def versions(self, changes: list[tuple[int, int, str]], subject: str) -> None:
        lines = self.loader.lines[self.table]
        last = len(changes) - 1
        for place, (day, minute, values) in enumerate(changes):
            recorded = days.moment(day, minute)
            since = days.text(day)
            if place == last:
                row = self.next_id(self.table)
                lines.append(f"{row}\t{since}\t\\N\t{recorded}\t\\N\t{values}\t{subject}")
                return
            until, later = changes[place + 1][0], days.moment(*changes[place + 1][:2])
            row = self.next_id(self.table)
            lines.append(f"{row}\t{since}\t\\N\t{recorded}\t{later}\t{values}\t{subject}")
            if day < until:
                row = self.next_id(self.table)
                lines.append(
                    f"{row}\t{since}\t{days.text(until)}\t{later}\t\\N\t{values}\t{subject}"
                )


class EntryFacts(FactLines):
    """Whether an entry counted."""

    table = "inventory_entryfact"

    def write(
        self,
        entry: int,
        campaign: int,
        institution: int,
        patent: int,
        listed: int,
        excluded: int = 0,
    ) -> None:
        changes = [(listed, 560, "t")]
        if excluded:
            changes.append((excluded, 930, "f"))
        self.versions(changes, f"{campaign}\t{entry}\t{institution}\t{patent}")


class DossierFacts(FactLines):
    """Where a dossier stood; an approved version counts on while a revision is written."""

    table = "inventory_dossierfact"

    def write(self, dossier: int, patent: int, steps: list[Step], content: Content) -> None:
        if not steps:
            return
        unsuitable = "t" if dossier_content.is_unsuitable(content.statuses) else "f"
        transformed = "t" if dossier_content.is_transformed(content.statuses) else "f"
        stars = _NULL if content.stars is None else str(content.stars)
        changes = []
        is_covered = False
        for step in steps:
            is_covered = is_covered or step.after == "completed"
            if step.act == "start":
                values = f"{step.after}\tf\tf\tf\t\\N"
            else:
                done = transformed if is_covered else "f"
                covered = "t" if is_covered else "f"
                values = f"{step.after}\t{covered}\t{done}\t{unsuitable}\t{stars}"
            changes.append((step.day, step.minute, values))
        self.versions(changes, f"{dossier}\t{patent}")


class ConfirmationFacts(FactLines):
    """What the campaign confirmed: the first approval; a revision changes nothing until it is approved."""

    table = "inventory_confirmationfact"

    def write(
        self, entries: list[int], campaign: int, patent: int, approval: Step, content: Content
    ) -> None:
        transformed = "t" if dossier_content.is_transformed(content.statuses) else "f"
        stars = _NULL if content.stars is None else str(content.stars)
        changes = [(approval.day, approval.minute, f"t\t{transformed}\t{stars}")]
        for entry in entries:
            self.versions(changes, f"{campaign}\t{patent}\t{entry}")


class PoolFacts(FactLines):
    """How far a patent was in the pool."""

    table = "inventory_poolfact"

    def write(
        self, entry: int, institution: int, patent: int, states: list[tuple[int, str]]
    ) -> None:
        changes = [(day, 1000, state) for day, state in states]
        self.versions(changes, f"{institution}\t{patent}\t{entry}")
