"""Plain extraction: whole sentences, each where it stands, nothing new, never longer than the template allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.drafting import (
    LIMIT,
    Similar,
    draft_advantages,
    draft_prospects,
    sentences_of,
)
from portal.text import compact

ABSTRACT = (
    "本发明公开了一种石墨烯散热膜的制备方法。该方法包括以下步骤：混合、涂布、烧结；"
    "与现有技术相比，导热系数提高了35.6%，厚度仅为20μm。工艺步骤常规。"
    "所得薄膜可用于电子器件散热领域，便于推广。"
)
CLAIM = "一种石墨烯散热膜的制备方法，其特征在于，包括：步骤一，混合。"


def test_effects_and_figures_come_in_reading_order_with_their_source() -> None:
    draft = draft_advantages(abstract=ABSTRACT, claim=CLAIM)

    texts = [sentence.text for sentence in draft.sentences]
    assert texts == [
        "本发明公开了一种石墨烯散热膜的制备方法。",
        "与现有技术相比，导热系数提高了35.6%，厚度仅为20μm。",
    ]
    assert {sentence.source for sentence in draft.sentences} == {"abstract"}


def test_prospects_take_use_from_the_abstract_and_words_of_similar_dossiers() -> None:
    similar = [
        Similar("CN201719000001.X", "散热膜市场需求旺盛。已许可演示公司使用。年产值300万元。", 4),
        Similar("CN201719000002.X", "散热膜市场需求旺盛。", 3),
    ]

    draft = draft_prospects(abstract=ABSTRACT, similar=similar)

    assert [(s.text, s.source, s.reference) for s in draft.sentences] == [
        ("所得薄膜可用于电子器件散热领域，便于推广。", "abstract", ""),
        ("散热膜市场需求旺盛。", "similar", "CN201719000001.X"),
    ]


@pytest.mark.parametrize("text", ["", "   ", "没有任何提示词", "，，，", "\x00"])
def test_sources_that_say_nothing_give_no_draft(text: str) -> None:
    assert draft_advantages(abstract=text, claim="").sentences == ()
    assert draft_prospects(abstract=text, similar=[]).sentences == ()


def test_a_sentence_longer_than_the_limit_is_left_out_whole() -> None:
    long = "提高" * LIMIT + "。"

    draft = draft_advantages(abstract=long + "降低了成本。", claim="")

    assert draft.text == "降低了成本。"


@given(
    st.lists(
        st.sampled_from(
            ["提高效率", "其特征在于", "降低成本30%", "用于市场", "普通的话", "可推广"]
        ),
        max_size=120,
    ),
    st.sampled_from("。；！\n"),
)
def test_every_sentence_stands_in_its_source_and_all_fit(parts: list[str], mark: str) -> None:
    source = mark.join(f"{part}第{place}" for place, part in enumerate(parts))

    for draft in (
        draft_advantages(abstract=source, claim=""),
        draft_prospects(abstract=source, similar=[]),
    ):
        assert len(draft.text) <= LIMIT
        for sentence in draft.sentences:
            assert compact(sentence.text).rstrip(".;!") in compact(source)
    again = draft_advantages(abstract=source, claim="")
    assert again == draft_advantages(abstract=source, claim="")


def test_decimals_do_not_end_sentences() -> None:
    assert sentences_of("效率为3.5倍。成本低") == ["效率为3.5倍。", "成本低。"]
