"""`manage.py run_jobs`: the worker and the clock without Celery or Redis; NOTIFY wakes it at once."""

from __future__ import annotations

import select
import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from portal import memory
from portal.jobs import runner
from portal.jobs.schedule import run_schedule

# the sweeper: due jobs, expired leases and unsent mail are looked for at least this often
SWEEP_SECONDS = 2.0


class Command(BaseCommand):
    help = "Do the waiting background work and the schedule."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do what is due and end.")

    def handle(self, *, once: bool, **options: Any) -> None:
        self.is_stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        if not once:
            memory.settle()
            # one connection for the life of the worker: LISTEN belongs to the connection
            connection.settings_dict["CONN_MAX_AGE"] = None
            connection.close()
        owner = runner.worker_name()
        while not self.is_stopping:
            try:
                self._listen()
                run_schedule()
                runner.run_due(owner, is_stopping=lambda: self.is_stopping)
                if once:
                    return
                self._wait()
            except (OperationalError, InterfaceError) as problem:
                if once:
                    raise
                self.stderr.write(f"Database not reachable, trying again: {problem}")
                close_old_connections()
                connection.close()
                signal.sigtimedwait((), SWEEP_SECONDS)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.is_stopping = True

    def _listen(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("LISTEN portal_jobs")

    def _wait(self) -> None:
        """Sleep until a NOTIFY arrives or the sweep is due."""
        connection.ensure_connection()
        raw = connection.connection
        with connection.wrap_database_errors:
            select.select([raw], [], [], SWEEP_SECONDS)
            raw.poll()
        raw.notifies.clear()
