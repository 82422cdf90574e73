"""Rows by their keys: what a filter leaves, when that is few, and what a page shows of the keys it chose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Field, Func, Model, QuerySet, Value

from portal.lists.keyset import Keys, Row, is_computed, is_sorted_here

# lists of which the planner expects no more are collected
FEW = 5_000
# up to so many, as it errs: they are sorted in some hundredths of a second; more are walked in their order, and as
# there are many the walk is short
KEYS_CAP = 10_000
# so many are collected whatever the planner expects
PROBE = 500


@dataclass(frozen=True)
class Found:
    """What is known of the rows of a list before it is ordered."""

    # all of them in no order, where these are few: their places in the order, the key last
    rows: list[Row] | None
    # how many they are; where they are not few, about
    number: int
    # that many there are for certain
    least: int


class IsAmong(Func):
    """Condition: a column is one of these values, given as one array: thousands one by one take Django long."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()

    def __init__(self, model: type[Model], name: str, values: Iterable[Any]) -> None:
        fields: dict[str, Field[Any, Any]] = {"pk": model._meta.pk}
        fields |= {one.name: one for one in model._meta.fields}
        array = ArrayField(fields[name].__class__())
        super().__init__(F(name), Value(list(values), output_field=array))


def few_rows(queryset: QuerySet[Any], keys: Keys) -> Found:
    """The rows, where they are few; two queries.

    Of an order that is not sorted here, each row is its key alone. Filters that leave little are the ones for which
    walking a list in its order takes long: the planner cannot know that the rows it expects soon are the last ones.
    Some hundred are collected always, so that a filter that leaves nothing is found out by that and not by walking the
    whole order; more where the planner expects few.
    """
    expected = _expected_rows(queryset)
    most = KEYS_CAP if expected <= FEW else min(PROBE, KEYS_CAP)
    names = [name for name, _down in keys] if is_sorted_here(queryset, keys) else ["pk"]
    rows = _first(queryset, names, most + 1)
    if len(rows) <= most:
        return Found(rows, len(rows), len(rows))
    return Found(None, max(expected, len(rows)), len(rows))


def _first(queryset: QuerySet[Any], names: Sequence[str], number: int) -> list[Row]:
    return list(queryset.order_by().values_list(*names)[:number])


def _expected_rows(queryset: QuerySet[Any]) -> int:
    """How many rows the planner expects; it is not asked about what Django knows to be empty."""
    plan = queryset.order_by().values_list("pk").explain(format="json")
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else 0


def among(queryset: QuerySet[Any], few: Sequence[Row], keys: Keys) -> QuerySet[Any]:
    """These rows, without what they show: the columns of the order alone."""
    source = queryset if is_computed(queryset, keys) else queryset.model._base_manager.all()
    return source.filter(IsAmong(source.model, "pk", [row[-1] for row in few]))


def rows_of(queryset: QuerySet[Any], keys: Sequence[Any]) -> list[Any]:
    """The rows with these keys, in the order of the keys; one query, none without keys."""
    if not keys:
        return []
    found = {row.pk: row for row in queryset.order_by().filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]
