"""PostgreSQL as in production, but tests may empty the append-only tables between two tests."""

from collections.abc import Iterable

from django.db.backends.postgresql import base, operations

#: Triggers that fire on TRUNCATE (bit 32), as statements that switch them off or on.
SWITCHES = """
SELECT format('ALTER TABLE %%s %%s TRIGGER %%I', tgrelid::regclass, %s::text, tgname)
FROM pg_trigger WHERE NOT tgisinternal AND tgtype & 32 <> 0
"""


class DatabaseOperations(operations.DatabaseOperations):
    """Sets the guards against TRUNCATE aside while the test runner flushes, in one transaction."""

    def switches(self, word: str) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute(SWITCHES, [word])
            return [row[0] for row in cursor.fetchall()]

    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        super().execute_sql_flush([*self.switches("DISABLE"), *sql_list, *self.switches("ENABLE")])


class DatabaseWrapper(base.DatabaseWrapper):
    """The same connection with those operations."""

    ops_class = DatabaseOperations
