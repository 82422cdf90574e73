"""The one clock of the whole project.

Business code asks ``now()`` and ``today()`` here and nowhere else, so that the demo generator and
the tests can move time with ``frozen(...)``. The freeze is held in a context variable: it is seen
by the code called inside the ``with`` block only, never by another thread or request.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

_frozen_moment: ContextVar[datetime | None] = ContextVar("frozen_moment", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC (what ``django.utils.timezone.now`` gives)."""
    return _frozen_moment.get() or datetime.now(tz=UTC)


def today() -> date:
    """Return the calendar day in Beijing, whatever the server's own zone is."""
    return now().astimezone(SHANGHAI).date()


def day_of(moment: datetime) -> date:
    """Return the Beijing calendar day of an aware moment. ``ValueError`` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("A naive moment has no day in Beijing")
    return moment.astimezone(SHANGHAI).date()


@contextmanager
def frozen(moment: datetime | date) -> Iterator[datetime]:
    """Hold the clock at ``moment`` inside the block and yield the held moment in UTC.

    A ``date`` means noon in Beijing on that day. A naive ``datetime`` is refused with
    ``ValueError``. Blocks nest; leaving one gives back the clock that ruled before it.
    """
    held = _aware(moment)
    token = _frozen_moment.set(held)
    try:
        yield held
    finally:
        _frozen_moment.reset(token)


def _aware(moment: datetime | date) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, 12, tzinfo=SHANGHAI)
    if moment.tzinfo is None:
        raise ValueError("Freeze the clock at an aware moment")
    return moment.astimezone(UTC)
