"""What a row of a personnel list would do, judged against the list, the accounts and the patents, chunk by chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from inventory.models import PatentInventor
from inventory.permissions import is_below
from portal import audit, crypto, usernames
from portal.choices import GONE_CATEGORIES, RowOutcome, StaffCategory
from portal.models import ImportBatch, ImportRow, StaffMember, Unit, User
from portal.same_person import Answer, Line, who_is
from portal.services import staff

#: answers to the question of the upload
LIST_ONLY, FOR_INVENTORS, FOR_ALL = "", "inventors", "all"
_REFUSALS: Final = {Answer.SEVERAL: "several_fit", Answer.OTHER_NAME: "number_of_other"}


@dataclass
class Plan:
    """Outcome and changes of one row; `issues` are (rule, level, parameters)."""

    row: ImportRow
    outcome: RowOutcome
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    member: StaffMember | None = None
    user: User | None = None
    is_doubtful: bool = False
    opens_account: bool = False
    issues: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    @property
    def promise(self) -> str:
        """What the preview promises, to be compared when it is kept: who is meant, and whether that was clear."""
        who = f"s{self.member.pk}" if self.member else f"u{self.user.pk}" if self.user else ""
        return f"{self.outcome}:{who}:{self.is_doubtful:d}"


def line_of_row(row: ImportRow) -> Line:
    """A row as portal.same_person compares it."""
    said = row.values
    return Line(
        key=str(row.line),
        name=said["name"],
        unit=said.get("unit_id"),
        staff_number=said.get("staff_number", ""),
        phone=crypto.lookup(said.get("phone", "")),
        email=crypto.lookup(said.get("email", "")),
    )


class Planner:
    """Judges the rows of one chunk; everything is loaded in a constant number of queries."""

    def __init__(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        self.batch, self.actor = batch, batch.membership
        self.accounts = batch.options.get("accounts", LIST_ONLY)
        names = [row.values["name"] for row in rows]
        numbers = [row.values.get("staff_number", "") for row in rows]
        listed, users = staff.known_people(batch.organisation_id, names, numbers)
        self.members = {f"s{one.pk}": one for one in listed}
        self.users = {f"u{person.pk}": person for person, _unit in users}
        lines = [staff.line_of(one) for one in listed]
        lines += [staff.line_of_account(person, unit) for person, unit in users]
        self.by_name: dict[str, list[Line]] = {}
        self.by_number: dict[str, list[Line]] = {}
        for line in lines:
            self.by_name.setdefault(line.folded, []).append(line)
            if line.staff_number:
                self.by_number.setdefault(line.staff_number, []).append(line)
        self.units = dict(
            Unit.objects.filter(organisation=batch.organisation_id).values_list("pk", "path")
        )
        self.unit_names = dict(
            Unit.objects.filter(organisation=batch.organisation_id).values_list("pk", "name")
        )
        self.inventors = inventors_among(batch.organisation_id, names) if self.accounts else set()

    def judge(self, row: ImportRow) -> Plan:
        """Outcome, changes and issues of one row."""
        line = line_of_row(row)
        known = {
            one.key: one
            for one in (
                *self.by_name.get(line.folded, ()),
                *self.by_number.get(line.staff_number, ()),
            )
        }
        answer, found = who_is(line, known.values())
        if answer in _REFUSALS:
            return self._refused(row, _REFUSALS[answer], found)
        values = {name: row.values[name] for name in staff.FIELDS if row.values.get(name)}
        if answer is Answer.SAME and found[0].key in self.members:
            return self._same(row, values, self.members[found[0].key])
        if not self._may_write(values.get("unit_id")):
            return Plan(row, RowOutcome.REFUSED, issues=[("not_in_unit", "error", {})])
        plan = Plan(row, RowOutcome.ADDED, values)
        if answer is Answer.SAME:
            plan.user = self.users[found[0].key]
        plan.is_doubtful = answer is Answer.ASK or "asks" in row.values
        plan.changes = audit.changes_of({}, self._shown(values))
        if plan.is_doubtful:
            plan.issues.append(("name_collision", "notice", {"others": self._others(found)}))
        self._account(plan, values.get("category", StaffCategory.TEACHER), plan.user)
        return plan

    def _same(self, row: ImportRow, values: dict[str, Any], member: StaffMember) -> Plan:
        if not (self._may_write(member.unit_id) and self._may_write(values.get("unit_id"))):
            return Plan(row, RowOutcome.REFUSED, issues=[("not_in_unit", "error", {})])
        before = self._shown({name: getattr(member, name) for name in values})
        changes = audit.changes_of(before, self._shown(values))
        plan = Plan(row, RowOutcome.UNCHANGED, values, changes, member)
        plan.is_doubtful = member.is_doubtful
        category = values.get("category", member.category)
        if category in GONE_CATEGORIES and member.user_id and member.user.is_active:  # type: ignore[union-attr]
            plan.issues.append(("has_left", "notice", {}))
        self._account(plan, category, member.user)
        if plan.changes or plan.opens_account:
            plan.outcome = RowOutcome.CHANGED
        return plan

    def _account(self, plan: Plan, category: str, held: User | None) -> None:
        """Whether an account is kept ready; why not, where one was asked for."""
        if not self.accounts or held is not None:
            return
        name = plan.row.values["name"]
        if category in GONE_CATEGORIES:
            plan.issues.append(("no_account_gone", "notice", {}))
        elif plan.is_doubtful:
            plan.issues.append(("no_account_doubtful", "notice", {}))
        elif self.accounts == FOR_INVENTORS and category == StaffCategory.STUDENT:
            plan.issues.append(("no_account_student", "notice", {}))
        elif self.accounts == FOR_INVENTORS and staff.name_key(name) not in self.inventors:
            plan.issues.append(("no_account_patent", "notice", {}))
        else:
            plan.opens_account = True

    def _refused(self, row: ImportRow, rule: str, found: Sequence[Line]) -> Plan:
        params = {"others": self._others(found)}
        return Plan(row, RowOutcome.REFUSED, issues=[(rule, "error", params)])

    def _others(self, found: Sequence[Line]) -> str:
        """People in words: 王伟（材料学院，工号 1001）."""
        shown = []
        for line in found[:5]:
            facts = [self.unit_names.get(line.unit or 0, ""), line.staff_number]
            inside = "，".join(fact for fact in facts if fact)
            shown.append(f"{line.name}（{inside}）" if inside else line.name)
        return "、".join(shown)

    def _shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The unit by its name, as people read it."""
        shown = dict(values)
        if "unit_id" in shown:
            shown["unit"] = self.unit_names.get(shown.pop("unit_id") or 0)
        return shown

    def _may_write(self, unit: int | None) -> bool:
        """A unit's manager keeps the list of the own branch only."""
        return is_below(self.actor, self.units.get(unit or 0))


def inventors_among(organisation_id: int, names: Sequence[str]) -> set[str]:
    """Name keys of those of these names who stand on a patent of the institution as inventors (one query)."""
    written = {*names, *(name.replace(" ", "") for name in names)}
    found = PatentInventor.objects.filter(
        name__in=written, patent__holders__organisation=organisation_id
    )
    return {staff.name_key(name) for name in found.values_list("name", flat=True).distinct()}


def promise_usernames(batch: ImportBatch, plans: Sequence[Plan]) -> None:
    """Show in the preview which user names the accounts will have; none twice in the file."""
    opening = [plan for plan in plans if plan.opens_account]
    if not opening:
        return
    earlier = batch.rows.filter(
        line__lt=min(plan.row.line for plan in plans), values__has_key="username"
    )
    promised = earlier.values_list("values__username", flat=True)
    names = [plan.row.values["name"] for plan in opening]
    for plan, username in zip(opening, usernames.new_names(names, set(promised)), strict=True):
        plan.row.values["username"] = username
        plan.changes["username"] = [None, username]
