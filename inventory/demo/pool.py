"""The screening rule, nominations by it, and what the bureau admitted or removed."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

from inventory.demo import days
from inventory.demo.dossiers import Filed
from inventory.demo.facts import PoolFacts
from portal.choices import Role
from portal.demo.city import City

MIN_STARS: Final = 3
MIN_MONTHS: Final = 24
_REMOVED: Final = ("企业反馈技术路线已过时", "持有人申请撤回", "权利即将转让")
_DECLINED: Final = (
    "应用场景描述过于笼统",
    "技术成熟度不足，建议补充中试数据后再推荐",
    "与在库专利高度重复",
)
_ADMITTED: Final = ("", "", "产业需求明确")
#: Minute of the day at which pool acts happen.
_MINUTE: Final = 1000


class PoolMaker:
    """Nominates complete dossiers that the rule lets through."""

    def __init__(self, city: City) -> None:
        self.random: Random = city.random
        self.lines = city.loader.lines
        self.next_id = city.loader.next_id
        self.today = city.today.toordinal()
        self.facts = PoolFacts(city.loader)
        self.official = city.cast["city"].membership_id
        self.rule = city.loader.add(
            "inventory_poolrule",
            1,
            MIN_STARS,
            ["invention", "utility"],
            False,
            MIN_MONTHS,
            days.moment(days.OPENS.toordinal(), 600),
            self.official,
        )

    def make(self, filed: Filed) -> None:
        """One pool entry, if the dossier qualifies and its institution nominated it."""
        content, made = filed.content, filed.made
        if filed.state != "completed" or made.kind == "design" or (content.stars or 0) < MIN_STARS:
            return
        if any(s.level1 in _BARRED for s in content.statuses) or made.ended:
            return
        nominated = days.working(filed.completed + 3 + int(self.random.random() * 40))
        months = _months(nominated, made.expires)
        if nominated >= self.today or months < MIN_MONTHS or self.random.random() > 0.75:
            return
        self._write(filed, nominated, months)

    def _write(self, filed: Filed, nominated: int, months: int) -> None:
        made, content = filed.made, filed.content
        manager = made.institution.manager
        if manager is None:
            raise ValueError("Every institution has a manager")
        states = self._states(nominated)
        state = states[-1][1]
        reasons = self._reasons(states)
        removed = reasons[-1] if state == "removed" else ""
        decided = (
            f"{self.official}\t{days.moment(states[1][0], _MINUTE)}"
            if len(states) > 1
            else "\\N\t\\N"
        )
        note = reasons[1] if len(states) > 1 else ""
        row = self.next_id("inventory_poolentry")
        self.lines["inventory_poolentry"].append(
            f"{row}\t{state}\t{content.stars}\t{'t' if content.strategic_codes else 'f'}\t{months}\t\t"
            f"{days.moment(nominated, _MINUTE)}\t{removed}\t{len(states)}\t{filed.id}\t{made.institution.id}\t"
            f"{manager.membership_id}\t{made.id}\t{self.rule}\t{decided}\t{note}"
        )
        self._write_steps(row, states, reasons, manager.membership_id)
        self.facts.write(row, made.institution.id, made.id, states)
        entry = self.next_id("portal_auditentry")
        self.lines["portal_auditentry"].append(
            f"{entry}\t{days.moment(nominated, _MINUTE)}\t{Role.INSTITUTION_MANAGER}\tcreate\tinventory.poolentry\t"
            f'{row}\t{{"state": [null, "nominated"]}}\t\t{manager.user_id}\t{made.institution.id}\t'
            f"{made.institution.id}"
        )

    def _reasons(self, states: list[tuple[int, str]]) -> list[str]:
        words = {"admitted": _ADMITTED, "declined": _DECLINED, "removed": _REMOVED}
        return [self.random.choice(words[state]) if state in words else "" for _, state in states]

    def _write_steps(
        self, entry: int, states: list[tuple[int, str]], reasons: list[str], manager: int
    ) -> None:
        before = ""
        for (day, state), reason in zip(states, reasons, strict=True):
            actor = self.official if before else manager
            self.lines["inventory_poolstep"].append(
                f"{self.next_id('inventory_poolstep')}\t{before}\t{state}\t{days.moment(day, _MINUTE)}\t"
                f"{reason}\t{actor}\t{entry}"
            )
            before = state

    def _states(self, nominated: int) -> list[tuple[int, str]]:
        states = [(nominated, "nominated")]
        admitted = days.working(nominated + 5 + int(self.random.random() * 30))
        if admitted < self.today and self.random.random() < 0.85:
            if self.random.random() < 0.06:
                return [*states, (admitted, "declined")]
            states.append((admitted, "admitted"))
            removed = days.working(admitted + 60 + int(self.random.random() * 200))
            if removed < self.today and self.random.random() < 0.04:
                states.append((removed, "removed"))
        return states


_BARRED: Final = frozenset({"abandoning", "ownership_dispute", "unsuitable_other"})


def _months(day: int, until: int) -> int:
    """Full months from a day to the end of the term."""
    start, end = date.fromordinal(day), date.fromordinal(until)
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(0, months)
