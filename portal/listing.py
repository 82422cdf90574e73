"""The one helper behind list pages: filter (allow-list), order with tie-break, keyset page, capped count."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import django_filters
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

PAGE_SIZE = 50
# above this a header says "about", from the planner's estimate: nobody reads ten thousand rows, and counting more
# costs a moment
COUNT_CAP = 10_000
# words are looked up row by row where they are common: counting goes less far
SEARCH_CAP = 1_000
# longer than any cursor of ours
CURSOR_LENGTH = 2_000


@dataclass(frozen=True)
class Ordering:
    """A sort key people may choose. `fields` are non-null columns; the primary key breaks ties."""

    label: Any
    fields: tuple[str, ...]


@dataclass(frozen=True)
class ListPage:
    """One page of a list, as templates use it."""

    items: list[Any]
    total: int
    # True when there are more than COUNT_CAP: the total is the planner's estimate then
    is_estimate: bool
    filterset: django_filters.FilterSet
    orderings: Mapping[str, Ordering]
    order: str
    next_cursor: str = ""
    previous_cursor: str = ""


def list_page(
    request: HttpRequest,
    *,
    queryset: QuerySet[Any],
    filterset_class: type[django_filters.FilterSet],
    orderings: Mapping[str, Ordering],
    page_size: int = PAGE_SIZE,
    total: int | None = None,
) -> ListPage:
    """Narrow, order and cut a scoped queryset as the query string says; unknown keys are ignored.

    Two queries: the capped count and the page (prefetches apart). Who knows the count already gives it as `total`.
    """
    filterset = filterset_class(request.GET, queryset=queryset, request=request)
    narrowed = filterset.qs
    order = request.GET.get("order", "")
    if order.lstrip("-") not in orderings:
        order = next(iter(orderings))
    keys = _keys(orderings[order.lstrip("-")].fields, is_reversed=order.startswith("-"))
    cursor, is_backward = _read_cursor(request.GET.get("cursor", ""), narrowed.model, keys)
    rows, has_more = _cut(narrowed, keys, cursor, is_backward, page_size)
    cap = SEARCH_CAP if request.GET.get("q") else COUNT_CAP
    counted, is_estimate = _count(narrowed, cap) if total is None else (total, False)
    has_next = has_more if not is_backward else True
    has_previous = cursor is not None if not is_backward else has_more
    return ListPage(
        items=rows,
        total=counted,
        is_estimate=is_estimate,
        filterset=filterset,
        orderings=orderings,
        order=order,
        next_cursor=_cursor_at(rows[-1], keys, ">") if rows and has_next else "",
        previous_cursor=_cursor_at(rows[0], keys, "<") if rows and has_previous else "",
    )


def render_list(
    request: HttpRequest, template: str, page: ListPage, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The whole page, or its `results` partial when htmx asks; never cached, never mixed up."""
    htmx = getattr(request, "htmx", None)
    is_partial = htmx is not None and bool(htmx) and not htmx.boosted
    name = f"{template}#results" if is_partial else template
    response = render(request, name, {"page": page, **(context or {})})
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response


def _keys(fields: tuple[str, ...], *, is_reversed: bool) -> list[tuple[str, bool]]:
    """[(column, descending)] with the primary key last."""
    keys = [(name.lstrip("-"), name.startswith("-") != is_reversed) for name in fields]
    return keys if keys[-1][0] == "pk" else [*keys, ("pk", keys[-1][1])]


def _count(queryset: QuerySet[Any], cap: int) -> tuple[int, bool]:
    """Exact up to `cap`; above it the planner's estimate in two figures."""
    bare = queryset.order_by().values_list("pk")
    count = bare[: cap + 1].count()
    if count <= cap:
        return count, False
    plan = json.loads(bare.explain(format="json"))
    estimate = max(int(plan[0]["Plan"]["Plan Rows"]), cap)
    return round(estimate, 2 - len(str(estimate))), True


def _cut(
    queryset: QuerySet[Any],
    keys: list[tuple[str, bool]],
    cursor: list[Any] | None,
    is_backward: bool,
    page_size: int,
) -> tuple[list[Any], bool]:
    """Rows after (or before) the cursor in display order, and whether more follow in that direction."""
    if cursor is not None:
        queryset = queryset.filter(_beyond(keys, cursor, is_backward))
    ordered = queryset.order_by(
        *(("-" if down != is_backward else "") + name for name, down in keys)
    )
    rows = list(ordered[: page_size + 1])
    has_more = len(rows) > page_size
    rows = rows[:page_size]
    return (rows[::-1] if is_backward else rows), has_more


def _beyond(keys: list[tuple[str, bool]], values: list[Any], is_backward: bool) -> Q:
    """Rows strictly beyond the cursor: (a > x) or (a = x and b > y) or …"""
    condition = Q()
    equal = Q()
    for (name, down), value in zip(keys, values, strict=True):
        operator = "lt" if down != is_backward else "gt"
        condition |= equal & Q(**{f"{name}__{operator}": value})
        equal &= Q(**{name: value})
    return condition


def _column(model: type[Model], path: str) -> Field[Any, Any]:
    if path == "pk":
        return model._meta.pk
    *relations, last = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        assert isinstance(related, type)  # orderings are written by us, along foreign keys  # noqa: S101
        model = related
    found = model._meta.get_field(last)
    assert isinstance(found, Field)  # noqa: S101 - likewise
    return found


def _cursor_at(row: Any, keys: list[tuple[str, bool]], direction: str) -> str:
    values = []
    for name, _ in keys:
        value = row
        for part in name.split("__"):
            value = getattr(value, part)
        if isinstance(value, date | datetime):
            value = value.isoformat()
        values.append(str(value) if isinstance(value, Decimal) else value)
    packed = json.dumps([direction, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _read_cursor(
    text: str, model: type[Model], keys: list[tuple[str, bool]]
) -> tuple[list[Any] | None, bool]:
    """The cursor's column values and whether it leads back; (None, False) for none, a forged or an outdated one."""
    if not text or len(text) > CURSOR_LENGTH:
        return None, False
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        typed = [
            _typed(_column(model, name), value)
            for (name, _), value in zip(keys, values, strict=True)
        ]
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError):
        return None, False
    except (ValidationError, FieldDoesNotExist):
        return None, False
    return (typed, direction == "<") if direction in {"<", ">"} else (None, False)


def _typed(column: Field[Any, Any], value: Any) -> Any:
    """A cursor's value as the column takes it; ValueError or ValidationError for what no row of ours can hold."""
    if value is None or isinstance(value, dict | list):
        raise ValueError(value)
    found = column.to_python(value)
    if found is None:
        raise ValueError(value)
    if isinstance(found, str) and "\x00" in found.encode().decode():  # encode: no lone surrogates
        raise ValueError(value)
    column.run_validators(found)
    return found
