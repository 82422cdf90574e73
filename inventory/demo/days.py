"""Days and moments of the demonstration as numbers and ready text: quick to draw, quick to write."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

CUTOFF: Final = date(2023, 12, 31)
BASE_DAY: Final = date(2023, 12, 31)
OPENS: Final = date(2024, 3, 1)
DUE: Final = date(2024, 12, 31)

_FIRST: Final = date(2004, 1, 1).toordinal()
#: ISO text of every day from 2004 on, by ordinal less ``_FIRST``.
_TEXT: Final = tuple(date.fromordinal(_FIRST + n).isoformat() for n in range(366 * 62))


def text(ordinal: int) -> str:
    """The day as text."""
    return _TEXT[ordinal - _FIRST]


def moment(ordinal: int, minute: int) -> str:
    """A moment in Beijing as text."""
    return f"{_TEXT[ordinal - _FIRST]} {minute // 60:02d}:{minute % 60:02d}:00+08"


def working(ordinal: int) -> int:
    """The day itself, or the Friday before when it falls on a weekend."""
    weekday = (ordinal + 6) % 7
    return ordinal - (weekday - 4) if weekday > 4 else ordinal


def _gazette_days(year: int) -> tuple[int, ...]:
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range(365)]
    return tuple(day.toordinal() for day in days if day.weekday() in (1, 4))


#: Tuesdays and Fridays by year: the days on which grants are announced.
GAZETTE: Final = {year: _gazette_days(year) for year in range(2006, 2027)}


def grant_day(random: Random, years: list[int], weights: list[float]) -> int:
    """A gazette day in one of the years; ``weights`` are cumulative."""
    year = random.choices(years, cum_weights=weights)[0]
    found = GAZETTE[year]
    return found[int(random.random() * len(found))]
