"""Requests to take entries off the list, and what the lead bureau decided."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from inventory.choices import PATENT_WIDE_REASONS
from inventory.demo import days
from inventory.demo.patents import Made
from inventory.demo.progress import Plan
from portal.demo.city import City

BASE_DAY: Final = days.BASE_DAY.toordinal()
_WORDS: Final = {
    "lapsed": "专利权已于基准日前终止，见年费缴纳记录与登记簿副本。",
    "dual_ended": "同日申请的发明已授权，本实用新型专利权终止，见授权公告。",
    "transferred_away": "专利权已于基准日前转让，著录项目变更手续合格通知书已核对。",
    "not_ours": "专利权人为同名单位，经核对登记簿并非本单位。",
    "other": "属于保密审查范围内的衍生成果，申请暂不纳入本次盘点。",
}
_REFUSALS: Final = "登记簿显示专利权仍然有效，请继续盘点。"


@dataclass(frozen=True, slots=True)
class Request:
    """One request with its decision; ``decided`` is 0 while it waits."""

    reason: str
    state: str
    asked: int
    decided: int

    @property
    def is_wide(self) -> bool:
        return self.reason in PATENT_WIDE_REASONS


class ExclusionMaker:
    """Draws and writes requests."""

    def __init__(self, city: City) -> None:
        self.random: Random = city.random
        self.lines = city.loader.lines
        self.next_id = city.loader.next_id
        self.today = city.today.toordinal()
        self.decider = city.cast["city"].membership_id

    def draw(self, made: Made, state: str, plan: Plan) -> Request | None:
        """Whether the institution asks to take the patent off its list."""
        roll = self.random.random()
        if made.ended and made.ended <= BASE_DAY:
            if roll > 0.9:
                return None
            reason = "dual_ended" if made.ended_by == "double_grant_avoided" else "lapsed"
        elif state == "unfiled" and roll < 0.03:
            reason = self.random.choice(("transferred_away", "not_ours", "other"))
        else:
            return None
        return self._decide(reason, plan)

    def _decide(self, reason: str, plan: Plan) -> Request:
        roll = self.random.random()
        asked = days.working(plan.listed + 8 + int(self.random.random() * 200))
        if roll < 0.2:
            return Request(reason, "requested", days.working(self.today - 2 - int(roll * 200)), 0)
        is_wide = reason in PATENT_WIDE_REASONS
        state = "approved" if roll < (0.95 if is_wide else 0.6) else "refused"
        return Request(
            reason, state, asked, days.working(asked + 6 + int(self.random.random() * 20))
        )

    def write(self, request: Request, entry: int, made: Made) -> None:
        """One row for the institution that asked, with its audit entries."""
        manager = made.institution.manager
        if manager is None:
            raise ValueError("Every institution has a manager")
        row = self.next_id("inventory_exclusion")
        asked = days.moment(request.asked, 640)
        decided = days.moment(request.decided, 930) if request.decided else "\\N"
        note = _REFUSALS if request.state == "refused" else ""
        effective = days.text(request.decided or request.asked)
        decider = self.decider if request.decided else "\\N"
        self.lines["inventory_exclusion"].append(
            f"{row}\t{request.reason}\t{_WORDS[request.reason]}\t{effective}\t{request.state}\t{asked}\t{decided}\t"
            f"{note}\t{2 if request.decided else 1}\t{decider}\t{entry}\t{manager.membership_id}"
        )
