"""Checks of staged personnel rows, and their application. The lists at the end rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.importing import personnel_undo
from inventory.importing.personnel_plan import Plan, Planner, line_of_row, promise_usernames
from portal.choices import RowOutcome, StaffCategory
from portal.intake import staging
from portal.intake.registry import FoundIssue, Step, columns_from_json
from portal.intake.staging import Verdict
from portal.models import ImportBatch, ImportRow, Membership, Organisation, StaffMember
from portal.same_person import Answer, Line, who_is
from portal.services import invitations, staff
from portal.spreadsheets.scan import column_letters

#: where the cell of an issue stands, by rule; the name otherwise
_PLACES: Final = {"number_of_other": "staff_number", "has_left": "category", "not_in_unit": "unit"}
_COMPARED: Final = ("staff_number", "unit_id", "title", "category", "email", "phone")


# --- the file against itself -----------------------------------------------------------------------


def find_repeated(batch: ImportBatch, first_line: int, limit: int) -> None:
    """The same person twice: taken once where both lines agree, refused where they contradict each other."""
    seen_by_name: dict[str, list[Line]] = {}
    seen_by_number: dict[str, list[Line]] = {}
    rows: dict[str, ImportRow] = {}
    changed: list[ImportRow] = []
    issues: list[FoundIssue] = []
    good = batch.rows.exclude(outcome=RowOutcome.REFUSED).order_by("line")
    for row in good.iterator(chunk_size=2000):
        line = line_of_row(row)
        near = {
            one.key: one
            for one in (
                *seen_by_name.get(line.folded, ()),
                *seen_by_number.get(line.staff_number, ()),
            )
        }
        answer, found = who_is(line, near.values())
        issue = _repeated(batch, row, answer, [rows[one.key] for one in found])
        if issue is not None:
            issues.append(issue)
        if {"asks", "merged_into"} & set(row.values):
            changed.append(row)
        if issue is None:
            rows[line.key] = row
            seen_by_name.setdefault(line.folded, []).append(line)
            if line.staff_number:
                seen_by_number.setdefault(line.staff_number, []).append(line)
    ImportRow.objects.bulk_update(changed, ["values"], batch_size=500)
    staging.refuse(batch, issues)


def _repeated(
    batch: ImportBatch, row: ImportRow, answer: Answer, found: Sequence[ImportRow]
) -> FoundIssue | None:
    """What is wrong with a row beside earlier ones; marks the row."""
    if answer is Answer.NEW:
        return None
    first = found[0]
    params = {"line": first.line}
    if answer is Answer.OTHER_NAME:
        return _issue(batch, row, "number_twice", "error", params)
    if answer is Answer.ASK:
        row.values["asks"] = first.line
        return None
    differs = [
        name
        for name in _COMPARED
        if row.values.get(name)
        and first.values.get(name)
        and row.values[name] != first.values[name]
    ]
    if differs or answer is Answer.SEVERAL:
        return _issue(batch, row, "duplicate_differs", "error", params)
    row.values["merged_into"] = first.line
    return _issue(batch, row, "duplicate_in_file", "notice", params)


def _issue(
    batch: ImportBatch, row: ImportRow, rule: str, level: str, params: dict[str, Any]
) -> FoundIssue:
    columns = {one.field: one for one in columns_from_json(batch.columns) if one.field}
    place = _PLACES.get(rule, "staff_number" if rule == "number_twice" else "name")
    column = columns.get(place) or columns.get("name")
    value = row.values.get(place if place != "unit" else "name") or row.values["name"]
    if place == "category":
        value = dict(StaffCategory.choices).get(value, value)
    return FoundIssue(
        line=row.line,
        rule=rule,
        level=level,
        column=column_letters(column.index + 1) if column else "",
        header=column.header if column else "",
        value=str(value),
        params=params,
    )


# --- the file against the list ------------------------------------------------------------------------


def compare(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """What each row would add or change, which account it opens, and why not."""
    rows = _next_rows(batch, first_line, limit)
    if not rows:
        return None
    planner = Planner(batch, rows)
    plans = [planner.judge(row) for row in rows]
    promise_usernames(batch, plans)
    for plan in plans:
        plan.row.values["promise"] = plan.promise
    ImportRow.objects.bulk_update(rows, ["values"], batch_size=500)
    staging.set_verdicts(batch, [_verdict(plan) for plan in plans])
    staging.refuse(
        batch,
        [
            _issue(batch, plan.row, rule, level, params)
            for plan in plans
            for rule, level, params in plan.issues
        ],
    )
    return rows[-1].line + 1


def _next_rows(batch: ImportBatch, first_line: int, limit: int) -> list[ImportRow]:
    good = batch.rows.filter(line__gte=first_line).exclude(outcome=RowOutcome.REFUSED)
    return list(good.exclude(values__has_key="merged_into").order_by("line")[:limit])


def _verdict(plan: Plan) -> Verdict:
    member = plan.member
    return Verdict(
        plan.row.line,
        plan.outcome,
        plan.changes,
        member.pk if member else None,
        member.version if member else None,
    )


# --- writing ----------------------------------------------------------------------------------------


def write_people(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Put people on the list, change them, keep accounts ready: the next rows of the preview."""
    Organisation.objects.select_for_update(of=("self",)).get(pk=batch.organisation_id)
    rows = list(
        batch.rows.filter(
            line__gte=first_line,
            outcome__in=[RowOutcome.ADDED, RowOutcome.CHANGED],
            is_applied=False,
        ).order_by("line")[:limit]
    )
    if not rows:
        return None
    planner = Planner(batch, rows)
    plans = [planner.judge(row) for row in rows]
    kept = [plan for plan in plans if plan.row.values.get("promise") == plan.promise]
    late = [plan for plan in plans if plan not in kept]
    staging.refuse(
        batch, [_issue(batch, plan.row, "changed_meanwhile", "error", {}) for plan in late]
    )
    _write(batch, kept)
    return rows[-1].line + 1


