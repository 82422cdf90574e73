"""Writing staged rows and issues in sets: COPY in, one UPDATE per set of outcomes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from portal import crypto
from portal.choices import IssueLevel, RowOutcome
from portal.copying import cell, copy_lines
from portal.intake.registry import FoundIssue, Subject
from portal.models import ImportBatch

_ROW_COLUMNS = ("batch_id", "line", "key", "raw", "values", "outcome", "changes", "is_applied")
_ISSUE_COLUMNS = ("batch_id", "line", "column", "header", "level", "rule", "value", "params")
MOST_KEY = 40
MOST_HEADER = 200
MOST_VALUE = 500
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class Verdict:
    """What a check found out about one staged row."""

    line: int
    outcome: RowOutcome
    changes: dict[str, list[Any]] = field(default_factory=dict)
    target_id: int | None = None
    target_version: int | None = None


def store_subjects(batch: ImportBatch, subjects: Sequence[Subject]) -> None:
    """COPY subjects and their issues into the staging tables."""
    known: dict[str, str] = {}
    rows = (
        (
            batch.pk,
            subject.line,
            subject.key[:MOST_KEY],
            encode(subject.lines),
            encode(crypto.seal(subject.values, known)),
            RowOutcome.REFUSED if subject.has_error else RowOutcome.UNCHANGED,
            "{}",
            "f",
        )
        for subject in subjects
    )
    _copy("portal_importrow", _ROW_COLUMNS, rows)
    add_issues(batch, (issue for subject in subjects for issue in subject.issues))


def refresh_statistics() -> None:
    """Tell the planner about the rows just staged: the next statements join them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE portal_importrow (batch_id, line, key, outcome)")


def add_issues(batch: ImportBatch, issues: Iterable[FoundIssue]) -> None:
    """COPY issues; texts are cut to what the preview can show."""
    rows = (
        (
            batch.pk,
            issue.line,
            issue.column,
            issue.header[:MOST_HEADER],
            issue.level,
            issue.rule,
            _cut(issue.value),
            encode(issue.params),
        )
        for issue in issues
    )
    _copy("portal_importissue", _ISSUE_COLUMNS, rows)


def set_verdicts(batch: ImportBatch, verdicts: Sequence[Verdict]) -> None:
    """Write what a check found out; refused rows stay refused."""
    given = [
        {
            "line": one.line,
            "outcome": str(one.outcome),
            "changes": one.changes,
            "target_id": one.target_id,
            "target_version": one.target_version,
        }
        for one in verdicts
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_importrow r
            SET outcome = v.outcome, changes = v.changes, target_id = v.target_id,
                target_version = v.target_version
            FROM jsonb_to_recordset(%s::jsonb)
                 AS v(line int, outcome text, changes jsonb, target_id bigint, target_version int)
            WHERE r.batch_id = %s AND r.line = v.line AND r.outcome <> 'refused'
            """,
            [encode(given), batch.pk],
        )


def refuse(batch: ImportBatch, issues: Sequence[FoundIssue]) -> None:
    """Add error issues and refuse the rows they stand in."""
    add_issues(batch, issues)
    lines = sorted({issue.line for issue in issues if issue.level == IssueLevel.ERROR})
    if lines:
        batch.rows.filter(line__in=lines).update(outcome=RowOutcome.REFUSED)


@dataclass(frozen=True)
class Written:
    """A row that was applied: to what, in which version that was left, and what it said before (importer's form)."""

    line: int
    target_id: int
    before: dict[str, Any]
    version_after: int | None = None


def mark_applied(batch: ImportBatch, written: Sequence[Written]) -> None:
    """Keep what became of the rows of one chunk, and what it takes to take them back, in one statement."""
    given = [
        {
            "line": one.line,
            "target": one.target_id,
            "before": crypto.seal(one.before),
            "after": one.version_after,
        }
        for one in written
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_importrow r
            SET is_applied = true, target_id = v.target, before = v.before, version_after = v.after
            FROM jsonb_to_recordset(%s::jsonb) AS v(line int, target bigint, before jsonb, after int)
            WHERE r.batch_id = %s AND r.line = v.line AND r.outcome <> 'refused'
            """,
            [encode(given), batch.pk],
        )


def clear(batch: ImportBatch) -> None:
    """Forget everything staged: the rows are staged afresh, from the file of rows, and checked again."""
    batch.issues.all().delete()
    batch.rows.all().delete()


def _cut(text: str) -> str:
    return text if len(text) <= MOST_VALUE else text[: MOST_VALUE - 1] + "…"


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows (no NULL among them) into a table."""
    names = ", ".join(f'"{name}"' for name in columns)
    copy_lines(table, names, ("\t".join(map(cell, row)) for row in rows))
