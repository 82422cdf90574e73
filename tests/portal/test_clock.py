"""The clock and the calendar of working days."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from portal import calendar, clock


def test_now_is_aware_and_in_utc():
    before = timezone.now()
    now = clock.now()
    assert now.tzinfo is UTC
    assert before <= now <= timezone.now()


def test_today_is_the_day_in_beijing():
    with clock.frozen(datetime(2026, 3, 31, 15, 59, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 31)
    with clock.frozen(datetime(2026, 3, 31, 16, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 4, 1)


def test_a_frozen_day_is_noon_in_beijing_and_blocks_nest():
    with clock.frozen(date(2026, 3, 31)) as held:
        assert held == datetime(2026, 3, 31, 4, 0, tzinfo=UTC)
        with clock.frozen(date(2020, 1, 1)):
            assert clock.today() == date(2020, 1, 1)
        assert clock.now() == held
    assert clock.now() > held - timedelta(days=36500)
    assert clock.now() != held


def test_a_naive_moment_is_refused():
    naive = datetime(2026, 3, 31, 12, 0)  # noqa: DTZ001 - the refusal is what is tested
    with pytest.raises(ValueError, match="aware"), clock.frozen(naive):
        pass
    with pytest.raises(ValueError, match="naive"):
        clock.day_of(naive)


def test_day_of():
    assert clock.day_of(datetime(2026, 3, 31, 17, 0, tzinfo=UTC)) == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2024, 10, 1), False),
        (date(2024, 10, 7), False),
        (date(2024, 10, 8), True),
        (date(2024, 9, 29), True),
        (date(2024, 9, 28), False),
        (date(2024, 6, 12), True),
        (date(2099, 10, 1), True),
        (date(2099, 10, 3), False),
        (date(1999, 10, 1), True),
    ],
)
def test_working_days(day, is_worked):
    assert calendar.is_working_day(day) is is_worked


def test_outside_the_table_days_are_provisional():
    assert calendar.is_provisional(date(calendar.LAST_KNOWN_YEAR, 12, 31)) is False
    assert calendar.is_provisional(date(calendar.LAST_KNOWN_YEAR + 1, 1, 1)) is True
    assert calendar.is_provisional(date(calendar.FIRST_KNOWN_YEAR - 1, 12, 31)) is True


def test_next_and_added_working_days():
    assert calendar.next_working_day(date(2024, 10, 1)) == date(2024, 10, 8)
    assert calendar.next_working_day(date(2024, 10, 8)) == date(2024, 10, 8)
    assert calendar.add_working_days(date(2024, 9, 30), 1) == date(2024, 10, 8)
    assert calendar.add_working_days(date(2024, 10, 1), 0) == date(2024, 10, 1)
    with pytest.raises(ValueError, match="forwards"):
        calendar.add_working_days(date(2024, 10, 1), -1)


def test_working_days_between():
    assert calendar.working_days_between(date(2024, 9, 30), date(2024, 10, 12)) == 5
    assert calendar.working_days_between(date(2024, 10, 12), date(2024, 9, 30)) == 0