def _write(batch: ImportBatch, plans: Sequence[Plan]) -> None:
    actor = batch.membership
    new = [plan for plan in plans if plan.member is None]
    made = staff.add_staff(rows=[_line(plan) for plan in new], actor=actor)
    for plan, member in zip(new, made, strict=True):
        plan.member = member
    locked = _locked(plans)
    before = {
        plan.row.line: _before(plan, locked[plan.member.pk])
        for plan in plans
        if plan.member and plan not in new
    }
    old = [plan for plan in plans if plan not in new]
    staff.change_staff(
        changed=[(locked[plan.member.pk], plan.values) for plan in old if plan.member], actor=actor
    )
    accounts = _open_accounts(plans, locked, actor)
    staging.mark_applied(
        batch,
        [
            personnel_undo.image(plan.row, locked[plan.member.pk], before, accounts)
            for plan in plans
            if plan.member
        ],
    )


def _line(plan: Plan) -> dict[str, Any]:
    """A new person as the list takes it."""
    user_id = plan.user.pk if plan.user else None
    return {**plan.values, "user_id": user_id, "is_doubtful": plan.is_doubtful}


def _open_accounts(
    plans: Sequence[Plan], locked: Mapping[int, StaffMember], actor: Membership
) -> set[int]:
    """Accounts for those who are to have one; returns their keys."""
    opening = [plan for plan in plans if plan.opens_account and plan.member]
    opened = invitations.open_accounts(
        members=[locked[plan.member.pk] for plan in opening if plan.member],
        actor=actor,
        wanted={
            plan.member.pk: plan.row.values["username"]
            for plan in opening
            if plan.member and "username" in plan.row.values
        },
    )
    return {invitation.user_id for invitation in opened}


def _before(plan: Plan, member: StaffMember) -> dict[str, Any]:
    """What the list said of a person where the file says something else."""
    said = {name: getattr(member, name) for name in plan.values}
    return {name: value for name, value in said.items() if value != plan.values[name]}


def _locked(plans: Sequence[Plan]) -> dict[int, StaffMember]:
    keys = [plan.member.pk for plan in plans if plan.member]
    held = StaffMember.objects.select_for_update(of=("self",)).filter(pk__in=keys)
    return {member.pk: member for member in held.order_by("pk")}


CHECKS: Final = (
    Step(_("People who stand twice in the file"), find_repeated),
    Step(_("Comparing with the personnel list"), compare),
)
APPLICATIONS: Final = (Step(_("Writing the personnel list"), write_people),)
