"""Checking, writing and taking back small tables in which one row is one thing: the walk that all of them share.

A kind of table gives a planner (made once per chunk, a constant number of queries) that judges rows and writes what it
judged, and a restorer that puts things back. Rows carry in `values["identities"]` by what the file must not name
anything twice: (field, key) each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.importing.changed_by import changed_by
from portal.choices import RowOutcome, UndoOutcome
from portal.errors import DomainError
from portal.intake import staging, undoing
from portal.intake.registry import ColumnGuess, FoundIssue, Step, columns_from_json
from portal.intake.staging import Verdict, Written
from portal.intake.undoing import Undone
from portal.models import ImportBatch, ImportRow, Organisation

IDENTITIES: Final = "identities"
_WRITES: Final = (RowOutcome.ADDED, RowOutcome.CHANGED)


@dataclass(frozen=True)
class Doubt:
    """Something wrong with a row, or worth knowing, in the cell of a field; level error or notice."""

    field: str
    rule: str
    value: str = ""
    level: str = "error"
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass
class Plan:
    """What one row would do: to which target (None: a new one), with which changes, and what is to be said."""

    row: ImportRow
    outcome: RowOutcome
    changes: dict[str, list[Any]] = dataclasses.field(default_factory=dict)
    target: Any = None
    doubts: list[Doubt] = dataclasses.field(default_factory=list)

    @property
    def promise(self) -> tuple[str, int | None, int | None]:
        """What the preview promises, to be compared when it is kept."""
        target = self.target
        return str(self.outcome), target and target.pk, target and target.version


class Planner(Protocol):
    """Judges the rows of one chunk, and writes them."""

    def judge(self, row: ImportRow) -> Plan:
        """Outcome, changes and doubts of one row; queries nothing."""
        ...

    def write(self, plan: Plan) -> Written:
        """Write one row through the services; the engine's transaction is open, a savepoint is set."""
        ...


class Restorer(Protocol):
    """Puts the things of one chunk back."""

    def restore(self, target: Any, before: Mapping[str, Any]) -> str:
        """Put one back as `before` says ({"made": True}: it leaves); why it stays, "" where it went back."""
        ...


Planners = Callable[[ImportBatch, Sequence[ImportRow]], Planner]
#: made with the keys of what the import made
Restorers = Callable[[ImportBatch, Sequence[int]], Restorer]
Part = Callable[[ImportRow], bool]
Run = Callable[[ImportBatch, int, int], int | None]


def _every_row(row: ImportRow) -> bool:
    return True


