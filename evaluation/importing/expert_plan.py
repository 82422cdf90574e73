"""What a row of a list of experts would do beside the pool; how it is written and put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from evaluation.choices import ExpertState
from evaluation.models import Expert
from evaluation.services import experts
from inventory.importing.holders import organisations_by_name
from inventory.importing.table_steps import Doubt, Plan, Table
from portal import audit
from portal.choices import RowOutcome
from portal.intake import undoing
from portal.intake.staging import Written
from portal.models import ImportBatch, ImportRow
from portal.text import compact, fold, mask_phone, pinyin_key


class ExpertPlanner:
    """Judges and writes the rows of one chunk."""

    def __init__(self, batch: ImportBatch, rows: Sequence[ImportRow]) -> None:
        self.actor = batch.membership
        self.are_admitted = batch.options.get("experts") == ExpertState.ADMITTED
        self.organisations = organisations_by_name()
        keys = {pinyin_key(row.values["name"], person=True) for row in rows}
        self.known: dict[str, Expert] = {}
        self.namesakes: dict[tuple[str, str], list[Expert]] = {}
        for one in Expert.objects.filter(name_key__in=keys).order_by("pk"):
            self.known[one.identity] = one
            self.namesakes.setdefault(_who(one.name, one.employer), []).append(one)

    def judge(self, row: ImportRow) -> Plan:
        """Outcome, changes and doubts of one row."""
        said = row.values
        target = self.known.get(said["identity"])
        if target is not None and target.state == ExpertState.REMOVED:
            doubt = Doubt("name", "removed_before", said["name"])
            return Plan(row, RowOutcome.REFUSED, target=target, doubts=[doubt])
        values = self._values(said, target)
        before = experts.picture(target) if target else {}
        changes = {
            name.removesuffix("_id"): pair
            for name, pair in audit.changes_of(before, values).items()
            if not name.endswith("_id") and (pair[0] or pair[1])
        }
        doubts = self._doubts(said, target)
        if target is None:
            return Plan(row, RowOutcome.ADDED, changes, None, doubts)
        outcome = RowOutcome.CHANGED if changes else RowOutcome.UNCHANGED
        return Plan(row, outcome, changes, target, doubts)

    def _values(self, said: Mapping[str, Any], target: Expert | None) -> dict[str, Any]:
        """What the entry would hold of what the row says; blank cells say nothing."""
        values = {name: said[name] for name in experts.SAID if said.get(name)}
        values["organisation_id"] = self.organisations.get(fold(said["employer"]))
        if said.get("recommender"):
            values["recommended_by_id"] = self.organisations.get(fold(said["recommender"]))
        if self.are_admitted:
            values["state"] = ExpertState.ADMITTED
        elif target is None:
            values["state"] = ExpertState.RECOMMENDED
        return values

    def _doubts(self, said: Mapping[str, Any], target: Expert | None) -> list[Doubt]:
        """Somebody of this name and employer with another mobile may be the same person."""
        others = self.namesakes.get(_who(said["name"], said["employer"]), ())
        if target is not None or not others:
            return []
        params = {"phone": "、".join(mask_phone(one.phone) for one in others[:3])}
        return [Doubt("phone", "other_mobile", mask_phone(said["phone"]), "notice", params)]

    def write(self, plan: Plan) -> Written:
        """Enter or change one person through the services."""
        values = self._values(plan.row.values, plan.target)
        if plan.target is None:
            made = experts.add_expert(values=values, actor=self.actor)
            return Written(plan.row.line, made.pk, {"made": True}, made.version)
        before = experts.picture(plan.target)
        held = experts.change_expert(
            expert=plan.target,
            values=values,
            seen_version=plan.target.version,
            actor=self.actor,
        )
        return Written(plan.row.line, held.pk, before, held.version)


class ExpertRestorer:
    """Puts the people of one chunk back."""

    def __init__(self, batch: ImportBatch, made: Sequence[int]) -> None:
        self.actor, self.reason = undoing.actor_of(batch), batch.undo_reason

    def restore(self, target: Expert, before: Mapping[str, Any]) -> str:
        """A new entry leaves, a changed one says what it said before; nothing else names an entry."""
        if before.get("made"):
            experts.withdraw_expert(expert=target, actor=self.actor, reason=self.reason)
        else:
            experts.change_expert(
                expert=target,
                values=before,
                seen_version=target.version,
                actor=self.actor,
                reason=self.reason,
            )
        return ""


def _who(name: str, employer: str) -> tuple[str, str]:
    return compact(name), compact(employer)


TABLE: Final = Table(Expert, ExpertPlanner, ExpertRestorer)
