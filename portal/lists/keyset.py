"""Keyset paging: rows beyond a place in an order, and the cursor that names the place in an address."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import (
    BooleanField,
    DateField,
    DecimalField,
    F,
    Field,
    Func,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Value,
)

# longer than any cursor of ours
CURSOR_LENGTH = 2_000

#: [(column, descending)], the primary key last
Keys = list[tuple[str, bool]]
#: values of one row in the columns of an order, the primary key last
Row = tuple[Any, ...]
#: kinds of column that sort here as in the database; texts do not, its collation puts them in order
_SORTED_HERE = (BooleanField, DateField, DecimalField, IntegerField)


def keys_of(fields: tuple[str, ...], *, is_reversed: bool) -> Keys:
    """The columns of an order with the primary key last, which parts equal rows."""
    keys = [(name.lstrip("-"), name.startswith("-") != is_reversed) for name in fields]
    return keys if keys[-1][0] == "pk" else [*keys, ("pk", keys[-1][1])]


def in_order(queryset: QuerySet[Any], keys: Keys, *, is_backward: bool = False) -> QuerySet[Any]:
    """Rows in the order of the keys; PostgreSQL puts unknown values last, and first when descending."""
    return queryset.order_by(*(("-" if down != is_backward else "") + name for name, down in keys))


def cut(
    queryset: QuerySet[Any],
    keys: Keys,
    cursor: list[Any] | None,
    *,
    is_backward: bool,
    size: int,
    is_short: bool = False,
) -> tuple[list[Any], bool]:
    """Rows after (or before) the cursor in display order, and whether more follow in that direction.

    A short list is read to its end: asked for the first rows alone, the planner may walk an index over the whole table
    in their order, to find them by chance.
    """
    if cursor is not None:
        queryset = further_than(queryset, keys, cursor, is_backward=is_backward)
    ordered = in_order(queryset, keys, is_backward=is_backward)
    rows = list(ordered if is_short else ordered[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if is_backward else rows), has_more


def is_sorted_here(queryset: QuerySet[Any], keys: Keys) -> bool:
    """Whether rows of this order can be sorted without the database."""
    return all(
        isinstance(column, _SORTED_HERE) or column.is_relation
        for column in (column_of(queryset, name)[0] for name, _down in keys)
    )


def sort_here(rows: Sequence[Row], keys: Keys) -> list[Row]:
    """Rows in the order of the keys; as in `in_order`, unknown values are the largest."""
    ordered = list(rows)
    for number in reversed(range(len(keys))):
        ordered.sort(key=lambda row: _rank(row[number]), reverse=keys[number][1])
    return ordered


def cut_here(
    ordered: Sequence[Row],
    keys: Keys,
    cursor: Sequence[Any] | None,
    *,
    is_backward: bool,
    size: int,
) -> tuple[list[Any], bool]:
    """What `cut` answers, of rows in order: keys after (or before) the cursor, and whether more follow there."""
    if cursor is None:
        first, last = 0, len(ordered)
    else:
        first = bisect_left(ordered, 1, key=lambda row: _compared(row, cursor, keys))
        last = bisect_left(ordered, 0, key=lambda row: _compared(row, cursor, keys))
    found = ordered[:last][-size:] if is_backward else ordered[first : first + size]
    has_more = last > size if is_backward else len(ordered) - first > size
    return [row[-1] for row in found], has_more


def _compared(row: Sequence[Any], place: Sequence[Any], keys: Keys) -> int:
    """-1 for a row before the place, 0 at it, 1 beyond it."""
    for value, other, (_name, down) in zip(row, place, keys, strict=True):
        if value != other:
            return 1 if (_rank(value) > _rank(other)) != down else -1
    return 0


def _rank(value: Any) -> tuple[bool, Any]:
    return value is None, value


def further_than(
    queryset: QuerySet[Any], keys: Keys, values: list[Any], *, is_backward: bool = False
) -> QuerySet[Any]:
    """Rows strictly beyond the place, found from the place on and not by walking to it from the start."""
    start = _start(queryset, keys, values, is_backward=is_backward)
    if start is not None:
        queryset = queryset.filter(start)
    return queryset.filter(beyond(keys, values, is_backward=is_backward))


class _AtOrBeyond(Func):
    """Condition `ROW(a, b) >= ROW(x, y)`, which an index over the columns answers by starting there."""

    template = "%(expressions)s"
    output_field = BooleanField()
    conditional = True


def _start(
    queryset: QuerySet[Any], keys: Keys, values: list[Any], *, is_backward: bool
) -> Func | None:
    """A looser bound than `beyond` over the first columns that one index can hold; None where it would say nothing.

    Those are columns of one table, in one direction, never unknown.
    """
    first, is_descending = keys[0]
    table = first.rpartition("__")[0]
    columns, places = [], []
    for (name, down), value in zip(keys, values, strict=True):
        column, is_optional = column_of(queryset, name)
        if down != is_descending or name.rpartition("__")[0] != table or is_optional:
            break
        columns.append(F(name))
        places.append(Value(value, output_field=column))
    if len(keys) == 1 or not columns:
        return None
    row = {"function": "ROW", "output_field": BooleanField()}
    joiner = " <= " if is_descending != is_backward else " >= "
    return _AtOrBeyond(Func(*columns, **row), Func(*places, **row), arg_joiner=joiner)


def beyond(keys: Keys, values: list[Any], *, is_backward: bool = False) -> Q:
    """Rows strictly beyond the place: (a > x) or (a = x and b > y) or …; None stands where the database puts it."""
    condition = Q()
    equal = Q()
    for (name, down), value in zip(keys, values, strict=True):
        further = _further(name, value, is_descending=down != is_backward)
        if further is not None:
            condition |= equal & further
        equal &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return condition


def _further(name: str, value: Any, *, is_descending: bool) -> Q | None:
    """Beyond one column: unknown values come last ascending and first descending; None where nothing is beyond."""
    if value is None:
        return Q(**{f"{name}__isnull": False}) if is_descending else None
    if is_descending:
        return Q(**{f"{name}__lt": value})
    return Q(**{f"{name}__gt": value})


def values_at(row: Any, keys: Keys) -> list[Any]:
    """Where a row stands: its values in the columns of the order."""
    values = []
    for name, _ in keys:
        value = row
        for part in name.split("__"):
            value = None if value is None else getattr(value, part)
        values.append(value)
    return values


def cursor_at(row: Any, keys: Keys, direction: str) -> str:
    """The place of a row as text for an address; direction is > or <."""
    packed = json.dumps([direction, *map(_plain, values_at(row, keys))], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(text: str, queryset: QuerySet[Any], keys: Keys) -> tuple[list[Any] | None, bool]:
    """The cursor's column values and whether it leads back; (None, False) for none, a forged or an outdated one."""
    if not text or len(text) > CURSOR_LENGTH:
        return None, False
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        typed = [
            _typed(queryset, name, value) for (name, _), value in zip(keys, values, strict=True)
        ]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        return None, False
    except (ValidationError, FieldDoesNotExist):
        return None, False
    return (typed, direction == "<") if direction in {"<", ">"} else (None, False)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def is_computed(queryset: QuerySet[Any], keys: Keys) -> bool:
    """Whether the order is by something that the query computes and no table holds."""
    return any(name in queryset.query.annotations for name, _down in keys)


