"""Working days in China: weekends, public holidays and the Saturdays and Sundays worked in their
place.

The table of the State Council's yearly notices comes from the maintained library
``chinesecalendar``. It ends where the published notices end. Outside it only weekends are known
to be free, and ``is_provisional`` says so: a screen that prints such a day adds 暂定.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar

FIRST_KNOWN_YEAR: Final[int] = min(chinese_calendar.holidays).year
LAST_KNOWN_YEAR: Final[int] = max(chinese_calendar.holidays).year
ONE_DAY: Final = timedelta(days=1)


def is_provisional(day: date) -> bool:
    """Tell whether the holidays of that year are unknown here, so that only weekends count."""
    return not FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR


@lru_cache(maxsize=32_768)
def is_working_day(day: date) -> bool:
    """Tell whether people work on that day, holidays and exchanged weekends taken into account."""
    if is_provisional(day):
        return day.weekday() < 5
    return bool(chinese_calendar.is_workday(day))


@lru_cache(maxsize=32_768)
def next_working_day(day: date) -> date:
    """Return the day itself when it is worked, else the first working day after it.

    This is how a statutory period ends (专利法实施细则 第5条: 期限届满日是法定休假日的,
    以休假日后的第一个工作日为期限届满日).
    """
    while not is_working_day(day):
        day += ONE_DAY
    return day


def period_end(start: date, days: int) -> date:
    """Return the last day of a period of calendar days.

    The day it starts is not counted; a last day that is free moves to the next working day
    (专利法实施细则 第5条).
    """
    return next_working_day(start + timedelta(days=days))


def earliest_start(today: date, days: int) -> date:
    """Return the first day on which a period of so many days may have begun that is not over yet."""
    start = today - timedelta(days=days)
    while period_end(start - ONE_DAY, days) >= today:
        start -= ONE_DAY
    return start


def add_working_days(day: date, count: int) -> date:
    """Return the ``count``-th (>= 0) working day after ``day``, which is not counted itself."""
    if count < 0:
        raise ValueError("Working days are counted forwards")
    for _ in range(count):
        day = next_working_day(day + ONE_DAY)
    return day


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie after ``start`` up to and including ``end``."""
    return sum(
        is_working_day(start + timedelta(days=offset))
        for offset in range(1, (end - start).days + 1)
    )
