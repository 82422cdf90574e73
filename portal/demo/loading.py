"""Rows by COPY: buffers per table, a second thread that sends them, constraints set aside for large loads."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

from portal.copying import cell


class Loader:
    """Collects ready lines per table and sends them in the order of ``tables``."""

    def __init__(self, tables: Sequence[tuple[str, str]]) -> None:
        self._columns: dict[str, str] = {}
        self.lines: dict[str, list[str]] = {}
        self.counts: dict[str, int] = {}
        self._next_ids: dict[str, int] = {}
        self._sender = ThreadPoolExecutor(max_workers=1)
        self._sending: Future[None] | None = None
        for table, columns in tables:
            self.declare(table, columns)

    def declare(self, table: str, columns: str) -> None:
        """Make a table known with its columns; rows are sent in the order of declaration."""
        self._columns[table] = columns
        self.lines[table] = []
        self.counts[table] = 0
        self._next_ids[table] = 1

    def next_id(self, table: str) -> int:
        found = self._next_ids[table]
        self._next_ids[table] = found + 1
        return found

    def add(self, table: str, *values: Any) -> int:
        """Append one row, its id first; returns the id. For small tables; hot loops write lines themselves."""
        made = self.next_id(table)
        self.lines[table].append("\t".join((str(made), *map(cell, values))))
        return made

    def send(self) -> None:
        """Hand what is buffered to the sending thread, after it has finished with the batch before."""
        self.wait()
        batch = {table: lines for table, lines in self.lines.items() if lines}
        self.lines.update({table: [] for table in batch})
        for table, lines in batch.items():
            self.counts[table] += len(lines)
        raw = connection.connection
        self._sending = self._sender.submit(self._copy, raw, batch)

    def _copy(self, raw: Any, batch: dict[str, list[str]]) -> None:
        with raw.cursor() as cursor:
            for table, lines in batch.items():
                content = io.BytesIO(("\n".join(lines) + "\n").encode())
                cursor.copy_expert(f"COPY {table} ({self._columns[table]}) FROM STDIN", content)

    def wait(self) -> None:
        """Wait for the batch on its way; its failure is raised here."""
        if self._sending is not None:
            self._sending.result()
            self._sending = None

    def finish(self) -> None:
        """Send the rest and set every sequence behind the last id."""
        self.send()
        self.wait()
        self._sender.shutdown()
        with connection.cursor() as cursor:
            for table, following in self._next_ids.items():
                if following > 1:
                    cursor.execute(
                        "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                        [table, following - 1],
                    )

    def close(self) -> None:
        self._sender.shutdown(wait=True, cancel_futures=True)


@contextmanager
def set_aside(tables: Sequence[str], *, is_large: bool, kept: Sequence[str] = ()) -> Iterator[None]:
    """Drop what is kept up to date row by row and make it anew afterwards, in bulk and checked.

    Foreign keys, unique constraints and indexes of these tables; primary keys and triggers stay, and
    so does each constraint in ``kept``: a trigger finds rows by it while the load runs. Only for large
    loads into empty tables, and inside a transaction, so that a failure leaves all as it was.
    """
    if not is_large:
        yield
        return
    with connection.cursor() as cursor:
        # what was loaded before is checked now, so that no check is pending on an altered table
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        constraints = [row for row in _constraints(cursor, tables) if row[1] not in kept]
        indexes = _indexes(cursor, tables)
        for table, name, _definition in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in reversed(constraints):
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def _constraints(cursor: Any, tables: Sequence[str]) -> list[tuple[str, str, str]]:
    """Foreign keys first, then unique constraints."""
    cursor.execute(
        """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype IN ('f', 'u') AND conparentid = 0 AND conrelid::regclass::text = ANY(%s)
        ORDER BY contype, 1, 2""",
        [list(tables)],
    )
    return list(cursor.fetchall())


def _indexes(cursor: Any, tables: Sequence[str]) -> list[tuple[str, str]]:
    """Indexes that no constraint stands on; those of a partitioned table with all their parts."""
    cursor.execute(
        """
        SELECT i.indexrelid::regclass::text,
               replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ')
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
        WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition AND t.relname = ANY(%s)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
        ORDER BY 1""",
        [list(tables)],
    )
    return list(cursor.fetchall())
