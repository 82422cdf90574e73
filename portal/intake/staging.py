"""Writing staged rows and issues in sets: COPY in, one UPDATE per set of outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from portal import crypto
from portal.choices import IssueLevel, RowOutcome
from portal.copying import NULL, cell, copy_content, in_lines, json_cell
from portal.intake.registry import FoundIssue, Subject
from portal.json_text import encode
from portal.models import ImportBatch

_ROW_COLUMNS = (
    "batch_id", "line", "key", "raw", "values", "is_applied",
    "outcome", "changes", "target_id", "target_version", "plan",
)  # fmt: skip
_ISSUE_COLUMNS = ("batch_id", "line", "column", "header", "level", "rule", "value", "params")
MOST_KEY = 40
MOST_HEADER = 200
MOST_VALUE = 500


@dataclass
class Verdict:
    """What a check found out about one row; `plan` is how it is to be written, where that is known now."""

    line: int
    outcome: RowOutcome
    changes: dict[str, list[Any]] = field(default_factory=dict)
    target_id: int | None = None
    target_version: int | None = None
    plan: dict[str, Any] | None = None


def store_subjects(
    batch: ImportBatch, subjects: Sequence[Subject], verdicts: Sequence[Verdict] = ()
) -> None:
    """COPY subjects and their issues into the staging tables, with what is known of them already."""
    known: dict[str, str] = {}
    found = {verdict.line: verdict for verdict in verdicts}
    rows = (
        f"{batch.pk}\t{subject.line}\t{cell(subject.key[:MOST_KEY])}\t{encode(subject.lines)}\t"
        f"{json_cell(crypto.seal(subject.values, known))}\tf\t{_verdict_cells(subject, found.get(subject.line))}"
        for subject in subjects
    )
    _copy("portal_importrow", _ROW_COLUMNS, in_lines(rows))
    add_issues(batch, (issue for subject in subjects for issue in subject.issues))


def _verdict_cells(subject: Subject, verdict: Verdict | None) -> str:
    """Outcome, changes, target, its version, plan."""
    if subject.has_error or verdict is None:
        outcome = RowOutcome.REFUSED if subject.has_error else RowOutcome.UNCHANGED
        return f"{outcome}\t{{}}\t{NULL}\t{NULL}\t{NULL}"
    plan = NULL if verdict.plan is None else json_cell(verdict.plan)
    target = f"{cell(verdict.target_id)}\t{cell(verdict.target_version)}"
    return f"{verdict.outcome}\t{json_cell(verdict.changes)}\t{target}\t{plan}"


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
    lines = in_lines("\t".join(map(cell, row)) for row in rows)
    _copy("portal_importissue", _ISSUE_COLUMNS, lines)


def set_verdicts(batch: ImportBatch, verdicts: Sequence[Verdict]) -> None:
    """Write what a check found out; refused rows stay refused."""
    given = [
        {
            "line": one.line,
            "outcome": str(one.outcome),
            "changes": one.changes,
            "target_id": one.target_id,
            "target_version": one.target_version,
            "plan": one.plan,
        }
        for one in verdicts
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_importrow r
            SET outcome = v.outcome, changes = v.changes, target_id = v.target_id,
                target_version = v.target_version, plan = v.plan
            FROM jsonb_to_recordset(%s::jsonb)
                 AS v(line int, outcome text, changes jsonb, target_id bigint, target_version int, plan jsonb)
            WHERE r.batch_id = %s AND r.line = v.line AND r.outcome <> 'refused' AND NOT r.is_applied
            """,
            [encode(given), batch.pk],
        )


def refuse(batch: ImportBatch, issues: Sequence[FoundIssue]) -> None:
    """Add error issues and refuse the rows they stand in."""
    add_issues(batch, issues)
    lines = sorted({issue.line for issue in issues if issue.level == IssueLevel.ERROR})
    if lines:
        batch.rows.filter(line__in=lines, is_applied=False).update(outcome=RowOutcome.REFUSED)


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


def mark_planned(batch: ImportBatch, first: int, last: int) -> None:
    """Mark the good rows of these lines as applied whose plan was written: it says what was before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_importrow
            SET is_applied = true, before = plan->'before', plan = NULL,
                version_after = target_version + CASE WHEN (plan->>'starts')::boolean THEN 2 ELSE 1 END
            WHERE batch_id = %s AND line BETWEEN %s AND %s AND outcome IN ('added', 'changed') AND NOT is_applied
            """,
            [batch.pk, first, last],
        )


def clear(batch: ImportBatch) -> None:
    """Forget what is staged: the rows are staged afresh, from the file of rows, and checked again.

    Rows that were written before the import was stopped stay, with what it takes to take them back; nothing is to be
    written of them any more, whatever the checks find.
    """
    batch.issues.all().delete()
    batch.rows.filter(is_applied=False).delete()
    batch.rows.update(outcome=RowOutcome.UNCHANGED, changes={}, plan=None)


def clear_from(batch: ImportBatch, line: int) -> None:
    """Forget what is staged from an Excel row on: the half of a piece that did not get its checkpoint."""
    batch.issues.filter(line__gte=line).delete()
    batch.rows.filter(line__gte=line, is_applied=False).delete()


def _cut(text: str) -> str:
    return text if len(text) <= MOST_VALUE else text[: MOST_VALUE - 1] + "…"


def _copy(table: str, columns: Sequence[str], content: bytes) -> None:
    if content:
        copy_content(table, ", ".join(f'"{name}"' for name in columns), content)
