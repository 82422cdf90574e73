"""How each institution gets on with its stock-taking, and the history of single dossiers."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from inventory.demo import days
from portal.demo.city import Institution

OPENS: Final = days.OPENS.toordinal()
DUE: Final = days.DUE.toordinal()

#: (share completed by now, share of that after the due day) for institutions in turn
_PACES: Final = (
    (0.94, 0.10),
    (1.0, 0.0),
    (0.88, 0.15),
    (0.97, 0.05),
    (0.55, 0.45),
    (1.0, 0.0),
    (0.91, 0.2),
    (0.72, 0.3),
    (0.99, 0.02),
    (0.38, 0.6),
    (1.0, 0.0),
    (0.83, 0.25),
    (0.95, 0.1),
    (0.64, 0.5),
    (1.0, 0.0),
    (0.90, 0.1),
)
#: the rest by state
_RESTS: Final = (
    (0.36, "unfiled"),
    (0.64, "draft"),
    (0.84, "unit_review"),
    (1.0, "institution_review"),
)
RETURNED: Final = 0.12
REVISED: Final = 0.02


@dataclass(slots=True)
class Plan:
    """An institution's part in the campaign and its pace."""

    institution: Institution
    participation: int
    review_steps: int
    is_central: bool
    listed: int
    done: float
    late: float
    generosity: float
    due: int = DUE


@dataclass(slots=True)
class Step:
    """One change of state: who (by rank), when, from where to where."""

    act: str
    before: str
    after: str
    by: str
    day: int
    minute: int
    reason: str = ""


def pace(number: int) -> tuple[float, float]:
    """(share done, share of it late) of the institution with this running number from 0."""
    if number == 0:
        return 0.62, 0.2
    if number == 9:
        return 0.0, 0.0  # never began
    if number == 21:
        return 0.04, 1.0  # has just begun
    return _PACES[number % len(_PACES)]


def final_state(random: Random, plan: Plan) -> str:
    """The state in which a dossier is found today."""
    if random.random() < plan.done:
        return "completed"
    if plan.done == 0.0:
        return "unfiled"
    roll = random.random()
    if plan.done < 0.1:
        roll *= 0.5
    state = next(state for bound, state in _RESTS if roll < bound)
    return "institution_review" if state == "unit_review" and plan.review_steps == 1 else state


#: why a reviewer returns, and the field he remarks on
RETURN_WORDS: Final = {
    "请补充金额，无偿许可请填0": "statuses",
    "技术优势描述过于笼统，请补充性能指标": "advantages",
    "自评等级偏高，请核实": "stars",
    "转化意愿与实施状态不一致，请核对": "intents",
    "产业化前景请说明应用场景": "prospects",
    "国民经济行业分类请重新选择": "industry",
}
_REVISE_WORDS: Final = ("签订了新的许可合同，更新实施状态", "补充合作企业信息", "调整意向价格")


def path(random: Random, plan: Plan, state: str) -> list[tuple[str, str, str, str]]:
    """(act, state after, by, reason) from unfiled to the state, with returns and revisions on the way."""
    if state == "unfiled":
        return []
    review, reviewer = "unit_review", "unit"
    if plan.review_steps == 1:
        review, reviewer = "institution_review", "manager"
    submitted = ("submit", review, "owner", "")
    steps = [("start", "draft", "owner", "")]
    if random.random() < (0.3 if state == "draft" else RETURNED):
        steps += [submitted, ("return", "draft", reviewer, random.choice(list(RETURN_WORDS)))]
    if state == "draft":
        return steps
    steps.append(submitted)
    return steps if state == review else steps + _approvals(random, plan, state)


def _approvals(random: Random, plan: Plan, state: str) -> list[tuple[str, str, str, str]]:
    steps = []
    if plan.review_steps == 2:
        steps.append(("approve", "institution_review", "unit", ""))
    if state == "completed":
        steps.append(("approve", "completed", "manager", ""))
        if random.random() < REVISED:
            steps.append(("revise", "draft", "owner", random.choice(_REVISE_WORDS)))
    return steps


def history(random: Random, plan: Plan, state: str, today: int) -> list[Step]:
    """The steps with their days, set backwards from the last one; never before the list arrived."""
    found = path(random, plan, state)
    if not found:
        return []
    last = _last_day(random, plan, state, today)
    marks: list[int] = []
    for act, *_rest in reversed(found):
        marks.append(last)
        gap = 25 if act == "revise" else 7
        last = max(plan.listed + 1, days.working(last - int(random.random() * gap)))
    marks.reverse()
    steps, before = [], "unfiled"
    offset = 500 + int(random.random() * 60)
    for place, ((act, after, by, reason), day) in enumerate(zip(found, marks, strict=True)):
        minute = offset + place * 57 + int(random.random() * 50)
        steps.append(Step(act, before, after, by, day, minute, reason))
        before = after
    return steps


def _last_day(random: Random, plan: Plan, state: str, today: int) -> int:
    """The day of the last step, between listing and yesterday."""
    day = days.working(_wanted_last_day(random, plan, state, today))
    return max(plan.listed + 1, min(day, today - 1))


def _wanted_last_day(random: Random, plan: Plan, state: str, today: int) -> int:
    """Work gathers before the due day; open dossiers moved lately or long ago."""
    start = plan.listed + 12
    end = max(start, plan.due - 5)
    if state != "completed":
        if random.random() < 0.5:
            return today - 1 - int(random.random() * 80)
    elif random.random() < plan.late and plan.due + 3 < today:
        return plan.due + 2 + int((today - plan.due - 3) * random.random() ** 1.8)
    return start + int(random.betavariate(1.7, 1.3) * (end - start))
