"""Rows of a file → subjects: cut where the importer's reader says that a new one begins."""

from __future__ import annotations

from collections.abc import Iterable

from portal.intake.registry import FoundIssue, Shape, Subject, SubjectReader
from portal.intake.wording import MARK_RULES
from portal.spreadsheets.reading import RawRow


class Cut:
    """Collects rows into subjects until there are enough; the last one ends at the border of a subject."""

    def __init__(self, reader: SubjectReader, shape: Shape) -> None:
        self.reader, self.header_row = reader, shape.header_row
        self.subjects: list[Subject] = []
        self.group: list[RawRow] = []
        self._next = 0

    def is_full_before(self, at: int, row: RawRow, most: int) -> bool:
        """Whether `most` subjects are complete before the row at this place.

        Rows that were passed over end a subject: what stands below them does not continue what stands above.
        """
        if self.group and (at != self._next or self.reader.begins(row)):
            self._close()
        self._next = at + 1
        return not self.group and len(self.subjects) >= most

    def take(self, row: RawRow) -> None:
        if row.row > self.header_row:
            self.group.append(row)

    def finish(self) -> list[Subject]:
        """All subjects, the one that was being collected among them."""
        self._close()
        return self.subjects

    def _close(self) -> None:
        if not self.group:
            return
        subject = self.reader.read(self.group)
        if subject is not None:
            subject.issues.extend(_mark_issues(self.group))
            self.subjects.append(subject)
        self.group = []


def subjects_of(
    reader: SubjectReader, shape: Shape, rows: Iterable[tuple[int, RawRow]]
) -> list[Subject]:
    """All subjects of these (place, row)."""
    cut = Cut(reader, shape)
    for at, row in rows:
        cut.is_full_before(at, row, 0)
        cut.take(row)
    return cut.finish()


def _mark_issues(rows: list[RawRow]) -> list[FoundIssue]:
    """What is odd about rows of delimited text, whatever they say."""
    return [
        FoundIssue(line=row.row, rule=MARK_RULES[mark], level="notice")
        for row in rows
        for mark in row.marks
        if mark in MARK_RULES
    ]
