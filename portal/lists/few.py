"""Rows by their keys: what a filter leaves, when that is few, and what a page shows of the keys it chose."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BooleanField, F, Func, QuerySet, Value

from portal.lists.keyset import Keys, Row, is_computed, is_sorted_here

# so many keys are sorted in a few hundredths of a second however they were found; more are walked in order, and as
# there are many the walk is short
KEYS_CAP = 5_000
# so many are collected whatever the planner expects
PROBE = 500


class _Among(Func):
    """Condition: the key is one of these, given as one array: thousands of values one by one take Django long."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()

    def __init__(self, queryset: QuerySet[Any], keys: Sequence[Any]) -> None:
        array = ArrayField(queryset.model._meta.pk.__class__())
        super().__init__(F("pk"), Value(list(keys), output_field=array))


def few_rows(queryset: QuerySet[Any], keys: Keys) -> list[Row] | None:
    """All rows in no order, None when they are not few: their places in the order, the key last; one to three queries.

    Of an order that is not sorted here, each row is its key alone. Filters that leave little are the ones for which
    walking a list in its order takes long: the planner cannot know that the rows it expects soon are the last ones.
    Some hundred are collected always, so that a filter that leaves nothing is found out by that and not by walking the
    whole order; the rest where the planner expects few.
    """
    probe = min(PROBE, KEYS_CAP)
    names = [name for name, _down in keys] if is_sorted_here(queryset, keys) else ["pk"]
    rows = _first(queryset, names, probe + 1)
    if len(rows) <= probe:
        return rows
    if expected_rows(queryset) > KEYS_CAP:
        return None
    rows = _first(queryset, names, KEYS_CAP + 1)
    return rows if len(rows) <= KEYS_CAP else None


def _first(queryset: QuerySet[Any], names: Sequence[str], number: int) -> list[Row]:
    return list(queryset.order_by().values_list(*names)[:number])


def expected_rows(queryset: QuerySet[Any]) -> int:
    """How many rows the planner expects, at least as many as `few_rows` has found where that answered None."""
    bare = queryset.order_by().values_list("pk")
    plan = json.loads(bare.explain(format="json"))[0]["Plan"]
    return max(int(plan["Plan Rows"]), min(PROBE, KEYS_CAP))


def among(queryset: QuerySet[Any], few: Sequence[Row], keys: Keys) -> QuerySet[Any]:
    """These rows, without what they show: the columns of the order alone."""
    source = queryset if is_computed(queryset, keys) else queryset.model._base_manager.all()
    return source.filter(_Among(source, [row[-1] for row in few]))


def rows_of(queryset: QuerySet[Any], keys: Sequence[Any]) -> list[Any]:
    """The rows with these keys, in the order of the keys; one query, none without keys."""
    if not keys:
        return []
    found = {row.pk: row for row in queryset.order_by().filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]
