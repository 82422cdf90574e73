"""实施状态 (columns L and M) and 转化意愿 (columns P and Q): words to codes, level by level.

Columns L, M, P and Q take any text in the template, so free text is normal: it becomes ``custom`` with
the words kept. A second level that belongs to another first level is a problem, never moved unseen.
"""

from dataclasses import dataclass
from typing import Final

from inventory.importing.cells import Cell, cell_text
from inventory.importing.problems import CellProblem
from inventory.importing.words import word_key
from inventory.vocabulary import (
    INTENT_LEVEL1,
    INTENT_LEVEL2_OF,
    NOTHING_TO_FILL_IN,
    STATUS_LEGACY,
    STATUS_LEVEL1,
    STATUS_LEVEL2_OF,
    Vocabulary,
)
from portal.text import NOBODY, compact

CUSTOM: Final = "custom"
_CUSTOM_WORD: Final = "自定义"
_BOILERPLATE: Final = "请勿勾选请直接填写"
_NOTHING: Final = word_key(NOTHING_TO_FILL_IN)


@dataclass(frozen=True, slots=True)
class Mark:
    """One status or intent: codes of both levels, free words for a custom one, notices for a person.

    ``level2`` is "" where nothing is to be filled in. ``text1`` and ``text2`` hold the writer's words
    of a custom or an older value. ``notices`` are codes: ``level1_derived`` (the second level alone
    stood there), ``legacy`` (an older name of the file), ``custom_text`` (free words).
    """

    level1: str
    level2: str = ""
    text1: str = ""
    text2: str = ""
    notices: tuple[str, ...] = ()


def _keys(vocabulary: Vocabulary) -> dict[str, str]:
    return {word_key(word): code for code, word in vocabulary if code != CUSTOM}


_STATUS_OTHER_NAMES: Final = {
    "未实施": "not_implemented",
    "已自行实施": "self_industrialised",
    "自行产业化": "self_industrialised",
    "已有专利权评价报告": "has_report",
    "实用新型外观设计专利已有专利权评价报告": "has_report",
}
_STATUS1: Final = _keys(STATUS_LEVEL1) | _STATUS_OTHER_NAMES
_STATUS2: Final = {level1: _keys(words) for level1, words in STATUS_LEVEL2_OF.items()}
_STATUS2["licensed"]["已通过技术服务合同或开发合同约定由合作企业实现产业化"] = (
    "industrialised_by_partner"
)
_STATUS_OLD: Final = {word_key(word): codes for word, codes in STATUS_LEGACY.items()}
_INTENT1: Final = _keys(INTENT_LEVEL1) | {"拟自行产业化": "self_use", "拟自行实施": "self_use"}
_INTENT2: Final = {level1: _keys(words) for level1, words in INTENT_LEVEL2_OF.items()}


def parse_status(level1_cell: Cell, level2_cell: Cell = "") -> Mark | None:
    """Read columns L and M of one row; None when both are blank."""
    text1, text2 = _text(level1_cell), _text(level2_cell)
    if not text1 and not text2:
        return None
    text1, text2 = _split_joined(text1, text2, _STATUS1)
    old = _STATUS_OLD.get(word_key(text1)) or _STATUS_OLD.get(word_key(text2))
    if old is not None:
        return Mark(old[0], old[1], text2=text1 or text2, notices=("legacy",))
    level1 = _STATUS1.get(word_key(text1), "")
    if level1:
        return _with_level2(level1, text2, _STATUS2, "status")
    owner = _owner(text1 or text2, _STATUS2)
    if owner and (not text1 or not text2):
        return Mark(owner[0], owner[1], notices=("level1_derived",))
    if not text1:
        raise CellProblem("status_level1", text2)
    custom = _custom_words(text1)
    return Mark(CUSTOM, text1=custom or _custom_words(text2), notices=("custom_text",))


def parse_intent(level1_cell: Cell, level2_cell: Cell = "") -> Mark | None:
    """Read columns P and Q of one row; None when both are blank. There is no custom first level."""
    text1, text2 = _text(level1_cell), _text(level2_cell)
    if not text1 and not text2:
        return None
    text1, text2 = _split_joined(text1, text2, _INTENT1)
    level1 = _INTENT1.get(word_key(text1), "")
    if level1:
        return _with_level2(level1, text2, _INTENT2, "intent")
    owner = _owner(text1 or text2, _INTENT2)
    if owner and (not text1 or not text2):
        return Mark(owner[0], owner[1], notices=("level1_derived",))
    raise CellProblem("intent_level1", text1 or text2)


def _text(cell: Cell) -> str:
    text = cell_text(cell)
    return "" if compact(text) in NOBODY else text


def _split_joined(text1: str, text2: str, known: dict[str, str]) -> tuple[str, str]:
    """Part ``已许可-已签订普通许可合同`` in one cell into its two levels."""
    lead, hyphen, rest = text1.replace("—", "-").replace("－", "-").partition("-")
    if hyphen and not text2 and word_key(lead) in known:
        return lead.strip(), rest.strip("- ")
    return text1, text2


def _with_level2(level1: str, text2: str, tables: dict[str, dict[str, str]], what: str) -> Mark:
    key = word_key(text2)
    if not key or key == _NOTHING:
        return Mark(level1)
    code = tables[level1].get(key, "")
    if code:
        return Mark(level1, code)
    owner = _owner(text2, tables)
    if owner is not None:
        raise CellProblem(f"{what}_mismatch", text2, _word_of(owner[0], what))
    if not _takes_custom(level1, what):
        raise CellProblem("status_nothing_here", text2)
    return Mark(level1, CUSTOM, text2=_custom_words(text2), notices=("custom_text",))


def _takes_custom(level1: str, what: str) -> bool:
    table = STATUS_LEVEL2_OF if what == "status" else INTENT_LEVEL2_OF
    return any(code == CUSTOM for code, _word in table[level1])


def _owner(text: str, tables: dict[str, dict[str, str]]) -> tuple[str, str] | None:
    """Return the (first level, second level) a second-level word belongs to."""
    key = word_key(text)
    for level1, words in tables.items():
        if key in words:
            return level1, words[key]
    return None


def _word_of(level1: str, what: str) -> str:
    return dict(STATUS_LEVEL1 if what == "status" else INTENT_LEVEL1)[level1]


def _custom_words(text: str) -> str:
    """Return the writer's own words: without 自定义 and the template's （请勿勾选，请直接填写）."""
    if not word_key(text).startswith(_CUSTOM_WORD):
        return text
    rest = text.strip().removeprefix(_CUSTOM_WORD)
    for variant in ("（请勿勾选，请直接填写）", "(请勿勾选,请直接填写)", "(请勿勾选, 请直接填写)"):
        rest = rest.replace(variant, "")
    rest = rest.strip(" :：-—（）()")
    return "" if word_key(rest) in {"", _BOILERPLATE} else rest
