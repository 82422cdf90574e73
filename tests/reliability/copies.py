"""The database copied as it stands, and everything in it as a picture that two runs can be compared by.

Keys are told apart from other numbers by the range they are drawn from: before the copies are made, every sequence is
moved to a range of its own, so that a key is recognised wherever it stands (a column, JSON, an address) and is shown as
"the third batch made since". What a sequence skipped on the way does not matter then.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, connections, models

#: first key of the first sequence; all ranges lie above every other number and below what an int4 holds
FIRST, RANGE = 1_500_000_000, 1_000_000
_KEY = re.compile(r"(?<![0-9A-Za-z])(?:1[5-9]|20)\d{8}(?![0-9A-Za-z])")

#: moments that stand in words
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")

#: tables that say nothing about the work
LEFT_OUT = {
    "portal.scheduledrun": "a clock",
    "sessions.session": "sign-ins of browsers",
}
#: columns besides clocks that differ between two good runs
DIFFERENT = {
    "portal.job.attempt": "bookkeeping of jobs",
    "portal.job.lease_owner": "bookkeeping of jobs",
    "portal.job.marks": "clocks: the last moments of which speed is reckoned",
    "portal.importbatch.preview_digest": "over sealed texts, which are sealed anew each time",
    "portal.invitation.token_digest": "drawn at random",
    "portal.user.password": "drawn at random",
    "portal.storedfile.sha256": "workbooks carry the moment they were made at",
    "portal.storedfile.size": "likewise",
}
#: what the trail tells of those
_DIGEST = "digest"


def administer(*statements: str) -> None:
    """Run statements about databases and sessions, each at once, on a connection to none of ours."""
    at = connection.settings_dict
    admin = psycopg2.connect(
        host=at["HOST"],
        port=at["PORT"],
        user=at["USER"],
        password=at["PASSWORD"],
        dbname="postgres",
    )
    admin.autocommit = True
    with admin.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    admin.close()


class Copies:
    """Copies of the test database as it stood when this was made; the connection goes to the newest of them."""

    def __init__(self) -> None:
        self.home = connection.settings_dict["NAME"]
        self.saved, self.running = f"{self.home}_saved", f"{self.home}_running"

    def fresh(self, *, is_read: bool = False) -> None:
        """Go on in a new copy; the file of rows that the sandbox made in a former one is there, or is not."""
        connections.close_all()
        administer(
            f'DROP DATABASE IF EXISTS "{self.running}" WITH (FORCE)',
            f'CREATE DATABASE "{self.running}" TEMPLATE "{self.saved}"',
        )
        connection.settings_dict["NAME"] = self.running
        if not is_read:
            shutil.rmtree(Path(settings.MEDIA_ROOT, "intake"), ignore_errors=True)


@contextmanager
def copies() -> Iterator[Copies]:
    """Keep the database as it is now; everything is as before at the end."""
    made = Copies()
    connections.close_all()
    administer(
        f'DROP DATABASE IF EXISTS "{made.saved}" WITH (FORCE)',
        f'CREATE DATABASE "{made.saved}" TEMPLATE "{made.home}"',
    )
    try:
        connection.settings_dict["NAME"] = made.saved
        _spread_keys()
        yield made
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = made.home
        administer(
            f'DROP DATABASE IF EXISTS "{made.running}" WITH (FORCE)',
            f'DROP DATABASE IF EXISTS "{made.saved}" WITH (FORCE)',
        )


def _tables() -> list[type[models.Model]]:
    found = [one for one in apps.get_models(include_auto_created=True) if not one._meta.proxy]
    return sorted(
        (one for one in found if one._meta.label_lower not in LEFT_OUT),
        key=lambda model: model._meta.label_lower,
    )


def _spread_keys() -> None:
    """Give every sequence a range of its own."""
    with connection.cursor() as cursor:
        for at, model in enumerate(_tables()):
            key = model._meta.pk
            if isinstance(key, models.AutoField):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)",
                    [f'"{model._meta.db_table}"', key.column, FIRST + at * RANGE],
                )


# --- the picture ------------------------------------------------------------------------------------


def picture() -> dict[str, list[str]]:
    """Every row of every table as text, apart from clocks, keys and what DIFFERENT names."""
    tables = {model: _lines(model) for model in _tables()}
    names = _names(line for lines in tables.values() for line in lines)
    found = {}
    for model, lines in tables.items():
        plain = (_MOMENT.sub("at some time", line) for line in lines)
        shown = [_KEY.sub(lambda match: names[match[0]], line) for line in plain]
        found[model._meta.label_lower] = sorted(shown) if _is_leaf(model) else shown
    return found


def _lines(model: type[models.Model]) -> list[str]:
    """The rows in the order of their keys; without the key where nothing refers to them."""
    columns = [field for field in model._meta.concrete_fields if not _is_skipped(model, field)]
    rows = model._base_manager.order_by("pk").values_list(*(one.attname for one in columns))
    return [
        json.dumps(
            {one.name: _plain(one, value) for one, value in zip(columns, row, strict=True)},
            ensure_ascii=False,
            sort_keys=True,
            default=str,
        )
        for row in rows
    ]


def _is_skipped(model: type[models.Model], field: Any) -> bool:
    is_own_key = field.primary_key and isinstance(field, models.AutoField)
    return (
        is_own_key and _is_leaf(model)
    ) or f"{model._meta.label_lower}.{field.name}" in DIFFERENT


def _is_leaf(model: type[models.Model]) -> bool:
    """Whether no row refers to rows of this table: in which order they were written says nothing."""
    return not model._meta.related_objects


def _plain(field: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return "at some time"
    if isinstance(field, models.FileField):
        return "kept" if value and default_storage.exists(value) else "missing"
    if isinstance(value, dict) and _DIGEST in value:
        return {**value, _DIGEST: "…"}
    return value


def _names(lines: Iterator[str]) -> dict[str, str]:
    """{key: table and place among the keys of that table that are seen anywhere}."""
    by_table: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        for match in _KEY.finditer(line):
            by_table[(int(match[0]) - FIRST) // RANGE].add(int(match[0]))
    labels = [model._meta.label_lower for model in _tables()]
    return {
        str(key): f"{labels[table] if table < len(labels) else 'number'} {place}"
        for table, keys in by_table.items()
        for place, key in enumerate(sorted(keys), 1)
    }


def differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> list[str]:
    """What is in one picture and not in the other, a line each; empty where they are equal."""
    found = []
    for table in one.keys() | other.keys():
        first, second = one.get(table, []), other.get(table, [])
        if first != second:
            gone = [f"{table} -{line}" for line in first if line not in second]
            come = [f"{table} +{line}" for line in second if line not in first]
            found += [f"{table}: {len(first)} rows, then {len(second)}", *gone[:4], *come[:4]]
    return found
