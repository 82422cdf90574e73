"""What the pages of an import show: steps, figures, rules, rows and issues in words. No request here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.choices import ImportState, UndoOutcome
from portal.intake import preview, recognition, undoing
from portal.intake.registry import Importer
from portal.intake.wording import words_of
from portal.models import ImportBatch, ImportIssue, ImportRow, Membership

_ORDER = (
    {ImportState.READING, ImportState.UNREADABLE},
    {ImportState.MAPPING},
    {ImportState.PREVIEW, ImportState.DISCARDED},
    {ImportState.APPLYING, ImportState.APPLIED, ImportState.UNDOING, ImportState.TAKEN_BACK},
)


def steps(batch: ImportBatch) -> list[dict[str, Any]]:
    """Where an upload stands on its way."""
    labels = (_("Read"), _("Columns recognised"), _("Check and confirm"), _("Written"))
    here = next(at for at, states in enumerate(_ORDER) if batch.state in states)
    is_over = batch.state in (ImportState.APPLIED, ImportState.UNDOING, ImportState.TAKEN_BACK)
    return [
        {"label": label, "is_done": at < here or is_over, "is_current": at == here and not is_over}
        for at, label in enumerate(labels)
    ]


def consequences(batch: ImportBatch, importer: Importer) -> list[dict[str, Any]]:
    """What confirming does, in counts."""
    counts = batch.counts
    lines = [
        {"count": counts["added"], "text": _("rows are added"), "tone": "success"},
        {"count": counts["changed"], "text": _("rows change what is there"), "tone": "info"},
        {"count": counts["unchanged"], "text": _("rows change nothing"), "tone": "neutral"},
    ]
    lines += [
        {"count": counts[name], "text": str(label), "tone": "info"}
        for name, label in importer.tallies.items()
        if counts.get(name)
    ]
    text = _("rows cannot be taken and stay out")
    tone = "danger" if counts["refused"] else "neutral"
    return [*lines, {"count": counts["refused"], "text": text, "tone": tone}]


def undo_rows(batch: ImportBatch, importer: Importer, why_not: str) -> QuerySet[ImportRow]:
    """What became of each row, or before that the rows that were changed since; none where nothing is taken back."""
    if batch.state == ImportState.TAKEN_BACK:
        return batch.rows.exclude(undo_outcome="")
    return batch.rows.none() if why_not else importer.changed_since(batch)


def undo_consequences(batch: ImportBatch, why_not: str) -> list[dict[str, Any]]:
    """What taking back does, in counts; nothing where it cannot be."""
    if why_not:
        return []
    forecast = undoing.forecast(batch)
    changed = forecast["changed"]
    return [
        {"count": forecast["taken_back"], "text": _("rows are taken back"), "tone": "info"},
        {
            "count": changed,
            "text": _("rows were changed since: what was changed stays"),
            "tone": "warning" if changed else "neutral",
        },
    ]


def undone(batch: ImportBatch) -> list[dict[str, Any]]:
    """What became of the rows of an import that was taken back, in counts."""
    counts = batch.counts.get("undone", {})
    words = {
        UndoOutcome.TAKEN_BACK: (_("rows were taken back"), "success"),
        UndoOutcome.PARTLY: (_("rows were taken back in part"), "warning"),
        UndoOutcome.KEPT: (_("rows stay, as they were changed since"), "warning"),
    }
    return [
        {
            "count": counts.get(name, 0),
            "text": text,
            "tone": tone if counts.get(name) else "neutral",
            "url": f"?outcome={name}",
        }
        for name, (text, tone) in words.items()
    ]


def same_file_before(batch: ImportBatch, membership: Membership) -> ImportBatch | None:
    """The last import of a file with the very same content that this person may see and that still stands."""
    if batch.state != ImportState.PREVIEW:
        return None
    same = ImportBatch.objects.visible_to(membership).filter(
        organisation=batch.organisation_id,
        state=ImportState.APPLIED,
        file__sha256=batch.file.sha256,
    )
    found = same.exclude(pk=batch.pk).select_related("membership__user").order_by("-applied_at")
    return found.first()


def before_and_after(
    batch: ImportBatch, importer: Importer, membership: Membership
) -> dict[str, Any]:
    """Whether the same file came before, and what people who may do next once it is written."""
    found: dict[str, Any] = {"same_before": same_file_before(batch, membership)}
    if batch.state == ImportState.APPLIED and importer.may_import(membership):
        found["next_label"], found["next_url"] = importer.next_act(batch)
    return found


def rules(batch: ImportBatch, importer: Importer) -> list[dict[str, Any]]:
    """Every rule that found something, with its title and count."""
    return [
        {**one, "title": words_of(importer, one["rule"], {}).title}
        for one in preview.issues_by_rule(batch)
    ]


def tabs(batch: ImportBatch, *, shows_rows: bool) -> list[dict[str, Any]]:
    """Issues (where there are any) and rows."""
    issues, rows = batch.counts["issues"], batch.counts["rows"]
    both = [
        {
            "label": _("Issues"),
            "url": "?view=issues",
            "count": issues,
            "is_current": not shows_rows,
        },
        {"label": _("Rows"), "url": "?view=rows", "count": rows, "is_current": shows_rows},
    ]
    return both if issues else both[1:]


def lines(
    batch: ImportBatch, importer: Importer, items: Sequence[Any], *, shows_rows: bool
) -> list[dict[str, Any]]:
    """One page of rows or of issues, in words."""
    return _row_lines(importer, items) if shows_rows else _issue_lines(batch, importer, items)


def _issue_lines(
    batch: ImportBatch, importer: Importer, issues: Sequence[ImportIssue]
) -> list[dict[str, Any]]:
    """Issues with their words and the patent they are about (one query)."""
    lines = {issue.line for issue in issues}
    rows = {row.line: row for row in batch.rows.filter(line__in=lines)} if lines else {}
    return [
        {
            "issue": issue,
            "place": _place(issue),
            "words": words_of(importer, issue.rule, issue.params),
            "headline": importer.headline(rows[issue.line]) if issue.line in rows else ("", ""),
        }
        for issue in issues
    ]


def _place(issue: ImportIssue) -> str:
    """The cell as Excel names it, else the row, else the file."""
    if issue.column:
        return f"{issue.column}{issue.line}"
    return _("Row %(line)s") % {"line": issue.line} if issue.line else _("Whole file")


def _row_lines(importer: Importer, rows: Sequence[ImportRow]) -> list[dict[str, Any]]:
    """Staged rows with what they change, cell by cell."""
    return [
        {"row": row, "headline": importer.headline(row), "changes": _changes(importer, row)}
        for row in rows
    ]


def not_read(batch: ImportBatch) -> dict[str, Any]:
    """Columns of the file that are not imported, as Excel names them, and sheets that are not read."""
    columns = recognition.columns_of(batch)
    unused = [f"{column.letter} {column.header}" for column in columns if not column.field]
    return {"unused": unused, "other_sheets": batch.counts.get("other_sheets", ())}


def _changes(importer: Importer, row: ImportRow) -> list[dict[str, str]]:
    return [
        {
            "field": str(importer.fields.get(name, importer.change_labels.get(name, name))),
            "before": importer.shown(name, before),
            "after": importer.shown(name, after),
        }
        for name, (before, after) in row.changes.items()
    ]
