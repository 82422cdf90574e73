"""Drafts of 技术优势 and 产业化前景 by plain extraction: whole sentences, each with where it stands. Pure: no ORM.

Nothing is written anew: a draft is a choice of sentences from the patent's own abstract and first claim, and from
approved dossiers of one's own institution. The same input gives the same draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from portal.text import clean, compact

#: Columns Z and AB take so many characters.
LIMIT: Final = 500
#: Words that name an effect, with how much they say (domain.md 1.2 Z).
EFFECTS: Final = {
    "有益效果": 5,
    "优点": 4,
    "优势": 4,
    "提高": 3,
    "提升": 3,
    "增强": 3,
    "改善": 3,
    "降低": 3,
    "减少": 3,
    "减小": 3,
    "节约": 3,
    "节省": 3,
    "缩短": 3,
    "延长": 3,
    "避免": 3,
    "克服": 3,
    "解决": 3,
    "防止": 2,
    "有效": 2,
    "简单": 2,
    "方便": 2,
    "稳定": 2,
    "可靠": 2,
    "性能": 2,
    "效率": 2,
    "精度": 2,
    "成本": 2,
    "实现": 1,
    "优于": 3,
    "达到": 2,
}
#: Words that speak of use and market (domain.md 1.2 AB).
USES: Final = {
    "产业化": 4,
    "推广": 4,
    "市场": 4,
    "应用前景": 5,
    "应用于": 3,
    "适用于": 3,
    "可用于": 3,
    "用于": 1,
    "领域": 2,
    "行业": 2,
    "生产": 1,
    "需求": 2,
    "规模化": 3,
    "工业": 1,
}
#: How a claim is built: says what the thing is, not what it is good for.
_BUILD: Final = re.compile(r"其特征在于|权利要求|如下步骤|包括以下|所述")
_SUBJECT: Final = re.compile(r"(本发明|本实用新型|本申请|本外观设计)?(公开|提供|涉及|提出)了?一种")
_NUMBER: Final = re.compile(
    r"\d+(?:\.\d+)?\s*(?:%|％|‰|℃|°C|倍|纳米|微米|毫米|厘米|米|千克|克|吨|小时|分钟|秒|赫兹|帕|瓦|伏"
    r"|nm|μm|mm|cm|kg|g/|mg|MPa|GPa|kPa|Hz|kHz|MHz|GHz|W/|kW|V|A|dB|mAh|h\b|s\b)"
)
_END: Final = re.compile(r"(?<=[。！？；;])|\n+")
#: Somebody else's figures and firms do not belong into this patent's text.
_OTHERS: Final = re.compile(r"\d|公司|集团|合同|万元|联系|学院|大学|医院|研究所")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence word for word, and where it stands: abstract, claim, or an approved dossier by its number."""

    text: str
    source: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Sentences in reading order; together never longer than LIMIT."""

    sentences: tuple[Sentence, ...] = ()

    @property
    def text(self) -> str:
        return "".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Similar:
    """A text of an approved dossier, its application number, and how much its patent resembles this one."""

    number: str
    text: str
    likeness: int


def sentences_of(text: str) -> list[str]:
    """The sentences of a text with their marks; the last one gets its full stop."""
    found = [part.strip() for part in _END.split(clean(text)) if part and part.strip()]
    return [part if part[-1] in "。！？；;" else f"{part}。" for part in found]


def draft_advantages(*, abstract: str, claim: str) -> Draft:
    """What the patent's own words say of its effects: the sentence that names the thing, then effects and figures."""
    found = [
        (_worth_of_effect(text, place == 0), Sentence(text, source))
        for source, whole in (("abstract", abstract), ("claim", claim))
        for place, text in enumerate(sentences_of(whole))
    ]
    return _chosen(found)


def draft_prospects(*, abstract: str, similar: Iterable[Similar]) -> Draft:
    """What the abstract says of use, then what approved dossiers of similar patents say of their prospects.

    Sentences with figures, firms or contracts of those others are left out.
    """
    own = [
        (_sum(text, USES) + 2, Sentence(text, "abstract"))
        for text in sentences_of(abstract)
        if _sum(text, USES) >= 3 and not _BUILD.search(text)
    ]
    others = [
        (min(each.likeness, 6) + _sum(text, USES), Sentence(text, "similar", each.number))
        for each in similar
        for text in sentences_of(each.text)
        if _sum(text, USES) and not _OTHERS.search(text)
    ]
    return _chosen([*own, *others])


def _sum(text: str, cues: dict[str, int]) -> int:
    return sum(weight for cue, weight in cues.items() if cue in text)


def _worth_of_effect(text: str, is_first: bool) -> int:
    worth = _sum(text, EFFECTS) + (3 if _NUMBER.search(text) else 0)
    if _BUILD.search(text):
        worth -= 4
    if is_first and _SUBJECT.search(text):
        worth += 4
    return worth


def _chosen(found: Sequence[tuple[int, Sentence]]) -> Draft:
    """The best sentences that fit, in the order in which they stand; each wording once."""
    picked: dict[str, int] = {}
    length = 0
    ranked = sorted(range(len(found)), key=lambda place: (-found[place][0], place))
    for place in ranked:
        worth, sentence = found[place]
        key = compact(sentence.text)
        if worth > 0 and key not in picked and length + len(sentence.text) <= LIMIT:
            picked[key] = place
            length += len(sentence.text)
    return Draft(tuple(found[place][1] for place in sorted(picked.values())))
