"""Application and publication numbers: every spelling met in real files, and every refusal."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.numbers import (
    EXPECTED,
    Kind,
    NumberProblem,
    check_character,
    display,
    make_number,
    parse_application_number,
    parse_publication_number,
)
from portal import clock


@pytest.mark.parametrize(
    ("digits", "check"),
    [
        ("201710192287", "6"),
        ("201610697617", "2"),
        ("201610978081", "1"),
        ("201610007975", "6"),
        ("201710601862", "3"),
        ("97101765", "4"),
        ("95115608", "X"),
    ],
)
def test_check_character_of_published_vectors(digits, check):
    assert check_character(digits) == check


def test_check_character_needs_8_or_12_digits():
    with pytest.raises(ValueError, match="8 or 12"):
        check_character("2017101922")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("CN201710106452.1", "2017101064521"),
        ("CN201220249766.X", "201220249766X"),
        ("201220249766.x", "201220249766X"),
        ("2018103913486", "2018103913486"),
        ("202411547174X", "202411547174X"),
        ("2024112402945\t", "2024112402945"),
        ("CN87101357.6", "871013576"),
        ("ZL201210031212.7", "2012100312127"),
        ("ZL 2017 2 0632371.0", "2017206323710"),
        ("ＣＮ２０１７１０１９２２８７．６", "2017101922876"),
        ("２０１７１０１９２２８７６", "2017101922876"),
        ("专利号：ZL201710192287.6", "2017101922876"),
        ("ZL2017 1 0192287.6号", "2017101922876"),
        ("（ZL201710192287.6）", "2017101922876"),
        ("“CN201710192287.6”", "2017101922876"),
        ("CNZL201710192287.6", "2017101922876"),
        ("CN-201710192287.6", "2017101922876"),
        ("ZL:201710192287.6", "2017101922876"),
        ("201710192287-6", "2017101922876"),
        ("201710192287·6", "2017101922876"),
        ("201220249766.×", "201220249766X"),
        ("201220249766.Х", "201220249766X"),
        ("ZL2017.1.0192287.6", "2017101922876"),
        ("2017-1-0192287.6", "2017101922876"),
        ("ZL 97 1 01765.4", "971017654"),
        ("CN.2017101922876.A", "2017101922876"),
        ("CN:2017101922876:A:20180101", "2017101922876"),
        ("申请（专利）号：201710192287.6", "2017101922876"),
        ("CN2017\u200b10192287.6", "2017101922876"),
        ("'2018103913486", "2018103913486"),
        ("2018103913486.0", "2018103913486"),
        (2018103913486, "2018103913486"),
        (2018103913486.0, "2018103913486"),
        (201710192287.6, "2017101922876"),
    ],
)
def test_accepts_every_spelling(text, canonical):
    number = parse_application_number(text)
    assert number.canonical == canonical
    assert number.check_was_missing is False


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("CN201710027705", "2017100277056"),
        ("CN85102475", "851024750"),
        ("CN:201711494189:A", "2017114941894"),
        ("CN201711494189A", "2017114941894"),
        ("CN201200010464170", "2012104641706"),
        (201710027705.0, "2017100277056"),
    ],
)
def test_computes_a_missing_check_character_and_says_so(text, canonical):
    number = parse_application_number(text)
    assert number.canonical == canonical
    assert number.check_was_missing is True


def test_parts_of_a_number():
    number = parse_application_number("200380100001.3")
    assert (number.kind, number.is_pct, number.year) == (Kind.INVENTION, True, 2003)
    old = parse_application_number("97101765.4")
    assert (old.kind, old.is_pct, old.year) == (Kind.INVENTION, False, 1997)
    assert old.display == "CN97101765.4"
    assert display("971017654") == "CN97101765.4"
    assert display("") == ""


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "blank"),
        (None, "blank"),
        ("　", "blank"),
        ("-", "blank"),
        ("2.0121E+12", "destroyed"),
        ("2.0121e+12", "destroyed"),
        ("201710192287600000", "destroyed"),
        ("2012100000000", "destroyed"),
        ("2012100000000\t", "destroyed"),
        ("CN 2012100000000", "destroyed"),
        (2.0121e18, "destroyed"),
        (20171019228760000, "destroyed"),
        (float("nan"), "destroyed"),
        (True, "not_a_number"),
        ("ZL201710192287.5", "check_digit"),
        ("20171019228", "length"),
        ("12345", "length"),
        ("198410192287", "year"),
        ("84101765", "year"),
        ("205010192287.6", "year"),
        ("201740192287.6", "kind"),
        ("US10123456B2", "foreign"),
        ("EP1234567", "foreign"),
        ("WO2019/123456", "foreign"),
        ("PCT/CN2019/123456", "foreign"),
        ("JP特願2001-12345", "foreign"),
        ("软著登字第1234567号", "software_copyright"),
        ("2019SR0123456", "software_copyright"),
        ("国防专利 ZL201218000123.4", "defence"),
        ("GF201218000123", "defence"),
        ("CN102889890B", "publication_number"),
        ("CN209078969U", "publication_number"),
        ("CN101141661", "publication_number"),
        ("CN1340998A", "publication_number"),
        ("CN2013102965311A", "publication_number"),
        ("一种方法", "not_a_number"),
        ("申请号", "blank"),
    ],
)
def test_refuses_by_kind(value, code):
    with pytest.raises(NumberProblem) as caught:
        parse_application_number(value)
    assert caught.value.code == code
    assert str(caught.value.expected) == str(EXPECTED[code])


def test_a_wrong_check_character_says_nothing_of_which_digit_is_wrong():
    with pytest.raises(NumberProblem) as caught:
        parse_application_number("ZL201710192287.5")
    assert caught.value.suggestion == ""


def test_an_early_publication_number_comes_with_its_application():
    with pytest.raises(NumberProblem) as caught:
        parse_application_number("CN85102475A")
    assert (caught.value.code, caught.value.suggestion) == ("publication_number", "CN85102475.0")


def test_next_year_is_refused_until_it_begins():
    text = make_number(2031, 1, 7)
    with clock.frozen(date(2030, 12, 31)), pytest.raises(NumberProblem, match="year"):
        parse_application_number(text)
    with clock.frozen(date(2031, 1, 1)):
        assert parse_application_number(text).year == 2031


@given(
    year=st.integers(1985, 2024),
    kind_digit=st.sampled_from("12389"),
    serial=st.integers(1, 99_999),
    spelling=st.sampled_from(
        ["CN{d}.{c}", "ZL{d}.{c}", "{d}{c}", " cn {d} . {c} ", "ZL{d}{c}\t", "{d}.{c}"]
    ),
)
def test_every_number_made_is_read_back(year, kind_digit, serial, spelling):
    canonical = make_number(year, kind_digit, serial)
    text = spelling.format(d=canonical[:-1], c=canonical[-1].lower())
    number = parse_application_number(text)
    assert number.canonical == canonical
    assert number.year == year
    assert parse_application_number(number.display) == number


@given(serial=st.integers(1, 9_999_999), wrong=st.integers(1, 10))
def test_no_wrong_check_character_passes(serial, wrong):
    canonical = make_number(2017, 1, serial)
    marks = "0123456789X"
    other = marks[(marks.index(canonical[-1]) + wrong) % 11]
    with pytest.raises(NumberProblem):
        parse_application_number(f"CN{canonical[:-1]}.{other}")


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_problem(text):
    with contextlib.suppress(NumberProblem):
        number = parse_application_number(text)
        assert len(number.canonical) in {9, 13}
        assert number.canonical.isascii()


@pytest.mark.parametrize(
    ("text", "canonical", "kind", "is_grant", "is_correction"),
    [
        ("CN102889890B", "CN102889890B", Kind.INVENTION, True, False),
        ("CN109996757A", "CN109996757A", Kind.INVENTION, False, False),
        ("CN209078969U", "CN209078969U", Kind.UTILITY, True, False),
        ("CN 305246987 S", "CN305246987S", Kind.DESIGN, True, False),
        ("公开（公告）号：CN102889890B", "CN102889890B", Kind.INVENTION, True, False),
        ("cn102889890.b", "CN102889890B", Kind.INVENTION, True, False),
        ("CN:102889890:B", "CN102889890B", Kind.INVENTION, True, False),
        ("（ＣＮ１０２８８９８９０Ｂ）", "CN102889890B", Kind.INVENTION, True, False),
        ("CN101141661", "CN101141661", Kind.INVENTION, None, False),
        ("CN111591160B8", "CN111591160B8", Kind.INVENTION, True, True),
        ("CN2013102965311A", "CN102965311A", Kind.INVENTION, False, False),
    ],
)
def test_publication_numbers(text, canonical, kind, is_grant, is_correction):
    number = parse_publication_number(text)
    assert (number.canonical, number.kind) == (canonical, kind)
    assert (number.is_grant, number.is_correction) == (is_grant, is_correction)


def test_an_application_number_is_no_publication_number():
    with pytest.raises(NumberProblem) as caught:
        parse_publication_number("ZL201710192287.6")
    assert (caught.value.code, caught.value.suggestion) == (
        "application_number",
        "CN201710192287.6",
    )


@pytest.mark.parametrize(
    ("value", "code"), [("", "blank"), (None, "blank"), ("文件", "not_a_number")]
)
def test_refused_publication_numbers(value, code):
    with pytest.raises(NumberProblem) as caught:
        parse_publication_number(value)
    assert caught.value.code == code
