"""Terms and annual fees, computed by hand from the law, the rules and the guidelines."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import terms
from inventory.terms import AnnualFee

DAYS = st.dates(date(1986, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize(
    ("kind", "filed_on", "end"),
    [
        ("invention", date(2017, 3, 28), date(2037, 3, 28)),
        ("utility", date(1999, 9, 6), date(2009, 9, 6)),
        ("design", date(2019, 3, 27), date(2029, 3, 27)),
        ("design", date(2021, 5, 31), date(2031, 5, 31)),
        ("design", date(2021, 6, 1), date(2036, 6, 1)),
        ("design", date(2022, 7, 22), date(2037, 7, 22)),
        ("invention", date(2004, 2, 29), date(2024, 2, 29)),
        ("utility", date(2012, 2, 29), date(2022, 2, 28)),
    ],
)
def test_term_end(kind, filed_on, end):
    assert terms.term_end(kind, filed_on) == end


def test_last_day_in_force_is_the_day_before():
    assert terms.last_day_in_force("utility", date(1999, 9, 6)) == date(2009, 9, 5)
    assert (
        terms.is_within_term("utility", date(1999, 9, 6), date(2000, 9, 6), date(2009, 9, 5))
        is True
    )
    assert (
        terms.is_within_term("utility", date(1999, 9, 6), date(2000, 9, 6), date(2009, 9, 6))
        is False
    )
    assert (
        terms.is_within_term("utility", date(1999, 9, 6), date(2000, 9, 6), date(2000, 9, 5))
        is False
    )
    assert terms.is_within_term("utility", date(1999, 9, 6), None, date(2001, 1, 1)) is False


def test_cut_off_includes_its_day():
    assert terms.is_granted_by(date(2023, 12, 31), date(2023, 12, 31)) is True
    assert terms.is_granted_by(date(2024, 1, 2), date(2023, 12, 31)) is False
    assert terms.is_granted_by(None, date(2023, 12, 31)) is False


@pytest.mark.parametrize(
    ("granted_on", "is_unusual"),
    [
        (date(2019, 5, 7), False),
        (date(2019, 5, 10), False),
        (date(2019, 5, 8), True),
        (date(2010, 5, 12), False),
        (date(2019, 5, 12), True),
    ],
)
def test_weekday_of_grant(granted_on, is_unusual):
    assert terms.is_unusual_grant_day(granted_on) is is_unusual


def test_months_end_on_the_last_day_where_there_is_no_same_day():
    assert terms.months_later(date(2023, 8, 31), 6) == date(2024, 2, 29)
    assert terms.months_later(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert terms.months_later(date(2023, 10, 31), 1) == date(2023, 11, 30)
    assert terms.months_later(date(2023, 6, 30), 6) == date(2023, 12, 30)


def test_years_maintained():
    assert terms.full_years(date(2017, 3, 28), date(2024, 3, 27)) == 6
    assert terms.full_years(date(2017, 3, 28), date(2024, 3, 28)) == 7
    assert terms.full_years(date(2017, 3, 28), date(2016, 1, 1)) == 0


@pytest.mark.parametrize(
    ("kind", "amounts"),
    [
        ("invention", [900] * 3 + [1200] * 3 + [2000] * 3 + [4000] * 3 + [6000] * 3 + [8000] * 5),
        ("utility", [600] * 3 + [900] * 2 + [1200] * 3 + [2000] * 2),
        ("design", [600] * 3 + [900] * 2 + [1200] * 3 + [2000] * 2 + [3000] * 5),
    ],
)
def test_fee_table(kind, amounts):
    years = range(1, len(amounts) + 1)
    assert [terms.annual_fee_amount(kind, year) for year in years] == [
        Decimal(yuan) for yuan in amounts
    ]
    with pytest.raises(ValueError, match="no patent year"):
        terms.annual_fee_amount(kind, len(amounts) + 1)
    with pytest.raises(ValueError, match="no patent year"):
        terms.annual_fee_amount(kind, 0)


def test_the_example_of_the_guidelines():
    """Filed 1997-06-03, granted 2001-08-01: year 5 is paid at registration, year 6 by 2002-06-03."""
    fee = terms.next_annual_fee("invention", date(1997, 6, 3), date(2001, 8, 1), date(2001, 8, 2))
    assert fee == AnnualFee(6, date(2002, 6, 3), Decimal(1200), date(2002, 12, 3), True)


def test_a_fee_due_on_a_saturday_may_be_paid_on_monday():
    filed_on, granted_on = date(2017, 3, 28), date(2019, 5, 7)
    monday = AnnualFee(10, date(2026, 3, 30), Decimal(4000), date(2026, 9, 28), False)
    assert terms.next_annual_fee("invention", filed_on, granted_on, date(2026, 3, 28)) == monday
    assert terms.next_annual_fee("invention", filed_on, granted_on, date(2026, 3, 30)) == monday
    after = terms.next_annual_fee("invention", filed_on, granted_on, date(2026, 3, 31))
    assert after == AnnualFee(11, date(2027, 3, 29), Decimal(4000), date(2027, 9, 28), True)


def test_a_fee_due_in_the_october_holiday_waits_for_its_end():
    fee = terms.next_annual_fee("utility", date(2020, 10, 2), date(2021, 4, 6), date(2024, 9, 1))
    assert fee is not None
    assert (fee.year_no, fee.due_on) == (5, date(2024, 10, 8))


def test_no_fee_before_grant_or_in_the_last_year():
    assert terms.next_annual_fee("utility", date(2017, 3, 28), None, date(2018, 1, 1)) is None
    assert (
        terms.next_annual_fee("utility", date(2017, 3, 28), date(2017, 9, 5), date(2026, 6, 1))
        is None
    )


def test_asked_before_the_grant_the_first_fee_is_that_after_the_year_of_grant():
    fee = terms.next_annual_fee("invention", date(2017, 3, 28), date(2019, 5, 7), date(2018, 3, 31))
    assert fee is not None
    assert (fee.year_no, fee.due_on) == (4, date(2020, 3, 30))


def test_fee_in_grace_and_its_surcharge():
    filed_on, granted_on = date(2017, 3, 28), date(2019, 5, 7)
    fee = terms.fee_in_grace("invention", filed_on, granted_on, date(2026, 5, 1))
    assert fee == AnnualFee(10, date(2026, 3, 30), Decimal(4000), date(2026, 9, 28), False)
    assert terms.fee_in_grace("invention", filed_on, granted_on, date(2026, 3, 30)) is None
    assert terms.fee_in_grace("invention", filed_on, granted_on, date(2026, 9, 29)) is None
    assert terms.fee_in_grace("invention", filed_on, None, date(2026, 5, 1)) is None


@pytest.mark.parametrize(
    ("paid_on", "amount"),
    [
        (date(2024, 3, 28), Decimal("0.00")),
        (date(2024, 4, 28), Decimal("0.00")),
        (date(2024, 4, 29), Decimal("100.00")),
        (date(2024, 5, 28), Decimal("100.00")),
        (date(2024, 5, 29), Decimal("200.00")),
        (date(2024, 8, 29), Decimal("500.00")),
        (date(2024, 9, 29), Decimal("500.00")),
        (date(2024, 9, 30), None),
    ],
)
def test_surcharge_is_five_percent_a_month_after_the_first(paid_on, amount):
    fee = AnnualFee(8, date(2024, 3, 28), Decimal(2000), date(2024, 9, 29), False)
    assert terms.surcharge(fee, paid_on) == amount


def test_reduction():
    assert terms.reduced_amount(Decimal(900), is_joint=False) == Decimal("135.00")
    assert terms.reduced_amount(Decimal(900), is_joint=True) == Decimal("270.00")


def test_the_utility_model_of_a_pair_ends_with_the_grant_of_the_invention():
    assert terms.utility_model_ends_on(date(2020, 5, 5)) == date(2020, 5, 5)


@given(kind=st.sampled_from(["invention", "utility", "design"]), filed_on=DAYS, on_day=DAYS)
def test_the_next_fee_is_never_in_the_past(kind, filed_on, on_day):
    granted_on = terms.months_later(filed_on, 18)
    fee = terms.next_annual_fee(kind, filed_on, granted_on, on_day)
    if fee is not None:
        assert fee.due_on >= max(on_day, granted_on)
        assert fee.year_no > terms.patent_year(filed_on, granted_on)
        assert fee.grace_ends_on > fee.due_on
        assert fee.amount == terms.annual_fee_amount(kind, fee.year_no)


@given(filed_on=DAYS, months=st.integers(0, 400))
def test_months_later_keeps_the_month(filed_on, months):
    later = terms.months_later(filed_on, months)
    assert (later.year - filed_on.year) * 12 + later.month - filed_on.month == months
    assert later.day <= filed_on.day
