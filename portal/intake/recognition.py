"""What kind of table a file is and what its columns are, with what the organisation decided last time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from operator import itemgetter

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portal.choices import ImportState
from portal.intake.files import RowFile
from portal.intake.registry import (
    CERTAIN,
    ColumnGuess,
    Importer,
    Shape,
    SheetSample,
    columns_from_json,
    importer_for,
    importers,
    importers_for,
)
from portal.models import ImportBatch, ImportMapping
from portal.spreadsheets.reading import CellError, Destroyed
from portal.spreadsheets.writing import cell_text
from portal.text import compact

SAMPLES = 3
# how certain an importer is of what is named to a person who cannot import it
LIKELY = 40
SAMPLE_LENGTH = 60
AUTO = ""
# why the column of errors is not imported (reason_words)
ERRORS = "errors_column"
# a heading nobody knows, which a person said to leave out
UNKNOWN = "unknown"


def recognise(batch: ImportBatch, samples: Sequence[SheetSample]) -> Shape | None:
    """The shape the most certain importer sees; only kinds the uploader may import, of a sheet asked for only that."""
    looked_at = [one for one in samples if batch.sheet in ("", one.name[:100])]
    offered = [
        importer
        for importer in importers_for(batch.membership)
        if batch.kind in (AUTO, importer.kind)
    ]
    shapes = [shape for importer in offered if (shape := importer.recognise(looked_at))]
    if not shapes:
        return None
    best = _passing_over_errors(max(shapes, key=lambda shape: shape.confidence))
    return replace(best, columns=_with_samples(best, samples[best.sheet]))


def looks_like(batch: ImportBatch) -> Importer | None:
    """The kind of table in a file that was read as none: one that this person does not import, or did not choose."""
    file = RowFile(batch)
    if batch.state != ImportState.UNREADABLE or not file.is_there:
        return None
    samples = file.samples()
    seen = [(shape, one) for one in importers() if (shape := one.recognise(samples))]
    likely = [(shape.confidence, one) for shape, one in seen if shape.confidence >= LIKELY]
    return max(likely, key=itemgetter(0))[1] if likely else None


def error_heading() -> str:
    """The head of the column in which the file of bad rows says what is wrong with each."""
    return _("Errors")


@cache
def _error_heads() -> frozenset[str]:
    """That head, folded, in every language in which such a file may have been made."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(compact(error_heading()))
    return frozenset(found)


def is_error_column(column: ColumnGuess) -> bool:
    """Whether this is the column that the file of bad rows brought: known, never imported."""
    return compact(column.header) in _error_heads()


def _passing_over_errors(shape: Shape) -> Shape:
    """The shape of a file of bad rows that was mended and comes back: nobody is asked about our own column."""
    return replace(
        shape,
        columns=tuple(
            replace(column, field="", confidence=100, reason=ERRORS, is_known=True)
            if is_error_column(column)
            else column
            for column in shape.columns
        ),
    )


def shape_of(batch: ImportBatch, file: RowFile) -> Shape:
    """The shape as the batch keeps it, with the person's corrections."""
    return Shape(
        kind=batch.kind,
        confidence=100,
        sheet=file.sheet_named(batch.sheet),
        header_row=batch.header_row or 0,
        columns=columns_from_json(batch.columns),
    )


def signature(columns: Sequence[ColumnGuess]) -> str:
    """Digest of the heads in their order: one vendor's layout, with or without our column of errors."""
    heads = "\n".join(compact(column.header) for column in columns if not is_error_column(column))
    return hashlib.sha256(heads.encode()).hexdigest()


def remembered(batch: ImportBatch, shape: Shape) -> Shape | None:
    """The shape with the columns as this organisation mapped this layout last time."""
    known = ImportMapping.objects.filter(
        organisation=batch.organisation_id, kind=shape.kind, signature=signature(shape.columns)
    ).first()
    return None if known is None else with_fields(shape, known.fields)


def with_fields(shape: Shape, fields: Mapping[str, str]) -> Shape:
    """The shape with columns as chosen by a person; `fields` maps the column's index to a field or ''."""
    return replace(
        shape,
        columns=tuple(
            _placed(column, fields[str(column.index)]) if str(column.index) in fields else column
            for column in shape.columns
        ),
    )


def _placed(column: ColumnGuess, field: str) -> ColumnGuess:
    """A column as a person placed it; one that nobody knew and that is ignored goes on being named as such."""
    is_new = not column.is_known or column.reason == UNKNOWN
    reason = UNKNOWN if is_new and not field else column.reason
    return replace(column, field=field, confidence=100, is_known=True, reason=reason)


def is_certain(importer: Importer, shape: Shape) -> bool:
    """Whether no person needs to look at the columns."""
    return (
        not shape.unknown
        and importer.required <= shape.fields.keys()
        and all(column.confidence >= CERTAIN for column in shape.columns if column.field)
    )


def reason_words(importer: Importer, reason: str) -> str:
    """Why a column was taken for its field, or not taken, in words."""
    if reason == ERRORS:
        return _("What the file of bad rows said; not imported.")
    words = importer.reason_words(reason)
    return words or (
        _("Nobody knows this heading; left out on request.") if reason == UNKNOWN else ""
    )


def layout_words(batch: ImportBatch) -> str:
    """Whose layout the file has, in words; "" where nobody's was recognised."""
    return importer_of(batch).layout_words(batch.layout) if batch.layout else ""


def columns_of(batch: ImportBatch) -> tuple[ColumnGuess, ...]:
    return columns_from_json(batch.columns)


def importer_of(batch: ImportBatch) -> Importer:
    return importer_for(batch.kind)


def _with_samples(shape: Shape, sheet: SheetSample) -> tuple[ColumnGuess, ...]:
    """The columns with a few values each, so that a person can tell what they hold."""
    rows = [row for row in sheet.rows if row.row > shape.header_row]
    return tuple(
        replace(column, samples=_samples(column.index, [row.cells for row in rows]))
        for column in shape.columns
    )


def _samples(index: int, rows: Sequence[Sequence[object]]) -> tuple[str, ...]:
    found: list[str] = []
    for cells in rows:
        cell = cells[index] if index < len(cells) else None
        if isinstance(cell, str | Destroyed | CellError) and (text := cell_text(cell).strip()):
            text = text if len(text) <= SAMPLE_LENGTH else text[: SAMPLE_LENGTH - 1] + "…"
            if text not in found:
                found.append(text)
        if len(found) == SAMPLES:
            break
    return tuple(found)
