"""The file of rows of a batch: made once in the sandbox, read again and again."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from portal.errors import DomainError
from portal.intake.registry import SheetSample
from portal.models import ImportBatch
from portal.spreadsheets.reading import (
    RawRow,
    ReadSummary,
    SheetInfo,
    iter_rows,
    iter_wanted,
    read_file,
    read_summary,
)

SAMPLE_ROWS = 300


class RowFile:
    """Rows of one upload as the sandbox left them."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.path = Path(settings.MEDIA_ROOT, "intake", f"{batch.pk}.jsonl")

    @property
    def is_there(self) -> bool:
        """Whether the rows of this very upload are at hand.

        A restored database may give an old number to a new batch: the digest decides.
        """
        return self.path.exists() and read_summary(self.path).sha256 == self.batch.file.sha256

    def make(self, tick: Callable[[], None]) -> None:
        """Read the upload in the sandbox unless that was done; raises UnreadableFile."""
        if self.is_there:
            return
        upload = self.batch.file
        self.path.parent.mkdir(parents=True, exist_ok=True)
        read_file(Path(upload.content.path), upload.name, self.path, on_tick=tick)

    def remove(self) -> None:
        """Throw the rows away; the upload itself stays."""
        self.path.unlink(missing_ok=True)

    @cached_property
    def summary(self) -> ReadSummary:
        return read_summary(self.path)

    def samples(self) -> list[SheetSample]:
        """The first rows of every sheet."""
        return [self.sample(at) for at in range(len(self.summary.sheets))]

    def sample(self, at: int) -> SheetSample:
        """The first rows of one sheet."""
        sheet = self.summary.sheets[at]
        return SheetSample(at, sheet.name, sheet.state, list(islice(self.rows(at), SAMPLE_ROWS)))

    def rows(self, sheet: int, start: int = 0) -> Iterator[RawRow]:
        """Rows of one sheet from the given one on (0 is the first filled row)."""
        before = sum(one.rows for one in self.summary.sheets[:sheet])
        count = self.summary.sheets[sheet].rows
        return islice(iter_rows(self.path, before + start), max(count - start, 0))

    def numbered(
        self, sheet: int, start: int, wanted: Container[int] | None = None
    ) -> Iterator[tuple[int, RawRow]]:
        """(place in the sheet, row) from the given place on; of the wanted Excel rows alone where they are named."""
        if wanted is None:
            yield from enumerate(self.rows(sheet, start), start)
            return
        before = sum(one.rows for one in self.summary.sheets[:sheet])
        count = max(self.summary.sheets[sheet].rows - start, 0)
        for line, row in iter_wanted(self.path, before + start, count, wanted):
            yield line - before, row

    def sheet_named(self, name: str) -> int:
        """Index of a sheet by the name the batch remembers."""
        for at, sheet in enumerate(self.summary.sheets):
            if sheet.name[:100] == name:
                return at
        raise DomainError(_("The sheet %(name)s is not in the file.") % {"name": name})

    def others(self, name: str) -> list[SheetInfo]:
        """Sheets with rows that are not read: named to the person."""
        return [one for one in self.summary.sheets if one.name[:100] != name and one.rows]
