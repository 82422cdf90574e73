"""Further sheets of an uploaded workbook that are lists of the same kind: each is an import of its own."""

from __future__ import annotations

from dataclasses import dataclass

from portal.choices import ImportState
from portal.intake import recognition
from portal.intake.files import RowFile
from portal.intake.registry import Importer
from portal.models import ImportBatch

#: sheets of more than so many are named and not looked into
MOST_LOOKED_AT = 20


@dataclass(frozen=True)
class FurtherSheet:
    """A sheet by its name, and the import that reads it; None while nobody asked."""

    name: str
    batch: ImportBatch | None


def same_sheet(batch: ImportBatch) -> dict[str, str]:
    """By what imports of the very same content are found: the file and, where it has several, the sheet.

    The one sheet of a text file is named after the file, which may be called otherwise the next time.
    """
    same = {"file__sha256": batch.file.sha256}
    return same | {"sheet": batch.sheet} if batch.counts.get("other_sheets") else same


def begun_with(batch: ImportBatch, sheet: str) -> ImportBatch | None:
    """The import of a sheet of the same upload, unless it was thrown away."""
    same = ImportBatch.objects.filter(
        file=batch.file_id, organisation=batch.organisation_id, sheet=sheet[:100], continues=None
    )
    return same.exclude(state=ImportState.DISCARDED).order_by("pk").last()


def is_over(batch: ImportBatch) -> bool:
    """Whether nothing is left to do with the sheet that was read: it is written, or says nothing new."""
    if batch.state == ImportState.PREVIEW:
        return not batch.counts["added"] + batch.counts["changed"]
    return batch.state in (ImportState.APPLIED, ImportState.TAKEN_BACK)


def further_sheets(batch: ImportBatch, importer: Importer) -> list[FurtherSheet]:
    """Visible sheets of the file that this kind recognises, in the order of the file; none once the file is gone."""
    file = RowFile(batch)
    if batch.continues_id or batch.file.is_over or not file.is_there:
        return []
    others = {sheet.name for sheet in file.others(batch.sheet) if sheet.state == "visible"}
    places = [at for at, sheet in enumerate(file.summary.sheets) if sheet.name in others]
    samples = map(file.sample, places[:MOST_LOOKED_AT])
    return [
        FurtherSheet(sample.name, begun_with(batch, sample.name))
        for sample in samples
        if importer.recognise([sample]) is not None
    ]


def unread(batch: ImportBatch) -> list[str]:
    """Names of the further sheets that nobody imports yet; none where the kind of the file is not known."""
    if not batch.kind:
        return []
    found = further_sheets(batch, recognition.importer_of(batch))
    return [sheet.name for sheet in found if sheet.batch is None]
