"""The number doctor without the register: every way a number is typed, and what a paste is split into."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.number_doctor import examine, normalise, split
from inventory.numbers import Kind, display, make_number

WIDE = str.maketrans("0123456789.CNZLX:", "０１２３４５６７８９．ＣＮＺＬＸ：")
NUMBERS = st.builds(
    make_number, st.integers(1985, 2024), st.sampled_from("12389"), st.integers(1, 99_999)
)


def spellings(number: str) -> list[str]:
    """Every way section 2 of the collected files shows, of one canonical number."""
    d, c = number[:-1], number[-1]
    year, kind, serial = (d[:4], d[4], d[5:]) if len(d) == 12 else (d[:2], d[2], d[3:])
    found = [
        f"CN{d}.{c}",
        f"ZL{d}.{c}",
        f"{d}.{c}",
        f"ZL{d}{c}",
        f"CN{d}{c}",
        f"{d}.{c}\t",
        f" {d}.{c.lower()} ",
        f"ZL {year} {kind} {serial}.{c}",
        f"ZL{year}.{kind}.{serial}.{c}",
        f"CN:{d}{c}:A",
        f"专利号：ZL{d}.{c}",
        f"CN{d}.{c}".translate(WIDE),
        f"\u00a0{d}.{c}\u200b",
        f"CN{d}",
        f"CN:{d}:A",
    ]
    # the plain digits are a publication number's where they are nine and begin with 1, 2 or 3
    if len(d) == 12:
        found += [f"CN{year}000{kind}{serial}"]
    return found


@given(NUMBERS)
def test_every_spelling_of_a_number_has_one_normal_form(number):
    for typed in spellings(number):
        # a rounded number has lost its digits, whatever these would be
        if not typed.endswith("000000"):
            assert normalise(typed) == display(number), typed


@given(st.text(max_size=30) | NUMBERS.flatmap(lambda one: st.sampled_from(spellings(one))))
def test_the_normal_form_is_its_own(typed):
    normal = normalise(typed)
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    ("typed", "normal", "kind"),
    [
        ("CN102889890B", "CN102889890B", Kind.INVENTION),
        ("cn 209078969 u", "CN209078969U", Kind.UTILITY),
        ("CN305246987S", "CN305246987S", Kind.DESIGN),
        ("CN2013102965311A", "CN102965311A", Kind.INVENTION),
        ("CN111591160B8", "CN111591160B8", Kind.INVENTION),
        ("CN101141661", "CN101141661", Kind.INVENTION),
        ("101141661", "CN101141661", Kind.INVENTION),
    ],
)
def test_publication_numbers_have_a_normal_form_too(typed, normal, kind):
    found = examine(typed)
    assert (found.normal, found.kind, found.problem) == (normal, kind, "")
    assert found.publication is not None
    assert bool(found.words) == (typed != normal)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("2.0121E+12", "destroyed"),
        ("201710192287600000", "destroyed"),
        ("CN201710192287.5", "check_digit"),
        ("20171019228.6", "length"),
        ("PCT/CN2019/123456", "foreign"),
        ("2019SR0123456", "software_copyright"),
        ("国防专利 ZL201218000123.4", "defence"),
        ("一种方法", "not_a_number"),
    ],
)
def test_what_is_refused_says_why_and_has_no_normal_form(typed, problem):
    found = examine(typed)
    assert (found.normal, found.problem) == ("", problem)
    assert found.words


def test_what_excel_destroyed_gets_no_candidates_and_a_wrong_number_does():
    assert examine("2.0121E+12").candidates == ()
    assert len(examine("CN201710192287.5").candidates) > 3


def test_a_missing_check_character_and_another_spelling_are_said():
    assert examine("CN201710192287").remark == "check_missing"
    assert examine("ZL201710192287.6").remark == "rewritten"
    assert examine("CN201710192287.6").words == ""


def test_a_paste_is_split_into_lines_and_what_marks_part_and_blank_lines_stay():
    text = "\n1\r\n\n2,3，4\t5\n6、7;8；9\t\n  \nZL 2017 2 0632371.0\n\n\n"
    assert split(text) == [*["", "1", "", *"23456789"], "", "ZL 2017 2 0632371.0"]
    assert split(" \n\t\n") == []