def column_of(queryset: QuerySet[Any], path: str) -> tuple[Field[Any, Any], bool]:
    """The column at the end of a path along foreign keys, and whether it can be unknown."""
    model: type[Model] = queryset.model
    if path in queryset.query.annotations:
        # it may be unknown, and no index holds it
        return queryset.query.annotations[path].output_field, True
    if path == "pk":
        return model._meta.pk, False
    *relations, last = path.split("__")
    is_optional = False
    for relation in relations:
        field = model._meta.get_field(relation)
        is_optional |= bool(getattr(field, "null", True))
        related = field.related_model
        assert isinstance(related, type)  # orderings are written by us, along foreign keys  # noqa: S101
        model = related
    found = model._meta.get_field(last)
    assert isinstance(found, Field)  # noqa: S101 - likewise
    return found, is_optional or found.null


def _typed(queryset: QuerySet[Any], path: str, value: Any) -> Any:
    """A cursor's value as the column takes it; ValueError or ValidationError for what no row of ours can hold."""
    column, is_optional = column_of(queryset, path)
    if value is None and is_optional:
        return None
    if value is None or isinstance(value, dict | list):
        raise ValueError(value)
    found = column.to_python(value)
    if found is None:
        raise ValueError(value)
    if isinstance(found, str) and "\x00" in found.encode().decode():  # encode: no lone surrogates
        raise ValueError(value)
    if not column.is_relation:
        column.run_validators(found)
    return found
