"""Checks of the staged rows of a template against each other and against the dossiers. The list at the end rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory import permissions, rules
from inventory.choices import DossierState
from inventory.dossier_content import Problem
from inventory.importing import number_offers, portal_edits
from inventory.importing.columns import OF_INTENT_PART, OF_STATUS_PART, OF_TARGET
from inventory.importing.national_keyed import WORKBOOK, answered, has_keys, join_parts
from inventory.importing.national_merge import Row, Settled, Sides
from inventory.importing.national_plan import Plan, plan
from inventory.models import BaseListEntry, Dossier, Patent, PoolEntry
from inventory.numbers import display
from inventory.services import moves
from inventory.services.contents import Writing
from portal.choices import IssueLevel, RowOutcome
from portal.intake import staging
from portal.intake.registry import FoundIssue, Places, Shape, Step, Subject, columns_from_json
from portal.intake.staging import Verdict
from portal.models import ImportBatch
from portal.text import compact

#: A row waits for a decision: file and portal changed the same to different values.
CONFLICT: Final = "conflict"
#: Why a dossier takes no changes in its state.
STATE_RULES: Final = {
    DossierState.UNIT_REVIEW: "in_review",
    DossierState.INSTITUTION_REVIEW: "in_review",
    DossierState.COMPLETED: "completed",
}


def shape_of(batch: ImportBatch) -> Shape:
    """The columns as the batch keeps them."""
    columns = columns_from_json(batch.columns)
    return Shape(batch.kind, 100, 0, batch.header_row or 0, columns)


# --- the file against itself -----------------------------------------------------------------------


def refuse_duplicates(batch: ImportBatch, first_line: int, limit: int) -> None:
    """R11: a number that stands twice is refused at both places, never silently overwritten."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT key, array_agg(line ORDER BY line) FROM portal_importrow
            WHERE batch_id = %s AND key <> '' GROUP BY key HAVING count(*) > 1 ORDER BY min(line)
            """,
            [batch.pk],
        )
        repeated = cursor.fetchall()
    places = shape_of(batch).places
    staging.refuse(
        batch,
        [
            places.issue(
                "application_number",
                line,
                "R11",
                value=display(key),
                lines=[other for other in lines if other != line],
            )
            for key, lines in repeated
            for line in lines
        ],
    )


# --- the file against the dossiers -------------------------------------------------------------------


def judge(batch: ImportBatch, shape: Shape, subjects: Sequence[Subject]) -> list[Verdict]:
    """Rows as they are read, unless they are parts that are to be put together first."""
    if has_keys(shape):
        return []
    good = [subject for subject in subjects if subject.key and not subject.has_error]
    judging = _Judge(batch, good)
    verdicts = []
    for subject in good:
        verdict, found = judging.judge(subject)
        verdicts.append(verdict)
        subject.issues.extend(found)
    by_line = {subject.line: subject for subject in good}
    for notice in portal_edits.notices(batch, _without_key(good, verdicts)):
        by_line[notice.line].issues.append(notice)
    return verdicts


def compare(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """What each row of a workbook with keys would add or change, and what it may not; others were judged when read."""
    if not has_keys(shape_of(batch)):
        return None
    rows = list(
        batch.rows.filter(line__gte=first_line)
        .exclude(outcome=RowOutcome.REFUSED)
        .order_by("line")[:limit]
    )
    if not rows:
        return None
    judge = _Judge(batch, rows)
    verdicts, issues = [], []
    for row in rows:
        verdict, found = judge.judge(row)
        verdicts.append(verdict)
        issues.extend(found)
    issues.extend(portal_edits.notices(batch, _without_key(rows, verdicts)))
    staging.set_verdicts(batch, verdicts)
    staging.refuse(batch, issues)
    return rows[-1].line + 1


def _without_key(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Rows that change what is there, and cannot say what was there when they were written."""
    return [
        verdict
        for row, verdict in zip(rows, verdicts, strict=True)
        if verdict.outcome == RowOutcome.CHANGED and WORKBOOK not in row.values
    ]


