"""A piece of work in a second process, beside this one: half of a bulk job on a machine with a core to spare.

The second process is a copy of this one (fork). It has everything that is loaded and a connection of its own to the
database, of which it sees what is committed; what it commits itself, it must be able to do without this one. It is a
help, never a need: where it is killed or fails, None is handed back, and whoever asked does the work alone.
"""

from __future__ import annotations

import ctypes
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

log = logging.getLogger(__name__)
PR_SET_PDEATHSIG: Final = 1
#: pages and the first process go before it
NICE: Final = 5
#: a number for each second process, by which the database tells whether its session is over
MARK_BITS: Final = 62
#: The first process's connections: the copy must neither use nor close what both hold by one socket.
_foreign: list[object] = []

Answer = Callable[[], bytes | None]


@contextmanager
def beside(work: Callable[[], bytes]) -> Iterator[Answer]:
    """Start `work` in a second process; what is yielded waits for its answer. Leaving the block ends the process."""
    reading, writing = os.pipe()
    first, mark = os.getpid(), secrets.randbits(MARK_BITS)
    try:
        pid = os.fork()
    except OSError:  # no memory, or no more processes: nothing that the work alone would not manage
        log.warning("no second process could be started", exc_info=True)
        os.close(reading)
        os.close(writing)
        yield lambda: None
        return
    if pid == 0:
        os.close(reading)
        _be_second(work, writing, first, mark)
    os.close(writing)
    second = _Second(pid, reading, mark)
    try:
        yield second.answer
    finally:
        second.end()


def check_meanwhile() -> None:
    """Check now what the database would check at the end of this transaction, while the other process is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class _Second:
    """The other process as the first one sees it."""

    def __init__(self, pid: int, reading: int, mark: int) -> None:
        self.pid, self.reading, self.mark = pid, reading, mark
        self.is_over = False

    def answer(self) -> bytes | None:
        """The bytes of the work; None where it did not come to its end."""
        with os.fdopen(self.reading, "rb", closefd=False) as source:
            content = source.read()
        code = self._wait()
        if code == 0:
            return content
        log.warning("the second process ended with %s; its part is done here", code)
        # the database may still be at its last statement, which may be the commit: nothing is certain before it is over
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [self.mark])
        return None

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        os.close(self.reading)
        if not self.is_over:
            os.kill(self.pid, signal.SIGKILL)
            self._wait()

    def _wait(self) -> int:
        _pid, status = os.waitpid(self.pid, 0)
        self.is_over = True
        return os.waitstatus_to_exitcode(status)


def _be_second(work: Callable[[], bytes], writing: int, first: int, mark: int) -> NoReturn:
    """The life of the second process; it never returns into the code of the first."""
    code = 1
    try:
        _part_from_the_first(first, mark)
        content = work()
        connections.close_all()
        with os.fdopen(writing, "wb") as target:
            target.write(content)
        code = 0
    except Exception:
        log.exception("the second process failed")
    finally:
        os._exit(code)


def _part_from_the_first(first: int, mark: int) -> None:
    """Die with it, step behind it, and speak to the database over a connection of one's own, which holds the mark."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != first:
        os._exit(1)
    os.nice(NICE)
    _foreign.append(connections[DEFAULT_DB_ALIAS])
    del connections[DEFAULT_DB_ALIAS]

    def hold(connection: BaseDatabaseWrapper, **_more: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [mark])

    connection_created.connect(hold, weak=False)
