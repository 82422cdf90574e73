"""Symbols, patterns, and which industries a patent's classes lead to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.classification.concordance import Concordance, Found, Rule
from inventory.classification.symbols import NotASymbol, key_of, parse_pattern, split_patterns


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("H", "H"),
        ("H01", "H01"),
        ("H01L", "H01L"),
        ("H01L21", "H01L0021"),
        ("H01L21/00", "H01L0021"),
        ("H01L21/02", "H01L002102"),
        ("H01L 21/027", "H01L0021027"),
        ("h01l21/020000", "H01L002102"),
        ("Ｈ０１Ｌ２１／０２", "H01L002102"),
        ("H02K17/02(2006.01)I", "H02K001702"),
    ],
)
def test_key_of(text, key):
    assert key_of(text) == key


@pytest.mark.parametrize("text", ["", "I01", "H1L", "01L", "H01L21/2", "制造业", "H01L21/02x"])
def test_no_symbol(text):
    with pytest.raises(NotASymbol):
        key_of(text)


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("H01L", ["H01L21/02", "H01L"], ["H01M1/00", "H01"]),
        ("H01L21", ["H01L21/00", "H01L21/027"], ["H01L2/10", "H01L210/00"]),
        ("H01L21/*", ["H01L21/02"], ["H01L22/02"]),
        ("H01L21/00", ["H01L21/02"], ["H01L22/00"]),
        ("H01L21/02", ["H01L21/02"], ["H01L21/027", "H01L21/04"]),
        ("H01L21/02*", ["H01L21/02", "H01L21/027"], ["H01L21/04"]),
        ("H*", ["H01L21/02"], ["G01N1/00"]),
        ("A01B1/00-A01B3/00", ["A01B1/00", "A01B2/10", "A01B3/50"], ["A01B4/00", "A01C1/00"]),
        ("A01B1/02至A01B1/06", ["A01B1/02", "A01B1/04", "A01B1/065"], ["A01B1/00", "A01B1/08"]),
    ],
)
def test_patterns_cover(pattern, inside, outside):
    found = parse_pattern(pattern)

    assert [symbol for symbol in inside if not found.covers(key_of(symbol))] == []
    assert [symbol for symbol in outside if found.covers(key_of(symbol))] == []


@pytest.mark.parametrize(
    "text", ["A01B3/00-A01B1/00", "A01B1/00-A01C1/00", "A01B1-A01B2-A01B3", "半导体", "*"]
)
def test_no_pattern(text):
    with pytest.raises(NotASymbol):
        parse_pattern(text)


def test_cells_are_split_as_people_write_them():
    assert split_patterns("H01L21/02*；H01L29、 G06F\nG06N ;") == [
        "H01L21/02*",
        "H01L29",
        "G06F",
        "G06N",
    ]


def rules(*lines: tuple[str, str], bars: tuple[tuple[str, str], ...] = ()) -> list[Rule]:
    taken = [Rule(code, parse_pattern(text)) for code, text in lines]
    return taken + [Rule(code, parse_pattern(text), is_exclusion=True) for code, text in bars]


def codes(found: list[Found]) -> list[str]:
    return [one.code for one in found]


def test_longest_pattern_wins_for_each_class():
    table = Concordance(rules(("1.2", "H01L"), ("3.6", "H01L21/02*"), ("1.1", "H04L")))

    assert codes(table.match(["H01L21/027"])) == ["3.6"]
    assert codes(table.match(["H01L29/10"])) == ["1.2"]
    assert codes(table.match(["H01L21/027", "H01L29/10", "H04L12/00"])) == ["1.1", "1.2", "3.6"]


def test_equally_long_patterns_all_count():
    table = Concordance(rules(("1.2", "H01L21/00"), ("3.6", "H01L21")))

    assert codes(table.match(["H01L21/027"])) == ["1.2", "3.6"]


def test_exact_symbol_beats_its_own_prefix():
    table = Concordance(rules(("1.2", "H01L21/02*"), ("3.6", "H01L21/02")))

    assert codes(table.match(["H01L21/02"])) == ["3.6"]
    assert codes(table.match(["H01L21/027"])) == ["1.2"]


def test_exclusions_come_before_everything():
    table = Concordance(
        rules(("1.2", "H01L21/02*"), ("3.6", "H01L"), bars=(("1.2", "H01L21/027"),))
    )

    assert codes(table.match(["H01L21/027"])) == ["3.6"]
    assert codes(table.match(["H01L21/028"])) == ["1.2"]


def test_keywords_only_propose():
    table = Concordance(
        [*rules(("1.2", "H01L")), Rule("1.5", parse_pattern("G06"), keyword="神经网络")]
    )

    assert table.match(["G06N3/04"], "一种神经网络芯片") == [Found("1.5", "G06", True)]
    assert table.match(["G06N3/04"], "一种算盘") == []


def test_certain_by_one_class_is_no_candidate_by_another():
    table = Concordance(
        [*rules(("1.5", "G06N")), Rule("1.5", parse_pattern("G06F"), keyword="网络")]
    )

    assert table.match(["G06F17/00", "G06N3/04"], "网络") == [Found("1.5", "G06N", False)]


def test_what_cannot_be_read_leads_nowhere():
    assert Concordance(rules(("1.2", "H01L"))).match(["14-02", "", "??"]) == []


symbols = st.builds(
    "{}{:02d}{}{}/{:02d}".format,
    st.sampled_from("ABCDEFGH"),
    st.integers(1, 99),
    st.sampled_from("ABCLN"),
    st.integers(1, 999),
    st.integers(0, 99),
)


@given(symbols)
def test_everything_above_a_symbol_covers_it(symbol):
    key = key_of(symbol)
    subclass, group = symbol[:4], symbol.split("/")[0]

    for text in (subclass[:1] + "*", subclass[:3], subclass, group, f"{group}/*", f"{symbol}*"):
        assert parse_pattern(text).covers(key), text
