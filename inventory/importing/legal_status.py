"""Legal status words: a simple status and a set of events, never one enum.

An event (授权, 公开, 专利权的转移) says what was last announced, not what holds today: a granted patent
may have lapsed since. So 有效 and 审中 are taken only where the file states a state; an event that ends
the right is taken at its word unless a later 权利恢复 stands beside it. Words are compared whole, never
by substring: 避免重复授权 is not 授权.
"""

import re
from dataclasses import dataclass
from typing import Final

from inventory.importing.cells import Cell, cell_text
from portal.text import NOBODY, compact

#: Event -> the words of PSS, CNIPR, PatSnap, incoPat and Innojoy and the gazette codes for it.
_EVENT_WORDS: Final = {
    "published": "公开 公布 申请公布 发明专利申请公布 发明专利申请公布说明书",
    "examination": "实质审查 实质审查的生效 实审 实质审查请求的生效 进入实质审查 SE01",
    "granted": "授权 专利权授予 发明专利权授予 实用新型专利权授予 外观设计专利权授予 授权公告 GR01",
    "withdrawn": "撤回 撤回-视为撤回 撤回-主动撤回 撤回-未指定类型 视为撤回 主动撤回 发明专利申请公布后的撤回 "
    "发明专利申请公布后的视为撤回 WD01 WW01",
    "rejected": "驳回 发明专利申请公布后的驳回 RJ01",
    "revoked": "全部撤销 全部无效 宣告全部无效 专利权的全部无效 专利权的无效宣告 IW01",
    "expired": "期限届满 届满 专利权有效期届满 有效期届满 CX01",
    "fee_lapsed": "未缴年费 未缴年费终止 未缴年费专利权终止 因费用终止 CF01",
    "terminated": "权利终止 专利权的终止 专利权终止 终止 申请终止",
    "abandoned": "放弃 放弃-视为放弃 放弃-主动放弃 放弃-未指定类型 视为放弃 主动放弃 专利权的视为放弃 "
    "专利权的主动放弃 AV01",
    "avoided_double": "避免重复授权 避免重复授予专利权 避免重复授权放弃专利权 AV02",
    "restored": "权利恢复 恢复 专利权的恢复 专利申请权、专利权的恢复 RR01",
    "part_invalid": "部分无效 宣告部分无效 专利权的部分无效 IP01",
    "assigned": "权利转移 转让 专利权的转移 专利权转移 专利申请权、专利权的转移 专利申请权的转移 TR01",
    "licensed": "许可 许可合同备案 专利实施许可合同备案的生效 专利实施许可合同的备案 EE01 EM01 EC01",
    "pledged": "质押 专利权质押 专利权质押合同登记的生效 质押登记 PE01 PM01 PC01",
    "preserved": "保全 专利权的保全 专利权的保全及其解除 PP01 PD01",
    "reexamined": "复审 复审请求 无效宣告请求",
    "opened": "开放许可 专利开放许可声明",
    "same_day_pair": "一案双申 同日申请",
    "changed": "著录事项变更 著录变更 变更 专利权人的姓名或者名称、地址的变更 发明人或者设计人变更 "
    "专利权人的姓名或名称、地址的变更 CP01 CP02 CP03",
    "corrected": "更正 专利申请的更正 专利更正",
}
_EVENTS: Final = {
    compact(word): event for event, words in _EVENT_WORDS.items() for word in words.split()
}
_SIMPLE_WORDS: Final = {
    "valid": "有效 专利权维持 专利权有效 授权有效 维持 有权 有效专利",
    "ended": "失效 无效 无权 专利权终止失效 PCT指定期满 PCT-指定期满",
    "pending": "审中 审查中 在审 公开审中 审中-公开 审中-实审 PCT指定期内 PCT-指定期内",
    "unknown": "未确认 未知 其他",
}
_SIMPLE: Final = {
    compact(word): status for status, words in _SIMPLE_WORDS.items() for word in words.split()
}

