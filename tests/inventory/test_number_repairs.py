"""What a wrong number may have been meant to be: nothing that was meant is missing, and the order is fixed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.number_repairs import MOST_SHOWN, Candidate, Slip, candidates, shortlist
from inventory.numbers import NumberProblem, display, make_number, parse_application_number

NUMBERS = st.builds(
    make_number, st.integers(1985, 2024), st.sampled_from("12389"), st.integers(1, 99_999)
)


def meant(typed: str) -> set[str]:
    return {one.number for one in candidates(typed)}


def is_destroyed(typed: str) -> bool:
    try:
        parse_application_number(typed)
    except NumberProblem as problem:
        return problem.code == "destroyed"
    return False


@given(NUMBERS, st.data())
def test_with_one_wrong_digit_the_true_number_is_among_the_candidates(number, data):
    at = data.draw(st.integers(0, len(number) - 2))
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != number[at]]))
    typed = display(number[:at] + other + number[at + 1 :])

    assert number in meant(typed)


@given(NUMBERS, st.data())
def test_with_a_wrong_check_character_the_true_number_is_among_the_candidates(number, data):
    other = data.draw(st.sampled_from([one for one in "0123456789X" if one != number[-1]]))

    assert number in meant(display(number[:-1] + other))


@given(NUMBERS, st.data())
def test_with_two_neighbours_swapped_the_true_number_is_among_the_candidates(number, data):
    at = data.draw(st.integers(0, len(number) - 3))
    typed = display(number[:at] + number[at + 1] + number[at] + number[at + 2 :])

    assert number in meant(typed) or number[at] == number[at + 1]


@given(NUMBERS, st.data())
def test_a_digit_left_out_or_typed_twice_is_found(number, data):
    at = data.draw(st.integers(0, len(number) - 2))

    assert number in meant(display_of(number[:at] + number[at + 1 :]))
    assert number in meant(display_of(number[: at + 1] + number[at:]))


def display_of(body: str) -> str:
    return f"CN{body[:-1]}.{body[-1]}"


@given(NUMBERS, st.data())
def test_one_wrong_digit_without_a_point_is_found_too(number, data):
    at = data.draw(st.integers(0, len(number) - 2))
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != number[at]]))
    typed = f"ZL{number[:at]}{other}{number[at + 1 :]}"

    assert number in meant(typed) or is_destroyed(typed)


@given(st.text(max_size=20) | NUMBERS.map(display) | st.from_regex(r"\A\d{7,14}(\.[\dX])?\Z"))
def test_every_candidate_is_a_valid_number_named_once(typed):
    found = candidates(typed)

    assert len({one.number for one in found}) == len(found)
    assert list(found) == sorted(found)
    for one in found:
        assert parse_application_number(display(one.number)).canonical == one.number


@given(NUMBERS, st.sets(NUMBERS), st.data())
def test_never_more_than_three_are_shown_and_those_in_the_register_come_first(number, known, data):
    wrong = data.draw(st.sampled_from([one for one in "0123456789X" if one != number[-1]]))
    found = candidates(display(number[:-1] + wrong))
    known |= set(data.draw(st.lists(st.sampled_from([one.number for one in found]), max_size=2)))

    shown = shortlist(found, known)

    assert len(shown) == min(MOST_SHOWN, len(found))
    in_register = [one.number in known for one in shown]
    assert in_register == sorted(in_register, reverse=True)
    assert sum(in_register) == min(MOST_SHOWN, len(known & {one.number for one in found}))
    assert shortlist(reversed(found), known) == shown


def test_the_likeliest_slip_stands_first():
    found = candidates("CN201710192287.5")

    assert Candidate(Slip.CHECK, "2017101922876") in found
    assert [one.slip for one in found] == sorted(one.slip for one in found)
    # 7 for 1 is misread, 17 for 71 is swapped, a 3 for a 9 is neither
    assert Candidate(Slip.MISREAD, "2017101922876") in candidates("CN207710192287.6")
    assert Candidate(Slip.SWAPPED, "2017101922876") in candidates("CN201701192287.6")
    assert Candidate(Slip.DIGIT, "2017101922876") in candidates("CN201710132287.6")
    assert Candidate(Slip.COUNT, "2017101922876") in candidates("CN2017101992287.6")


@pytest.mark.parametrize("typed", ["2O17101922876", "CN20I710192287.6", "20171019228l.6"])
def test_letters_typed_for_digits_are_offered_but_not_put_right(typed):
    with pytest.raises(NumberProblem):
        parse_application_number(typed)
    found = candidates(typed)
    assert all(one.slip == Slip.MISREAD for one in found)
    assert bool(found) == (typed != "20171019228l.6")


@pytest.mark.parametrize(
    "typed",
    [
        "2.0121E+12",
        "2012100000000",
        "201710192287600000",
        "US10123456B2",
        "CN102889890B",
        "CN101141661",
        "101141661",
        "2019SR0123456",
        "一种方法",
        "",
        "CN201710192287.6",
    ],
)
def test_nothing_is_proposed_for_what_is_right_destroyed_or_no_application_number(typed):
    assert candidates(typed) == ()