@dataclass(frozen=True)
class Table:
    """The steps of a kind of table whose rows are `model`.

    `parts` are applied one after another, each its rows, and taken back the other way round.
    """

    model: type[Model]
    planner: Planners
    restorer: Restorers
    parts: Sequence[Part] = (_every_row,)

    @property
    def checks(self) -> Sequence[Step]:
        return (
            Step(gettext_lazy("Looking for what the file names twice"), find_repeated),
            Step(gettext_lazy("Comparing with what is there"), self.compare),
        )

    @property
    def applications(self) -> Sequence[Step]:
        return tuple(
            Step(gettext_lazy("Writing the list"), self._writer(one)) for one in self.parts
        )

    @property
    def undoes(self) -> Sequence[Step]:
        label = gettext_lazy("Taking the list back")
        return tuple(Step(label, self._taker(one)) for one in reversed(self.parts))

    def compare(self, batch: ImportBatch, first_line: int, limit: int) -> int | None:
        """What each row would add or change, and why not."""
        good = batch.rows.filter(line__gte=first_line).exclude(outcome=RowOutcome.REFUSED)
        rows = list(good.order_by("line")[:limit])
        if not rows:
            return None
        planner = self.planner(batch, rows)
        plans = [planner.judge(row) for row in rows]
        staging.set_verdicts(batch, [_verdict(plan) for plan in plans])
        staging.refuse(batch, [*_issues(batch, plans)])
        return rows[-1].line + 1

    def _writer(self, takes: Part) -> Run:
        def write(batch: ImportBatch, first_line: int, limit: int) -> int | None:
            # two imports of one office, one after the other
            Organisation.objects.select_for_update(of=("self",)).get(pk=batch.organisation_id)
            waiting = batch.rows.filter(line__gte=first_line, outcome__in=_WRITES, is_applied=False)
            rows = list(waiting.order_by("line")[:limit])
            if rows:
                self._write(batch, [row for row in rows if takes(row)])
            return rows[-1].line + 1 if rows else None

        return write

    def _write(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        """Rows that still do what the preview said; what meanwhile is as the file says it counts as unchanged."""
        planner = self.planner(batch, rows)
        written: list[Written] = []
        same: list[Verdict] = []
        late: list[Plan] = []
        for row in rows:
            plan = planner.judge(row)
            if plan.outcome == RowOutcome.UNCHANGED:
                same.append(_verdict(plan))
            elif plan.promise == (row.outcome, row.target_id, row.target_version):
                written += _tried(planner, plan, late)
            else:
                late.append(plan)
        staging.set_verdicts(batch, same)
        staging.refuse(batch, [*_issues(batch, map(_changed_meanwhile, late))])
        staging.mark_applied(batch, written)

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        """Applied rows whose target has another version than the import left, or that a later file names."""
        other = self.model._base_manager.filter(pk=OuterRef("target_id")).exclude(
            version=OuterRef("version_after")
        )
        again = undoing.said_again(batch).filter(key=OuterRef("key"))
        waiting = batch.rows.filter(is_applied=True, undo_outcome="")
        return waiting.filter(Exists(other) | Exists(again))

    def is_current(self, batch: ImportBatch) -> bool:
        """Whether everything the preview compared with still is as it was (two queries)."""
        seen = dict(
            batch.rows.filter(target_id__isnull=False).values_list("target_id", "target_version")
        )
        now = self.model._base_manager.filter(pk__in=seen).values_list("pk", "version")
        return dict(now) == seen

    def _taker(self, takes: Part) -> Run:
        def take_back(batch: ImportBatch, first_line: int, limit: int) -> int | None:
            rows = undoing.rows_left(batch, first_line, limit)
            if rows:
                self._take_back(batch, [row for row in rows if takes(row)])
            return rows[-1].line + 1 if rows else None

        return take_back

    def _take_back(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        """Put rows back, each unless somebody changed it since or a later file says the same."""
        keys = [row.target_id for row in rows if row.target_id]
        held = self.model._base_manager.select_for_update(of=("self",)).filter(pk__in=keys)
        now: dict[int, Any] = {one.pk: one for one in held.order_by("pk")}
        again = undoing.keys_said_again(batch, rows)
        told = changed_by(self.model, list(now))
        made = [row.target_id for row in rows if row.target_id and (row.before or {}).get("made")]
        restorer = self.restorer(batch, made)
        undone = []
        for row in rows:
            target = now.get(row.target_id or 0)
            stays = _why_it_stays(row, target, again, told) or _restored(restorer, row, target)
            outcome = UndoOutcome.KEPT if stays else UndoOutcome.TAKEN_BACK
            undone.append(Undone(row.line, outcome, stays))
        undoing.settle(batch, undone)


def find_repeated(batch: ImportBatch, first_line: int, limit: int) -> None:
    """The same thing in two rows of the file: the first counts, the others are refused and name it."""
    seen: dict[tuple[str, str], int] = {}
    issues: list[FoundIssue] = []
    columns = _columns(batch)
    good = batch.rows.exclude(outcome=RowOutcome.REFUSED).order_by("line")
    for row in good.iterator(chunk_size=2000):
        own = [(name, key) for name, key in row.values[IDENTITIES]]
        # a further name of one may be the name of another: names are one kind of identity
        kinds = [("name" if name == "former_names" else name, key) for name, key in own]
        first = next((each for each in zip(own, kinds, strict=True) if each[1] in seen), None)
        if first is None:
            seen.update(dict.fromkeys(kinds, row.line))
            continue
        (name, _key), kind = first
        doubt = Doubt(name, "repeated", _shown(row, name), params={"line": seen[kind]})
        issues.append(_issue(columns, row, doubt))
    staging.refuse(batch, issues)


def _tried(planner: Planner, plan: Plan, late: list[Plan]) -> list[Written]:
    """Write one row; what others took in the last moment makes it late."""
    try:
        with transaction.atomic():
            return [planner.write(plan)]
    except (ValidationError, IntegrityError, DomainError):
        late.append(plan)
        return []


def _changed_meanwhile(plan: Plan) -> Plan:
    doubt = Doubt("name", "changed_meanwhile", _shown(plan.row, "name"))
    return Plan(plan.row, RowOutcome.REFUSED, doubts=[doubt])


def _verdict(plan: Plan) -> Verdict:
    target = plan.target
    return Verdict(
        plan.row.line,
        plan.outcome,
        plan.changes,
        target.pk if target else None,
        target.version if target else None,
    )


def _issues(batch: ImportBatch, plans: Iterable[Plan]) -> Iterator[FoundIssue]:
    columns = _columns(batch)
    for plan in plans:
        for doubt in plan.doubts:
            yield _issue(columns, plan.row, doubt)


def _columns(batch: ImportBatch) -> dict[str, ColumnGuess]:
    return {one.field: one for one in columns_from_json(batch.columns) if one.field}


def _issue(columns: Mapping[str, ColumnGuess], row: ImportRow, doubt: Doubt) -> FoundIssue:
    column = columns.get(doubt.field)
    return FoundIssue(
        line=row.line,
        rule=doubt.rule,
        level=doubt.level,
        column=column.letter if column else "",
        header=column.header if column else "",
        value=doubt.value,
        params=dict(doubt.params),
    )


def _shown(row: ImportRow, name: str) -> str:
    """What a row says in a field, as an issue shows it; contacts never."""
    value = row.values.get(name, "")
    return "；".join(value) if isinstance(value, list) else str(value)


def _restored(restorer: Restorer, row: ImportRow, target: Any) -> str:
    """Why it stays; "" where it went back."""
    try:
        with transaction.atomic():
            return restorer.restore(target, row.before or {})
    except (ValidationError, IntegrityError, DomainError):
        return _("What it said before is taken by another one meanwhile.")


def _why_it_stays(row: ImportRow, target: Any, again: set[str], told: Mapping[int, str]) -> str:
    if target is None:
        return _("It is gone.")
    if row.before is None:
        return _("What was before was not kept.")
    if target.version != row.version_after:
        return told.get(target.pk, _("It was changed since."))
    return _("A later file says the same.") if row.key in again else ""