ENDING: Final = frozenset(
    {
        "withdrawn", "rejected", "revoked", "expired", "fee_lapsed", "terminated", "abandoned",
        "avoided_double",
    }
)  # fmt: skip
#: What the event means where the column states the present state (incoPat 当前法律状态).
_STATE_OF: Final = {"granted": "valid", "published": "pending", "examination": "pending"}

_PARTS: Final = re.compile(r"[|;；\n]+")
_FINE_PARTS: Final = re.compile(r"[,，、/]+")
_DATED: Final = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})#(.*)")
_TAIL: Final = re.compile(r"(?:[(:]|变更前|变更后|登记生效日).*$")


@dataclass(frozen=True, slots=True)
class LegalStatus:
    """``simple`` is valid, ended, pending or unknown; ``events`` in the file's order, each once.

    ``unknown_words`` are words nobody knows; ``is_derived`` says that ``simple`` was concluded from
    an ending event, not stated by the file.
    """

    simple: str
    events: tuple[str, ...] = ()
    raw: str = ""
    unknown_words: tuple[str, ...] = ()
    is_derived: bool = False


def parse_legal_status(cell: Cell, *, is_state: bool = False) -> LegalStatus:
    """Read one cell; ``is_state`` where the column states the present state, not the last event."""
    raw = cell_text(cell)
    stated = ""
    events: list[str] = []
    strangers: list[str] = []
    words = _words(raw)
    is_dated = all(day for day, _word in words)
    for _day, word in sorted(words, key=_day_of, reverse=True) if is_dated else words:
        if word in _SIMPLE:
            stated = stated or _SIMPLE[word]
        elif word in _EVENTS:
            events.append(_EVENTS[word])
        else:
            strangers.append(word)
    simple = stated or _conclude(events, is_dated=is_dated, is_state=is_state)
    derived = not stated and simple != "unknown" and not is_state
    return LegalStatus(simple, tuple(dict.fromkeys(events)), raw, tuple(strangers), derived)


def combine(simple_cell: Cell, status_cell: Cell, *, is_state: bool = False) -> LegalStatus:
    """Read a column of simple statuses and one of events together; the stated simple status wins."""
    simple, detailed = (
        parse_legal_status(simple_cell),
        parse_legal_status(status_cell, is_state=is_state),
    )
    stated = simple.simple if simple.raw and not simple.is_derived else "unknown"
    events = tuple(dict.fromkeys(simple.events + detailed.events))
    raw = " | ".join(part for part in (simple.raw, detailed.raw) if part)
    strangers = simple.unknown_words + detailed.unknown_words
    if stated != "unknown":
        return LegalStatus(stated, events, raw, strangers)
    return LegalStatus(detailed.simple, events, raw, strangers, detailed.is_derived)


def _words(raw: str) -> list[tuple[str, str]]:
    """Return ``(yyyymmdd or "", word)`` for every part of the cell."""
    found: list[tuple[str, str]] = []
    for part in _PARTS.split(raw):
        key = compact(part)
        dated = _DATED.fullmatch(key)
        day = "".join(dated.groups()[:3]) if dated else ""
        word = dated[4] if dated else key
        found.extend((day, piece) for piece in _pieces(word) if piece not in NOBODY)
    return found


def _pieces(word: str) -> list[str]:
    """Return the word, without a tail (变更前…), or its parts where only the parts are known."""
    for form in (word, _TAIL.sub("", word)):
        if form in _EVENTS or form in _SIMPLE:
            return [form]
    parts = _FINE_PARTS.split(word)
    return (
        parts
        if len(parts) > 1 and any(part in _EVENTS or part in _SIMPLE for part in parts)
        else [word]
    )


def _day_of(word: tuple[str, str]) -> str:
    return word[0]


def _conclude(events: list[str], *, is_dated: bool, is_state: bool) -> str:
    """Return ``ended`` for an ending event, unless a restoration is newer or of unknown place."""
    restored = events.index("restored") if "restored" in events else len(events)
    if any(event in ENDING for event in events[:restored]) and (
        is_dated or restored == len(events)
    ):
        return "ended"
    if not is_state:
        return "unknown"
    return next((_STATE_OF[event] for event in events if event in _STATE_OF), "unknown")