@dataclass
class _Judge:
    """Judges the rows of one chunk, with everything loaded in a constant number of queries."""

    batch: ImportBatch
    rows: Sequence[Row]
    places: Places = field(init=False)
    patents: dict[int, _Patent] = field(init=False)
    dossiers: dict[str, Dossier] = field(init=False)
    listed: frozenset[str] = field(init=False)
    pooled: frozenset[int] = field(init=False)
    sides: Sides = field(init=False)

    def __post_init__(self) -> None:
        keys = [row.key for row in self.rows]
        shape = shape_of(self.batch)
        self.places = shape.places
        self.patents = _patents_of(keys)
        self.dossiers = {
            self.patents[one.patent_id].number: one
            for one in _dossiers_of(self.batch, self.patents)
        }
        missing = [key for key in keys if key not in self.dossiers]
        entries = BaseListEntry.objects.filter(
            institution=self.batch.organisation_id, patent__application_number__in=missing
        )
        self.listed = frozenset(entries.values_list("patent__application_number", flat=True))
        self.pooled = pooled_among(self.dossiers.values())
        self.sides = Sides(self.rows, answered(shape))

    def judge(self, row: Row) -> tuple[Verdict, list[FoundIssue]]:
        """Outcome and issues of one row."""
        dossier = self.dossiers.get(row.key)
        refusal = self._not_ours(row, dossier)
        if dossier is None or refusal is not None:
            return Verdict(row.line, RowOutcome.REFUSED), [refusal] if refusal else []
        return self._compared(row, dossier)

    def _not_ours(self, row: Row, dossier: Dossier | None) -> FoundIssue | None:
        """Why a row is not this person's to fill in: not on the list, filed elsewhere, another's key or unit."""
        if dossier is None:
            return self._about(row, "filed_elsewhere" if row.key in self.listed else "not_listed")
        if row.values.get(WORKBOOK, {}).get("dossier", dossier.pk) != dossier.pk:
            return self._about(row, "key_other_patent")
        if permissions.can_edit_dossier(self.batch.membership, dossier):
            return None
        if WORKBOOK in row.values and dossier.unit is not None:
            return self._about(row, "other_unit", unit=dossier.unit.name)
        return self._about(row, "not_in_unit")

    def _about(self, row: Row, rule: str, **params: Any) -> FoundIssue:
        number = row.values["number"]
        return self.places.issue("application_number", row.line, rule, value=number, **params)

    def _compared(self, row: Row, dossier: Dossier) -> tuple[Verdict, list[FoundIssue]]:
        """What the row changes, or why it may not."""
        issues = list(self._notices(row, dossier))
        settled = self.sides.settle(row, dossier)
        planned = plan(settled.values, dossier)
        target = (dossier.pk, dossier.version)
        issues += self._told(row, settled)
        if not planned.is_change and not settled.open:
            return Verdict(row.line, RowOutcome.UNCHANGED, {}, *target), issues
        issues += self._objections(row, dossier, planned, settled)
        if any(issue.level == IssueLevel.ERROR for issue in issues):
            return Verdict(row.line, RowOutcome.REFUSED, {}, *target), issues
        is_new = dossier.state == DossierState.UNFILED
        outcome = RowOutcome.ADDED if is_new else RowOutcome.CHANGED
        return Verdict(
            row.line, outcome, planned.cells, *target, _written(planned, dossier)
        ), issues

    def _notices(self, row: Row, dossier: Dossier) -> Iterator[FoundIssue]:
        title, registered = row.values.get("title", ""), self.patents[dossier.patent_id].title
        if title not in ("", registered) and compact(title) != compact(registered):
            yield self._notice(row, "title", "title_differs", title, registered=registered)
        unit = row.values.get("unit")
        if unit is not None and dossier.unit is not None and unit != dossier.unit_id:
            name = row.values["unit_name"]
            yield self._notice(row, "org_unit", "unit_differs", name, unit=dossier.unit.name)

    def _notice(self, row: Row, name: str, rule: str, value: str, **params: Any) -> FoundIssue:
        return self.places.issue(name, row.line, rule, level="notice", value=value, **params)

    def _told(self, row: Row, settled: Settled) -> Iterator[FoundIssue]:
        """What the portal alone changed since the row went out stays, and is named."""
        if settled.portal_only:
            names = [unit.columns[0] for unit in settled.portal_only]
            yield FoundIssue(row.line, "portal_changed", level="notice", params={"fields": names})

    def _objections(
        self, row: Row, dossier: Dossier, planned: Plan, settled: Settled
    ) -> Iterator[FoundIssue]:
        """Why the change cannot be taken: the state, an open conflict, the pool, the rules of the template."""
        rule = STATE_RULES.get(DossierState(dossier.state))
        if rule is not None:
            yield self.places.issue(
                "application_number", row.line, rule, value=row.values["number"]
            )
            return
        if settled.open:
            for clash in settled.open:
                yield self.places.issue(clash.unit.columns[0], row.line, CONFLICT)
            return
        if dossier.pk in self.pooled and rules.is_unsuitable(planned.after.statuses):
            yield self.places.issue("status_level1", row.line, "in_pool")
        for problem in rules.problems(planned.after, self.patents[dossier.patent_id].kind):
            issue = self._rule_issue(row, planned, problem)
            if issue is not None:
                yield issue

    def _rule_issue(self, row: Row, planned: Plan, problem: Problem) -> FoundIssue | None:
        """A broken rule of the template at its cell; None for what the template has no column for."""
        name, line, value = _place(row.values, planned, problem.field)
        if name is None:
            return None
        return self.places.issue(
            name,
            line or row.line,
            problem.rule,
            level=problem.level,
            value=value,
            message=_source(problem.message),
            filled={key: _source(one) for key, one in problem.params.items()},
        )


