"""What became of an upload as plain data, for scripts: mapping, counts, issues with their places, and one exit code."""

from __future__ import annotations

import resource
from typing import Any, Final

from portal.choices import ImportState
from portal.intake import preview, recognition
from portal.intake.registry import Importer, importers
from portal.intake.wording import words_of
from portal.models import ImportBatch, ImportIssue

PLACES: Final = 20
#: Everything was read and every row taken; nothing came of the file; some rows were refused.
ALL_GOOD, NOTHING_READ, ROWS_REFUSED = 0, 1, 2
_READ: Final = (ImportState.PREVIEW, ImportState.APPLIED)


def summary(batch: ImportBatch) -> dict[str, Any]:
    """The upload as JSON can hold it; `issues` carries the first 20 places of every rule and their number."""
    return {
        "file": batch.file.name,
        "kind": batch.kind,
        "state": str(batch.state),
        "problem": batch.problem,
        "sheet": batch.sheet,
        "header_row": batch.header_row,
        "layout": {
            "code": batch.layout,
            "name": recognition.layout_words(batch),
            "confidence": batch.layout_confidence,
        },
        "mapping": _mapping(batch),
        "ignored_columns": [
            column.header for column in recognition.columns_of(batch) if not column.field
        ],
        "counts": batch.counts,
        "issues": _issues(batch) if batch.kind else [],
    }


def exit_code(batch: ImportBatch) -> int:
    """0: every row taken; 1: nothing was read, or it was stopped; 2: rows were refused, the others are good."""
    counts = batch.counts
    if batch.state not in _READ or batch.problem or not counts.get("rows"):
        return NOTHING_READ
    return ROWS_REFUSED if counts["refused"] else ALL_GOOD


def kinds() -> list[dict[str, Any]]:
    """Every kind of table that this installation reads, with its fields."""
    return [
        {
            "kind": one.kind,
            "label": str(one.label),
            "hint": str(one.hint),
            "required": sorted(one.required),
            "fields": {name: str(label) for name, label in one.fields.items()},
        }
        for one in importers()
    ]


def peak_memory() -> dict[str, int]:
    """Largest memory in MB of this process and of the largest child it waited for: the reader of the file.

    Linux counts into a child's peak what its parent held when it was started (getrusage(2), ru_maxrss), so the reader's
    figure is at least that of the parent at this moment; 0 where another worker did the reading.
    """
    sizes = {"parent": resource.RUSAGE_SELF, "reader": resource.RUSAGE_CHILDREN}
    return {name: resource.getrusage(who).ru_maxrss // 1024 for name, who in sizes.items()}


def _mapping(batch: ImportBatch) -> list[dict[str, Any]]:
    importer = recognition.importer_of(batch) if batch.kind else None
    return [
        {
            "letter": column.letter,
            "header": column.header,
            "field": column.field,
            "confidence": column.confidence,
            "reason": column.reason,
            "reason_words": importer.reason_words(column.reason) if importer else "",
        }
        for column in recognition.columns_of(batch)
    ]


def _issues(batch: ImportBatch) -> list[dict[str, Any]]:
    importer = recognition.importer_of(batch)
    return [
        {
            "rule": rule["rule"],
            "level": rule["level"],
            "title": words_of(importer, rule["rule"], {}).title,
            "count": rule["count"],
            "places": _places(batch, importer, rule),
        }
        for rule in preview.issues_by_rule(batch)
    ]


def _places(batch: ImportBatch, importer: Importer, rule: Any) -> list[dict[str, Any]]:
    found = batch.issues.filter(rule=rule["rule"], level=rule["level"]).order_by("line", "pk")
    return [_place(batch, importer, issue) for issue in found[:PLACES]]


def _place(batch: ImportBatch, importer: Importer, issue: ImportIssue) -> dict[str, Any]:
    """Sheet, row and cell as Excel names them, what stands there and what to do; row 0 is the file as a whole."""
    return {
        "sheet": batch.sheet,
        "row": issue.line,
        "cell": f"{issue.column}{issue.line}" if issue.column else "",
        "value": issue.value,
        "text": words_of(importer, issue.rule, issue.params).text,
    }
