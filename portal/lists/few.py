"""Rows by their keys: what a filter leaves, when that is few, and what a page shows of the keys it chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from portal.lists.keyset import Keys, is_computed

# so many keys are sorted in a few hundredths of a second however they were found; more are walked in order, and as
# there are many the walk is short
KEYS_CAP = 5_000


def few_keys(queryset: QuerySet[Any]) -> list[Any] | None:
    """The keys of all rows in no order, None when there are more than KEYS_CAP; one query.

    Filters that leave little are the ones for which walking a list in its order takes long: the planner cannot know
    that the rows it expects soon are the last ones.
    """
    keys = list(queryset.order_by().values_list("pk", flat=True)[: KEYS_CAP + 1])
    return keys if len(keys) <= KEYS_CAP else None


def among(queryset: QuerySet[Any], few: Sequence[Any], keys: Keys) -> QuerySet[Any]:
    """The rows with these keys, without what they show: the columns of the order alone."""
    source = queryset if is_computed(queryset, keys) else queryset.model._base_manager.all()
    return source.filter(pk__in=few)


def rows_of(queryset: QuerySet[Any], keys: Sequence[Any]) -> list[Any]:
    """The rows with these keys, in the order of the keys; one query, none without keys."""
    if not keys:
        return []
    found = {row.pk: row for row in queryset.order_by().filter(pk__in=keys)}
    return [found[key] for key in keys if key in found]
