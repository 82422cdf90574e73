"""New rows by COPY: what `bulk_create` does, without building a statement of thousands of parameters.

For rows nobody asks the keys of. Triggers and constraints hold as for any INSERT.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, JSONField, Model
from django.db.models.expressions import DatabaseDefault

from portal.json_text import encode

NULL = "\\N"
#: fewer than these go by INSERT: a page that writes a row or two needs no other way
FEW = 50


def _escaped(text: str) -> str:
    """A text as it stands in a cell; four searches for a mark are many times faster than str.translate."""
    text = text.replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _quoted(text: str) -> str:
    """A text as it stands in an array literal."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def cell(value: Any) -> str:
    """One value in the text format of COPY."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list | tuple):
        value = array(value)
    return _escaped(str(value))


def json_cell(value: Any) -> str:
    """Plain data as one cell of a JSON column; in JSON text nothing but the backslash means anything to COPY."""
    return encode(value).replace("\\", "\\\\")


def array(values: Iterable[Any]) -> str:
    """A PostgreSQL array literal of texts or numbers."""
    return "{" + ",".join(f'"{_quoted(str(value))}"' for value in values) + "}"


def copy_lines(table: str, columns: str, lines: Iterable[str]) -> None:
    """Send ready lines, their cells parted by tabs, in the current transaction."""
    copy_content(table, columns, in_lines(lines))


def in_lines(lines: Iterable[str]) -> bytes:
    """Ready lines as `copy_content` takes them."""
    return "".join(f"{line}\n" for line in lines).encode()


def copy_content(table: str, columns: str, content: bytes) -> None:
    """Send what `in_lines` made, in the current transaction."""
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.BytesIO(content))


def insert_many(instances: Iterable[Model]) -> int:
    """Insert unsaved rows of one model, in the current transaction; returns how many.

    The instances get no key. A column that every instance leaves to the database is left out.
    """
    rows = list(instances)
    if not rows:
        return 0
    model = type(rows[0])
    if len(rows) < FEW:
        return len(model._default_manager.bulk_create(rows))
    fields = [
        field
        for field in model._meta.local_concrete_fields
        if not field.primary_key
        and not field.generated
        and not isinstance(getattr(rows[0], field.attname), DatabaseDefault)
    ]
    writers = [_writer(field) for field in fields]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    lines = ("\t".join([write(row) for write in writers]) for row in rows)
    copy_lines(connection.ops.quote_name(model._meta.db_table), columns, lines)
    return len(rows)


def _writer(field: Field[Any, Any]) -> Callable[[Model], str]:
    """How the value of a field is written."""
    name = field.attname
    if isinstance(field, JSONField):
        encode = (field.encoder or json.JSONEncoder)(ensure_ascii=False).encode

        def write_json(row: Model) -> str:
            value = getattr(row, name)
            return NULL if value is None else _escaped(encode(value))

        return write_json
    prepare = field.get_prep_value
    is_list = isinstance(field, ArrayField)

    def write(row: Model) -> str:
        value: Any = getattr(row, name)
        if value is None:
            return NULL
        if is_list:
            return _escaped(array(value))
        value = prepare(value)
        if value.__class__ is str:
            return _escaped(value)
        return str(value) if value.__class__ is int else cell(value)

    return write