def _written(planned: Plan, dossier: Dossier) -> dict[str, Any]:
    """How the row will be written."""
    return Writing(
        dossier=dossier,
        before=planned.before,
        after=planned.after,
        maturity_raw=planned.maturity_raw,
        unit_id=planned.unit_id or dossier.unit_id,
        responsible_id=dossier.responsible_id,
    ).plan


class _Patent(NamedTuple):
    """What is compared of a patent: no more is read of thousands."""

    number: str
    title: str
    kind: str


def _patents_of(keys: Iterable[str]) -> dict[int, _Patent]:
    found = Patent.objects.filter(application_number__in=list(keys))
    columns = ("pk", "application_number", "title", "kind")
    return {pk: _Patent(*rest) for pk, *rest in found.values_list(*columns)}


def _dossiers_of(batch: ImportBatch, patents: Iterable[int]) -> list[Dossier]:
    """The dossiers that this institution files of these patents, with unit, filing institution and marks."""
    own = Dossier.objects.filter(
        participation__institution=batch.organisation_id, patent__in=list(patents)
    )
    # thousands share few units and filing institutions
    found = list(own.prefetch_related("participation", "unit").order_by("pk"))
    moves.load_marks(found)
    return found


def load_dossiers(batch: ImportBatch, keys: Iterable[str]) -> dict[str, Dossier]:
    """The dossiers this institution files, by application number, with all that is compared."""
    own = Dossier.objects.filter(
        participation__institution=batch.organisation_id,
        patent__application_number__in=list(keys),
    )
    found = list(moves.with_neighbours(own))
    moves.load_marks(found)
    return {dossier.patent.application_number: dossier for dossier in found}


def pooled_among(dossiers: Iterable[Dossier]) -> frozenset[int]:
    """Which of them are nominated to the city pool, or in it."""
    live = PoolEntry.objects.live().filter(dossier__in=[d.pk for d in dossiers])
    return frozenset(live.values_list("dossier_id", flat=True))


def _place(
    values: Mapping[str, Any], planned: Plan, name: str
) -> tuple[str | None, int | None, str]:
    """Column, row and value of a field of the rules: ``statuses.1.amount`` is column N of the second status."""
    base, _dot, rest = name.partition(".")
    if not rest:
        value = getattr(planned.after, name, "")
        return OF_TARGET.get(name), None, value if isinstance(value, str) else ""
    number, _dot, part = rest.partition(".")
    parts, lines = (
        (OF_STATUS_PART, "status_lines") if base == "statuses" else (OF_INTENT_PART, "intent_lines")
    )
    mark = getattr(planned.after, base)[int(number)]
    column = parts[part]
    if column == "status_level2" and mark.level1 == "custom":
        column = "status_level1"
    found = values.get(lines, ())
    line = found[int(number)] if int(number) < len(found) else None
    value = getattr(mark, part)
    return column, line, value if isinstance(value, str) else ""


def _source(value: Any) -> Any:
    """A sentence as the catalogue knows it: issues are put into words in the language of their reader."""
    if not isinstance(value, Promise):
        return value
    with translation.override("en"):
        return str(value)


CHECKS: Final = (
    Step(_("Putting rows of one patent together"), join_parts),
    Step(_("Looking for repeated numbers"), refuse_duplicates),
    Step(_("Comparing with the dossiers"), compare),
    number_offers.STEP,
)
