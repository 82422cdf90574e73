"""The one helper behind list pages: filter (allow-list), order with tie-break, keyset page, capped count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from portal.access import membership_of, require
from portal.bulk.staging import Selection, read_picks
from portal.lists.asking import Question, understand
from portal.lists.few import among, few_rows, rows_of
from portal.lists.keyset import (
    Keys,
    Row,
    cursor_at,
    cut,
    cut_here,
    in_order,
    is_sorted_here,
    keys_of,
    read_cursor,
    sort_here,
)
from portal.lists.spec import ListSpec, Ordering

__all__ = ["ListPage", "Ordering", "list_page", "page_of", "picked_in", "render_list"]

PAGE_SIZE = 50
# above this a header says "about", from the planner's estimate: nobody reads ten thousand rows, and counting more
# costs a moment
COUNT_CAP = 10_000
# counting beyond the keys stops where the planner expects it to cost more than this: some hundredths of a second
COUNT_COST = 6_000
RESULTS = "components/list_results.html"


@dataclass(frozen=True)
class ListPage:
    """One page of a list, as templates use it."""

    items: list[Any]
    total: int
    # True when there are more than were counted: the total is the planner's estimate then
    is_estimate: bool
    filterset: django_filters.FilterSet
    orderings: Mapping[str, Ordering]
    order: str
    next_cursor: str = ""
    previous_cursor: str = ""
    # for lists of the registry: what was asked, and the rows as their columns look at them
    question: Question | None = None
    rows: Sequence[Any] = ()


def picked_in(request: HttpRequest) -> Selection:
    """What a list posts: ticks (`pick=<key>-<version>`), or `all_matching=1` for all that its address leaves."""
    return Selection(
        query=request.GET.urlencode(),
        is_everything=request.POST.get("all_matching") == "1",
        picks=read_picks(request.POST.getlist("pick")),
    )


def page_of(request: HttpRequest, spec: ListSpec, *, total: int | None = None) -> ListPage:
    """The page of a registered list that the address asks for; 403 for roles that may not open the list.

    The request goes on with what of the address this membership may ask, so that every link of the page carries
    that and nothing else. Three queries and those of `rows` and `dress`: what the planner expects and the keys (unless
    the caller knows the `total`), and the page.
    """
    membership = membership_of(request)
    require(spec.may_open(membership))
    question = understand(spec, membership, request.GET)
    request.GET = question.asked.GET  # type: ignore[assignment]
    if question.moved_to:
        filterset = question.filterset
        orders = spec.orders_for(membership)
        return ListPage([], 0, False, filterset, orders, question.order, question=question)
    size = spec.page_size or PAGE_SIZE
    shown = spec.shown() if spec.shown else None
    page = _page(request, question.filterset, spec.orders_for(membership), size, total, shown)
    rows = spec.dress(page.items, question.asked) if spec.dress else page.items
    return replace(page, question=question, rows=rows)


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

    For tables inside a page of something else; a list of its own is registered and asks `page_of`. Three queries:
    what the planner expects, the keys and the page (prefetches apart). Who knows the count already gives it as `total`.
    """
    filterset = filterset_class(request.GET, queryset=queryset, request=request)
    return _page(request, filterset, orderings, page_size, total)


def _page(
    request: HttpRequest,
    filterset: django_filters.FilterSet,
    orderings: Mapping[str, Ordering],
    page_size: int,
    total: int | None,
    shown: QuerySet[Any] | None = None,
) -> ListPage:
    order = request.GET.get("order", "")
    if order.lstrip("-") not in orderings:
        order = next(iter(orderings))
    keys = keys_of(orderings[order.lstrip("-")].fields, is_reversed=order.startswith("-"))
    narrowed = filterset.qs
    cursor, is_backward = read_cursor(request.GET.get("cursor", ""), narrowed, keys)
    few, counted, is_estimate = _counted(narrowed, keys) if total is None else (None, total, False)
    window = _Window(cursor, is_backward, page_size)
    rows, has_more = _cut(narrowed, few, keys, window, narrowed if shown is None else shown)
    has_next = has_more if not is_backward else True
    has_previous = cursor is not None if not is_backward else has_more
    return ListPage(
        items=rows,
        total=counted,
        is_estimate=is_estimate,
        filterset=filterset,
        orderings=orderings,
        order=order,
        next_cursor=cursor_at(rows[-1], keys, ">") if rows and has_next else "",
        previous_cursor=cursor_at(rows[0], keys, "<") if rows and has_previous else "",
    )


class _Window(NamedTuple):
    """So many rows after (or before) a place in an order."""

    cursor: list[Any] | None
    is_backward: bool
    size: int


def _cut(
    narrowed: QuerySet[Any],
    few: list[Row] | None,
    keys: Keys,
    window: _Window,
    shown: QuerySet[Any],
) -> tuple[list[Any], bool]:
    """The rows of the page: their keys first, then what they show, for them alone.

    Sorting keys touches the columns of the order and nothing else; and the planner, who knows little of how filters
    hang together, cannot join what a page shows to rows that are not on it.
    """
    cursor, is_backward, size = window
    if few is not None and len(few) <= size and cursor is None:
        found = shown.filter(pk__in=[row[-1] for row in few])
        return list(in_order(found, keys)), False
    if few is not None and is_sorted_here(narrowed, keys):
        ordered = sort_here(few, keys)
        chosen, has_more = cut_here(ordered, keys, cursor, is_backward=is_backward, size=size)
        return rows_of(shown, chosen), has_more
    source = narrowed if few is None else among(narrowed, few, keys)
    chosen, has_more = cut(
        source.values_list("pk", flat=True),
        keys,
        cursor,
        is_backward=is_backward,
        size=size,
        is_short=few is not None,
    )
    return rows_of(shown, chosen), has_more


def render_list(
    request: HttpRequest, template: str, page: ListPage, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The whole page, or its results alone when htmx asks; never cached, never mixed up."""
    htmx = getattr(request, "htmx", None)
    if page.question is not None and page.question.moved_to:
        return _moved(request, page.question.moved_to)
    is_partial = htmx is not None and bool(htmx) and not htmx.boosted
    if is_partial:
        template = RESULTS if page.question else f"{template}#results"
    response = render(request, template, {"page": page, **(context or {})})
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response


def _moved(request: HttpRequest, query: str) -> HttpResponse:
    """To the address in which the question stands as ordinary parameters; as a whole page for htmx, too."""
    address = f"{request.path}{query}"
    if getattr(request, "htmx", None):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _counted(narrowed: QuerySet[Any], keys: Keys) -> tuple[list[Row] | None, int, bool]:
    """(all rows where these are few, how many rows, whether that is the planner's estimate in two figures).

    Exact where they are few, and up to COUNT_CAP where counting is quick.
    """
    found = few_rows(narrowed, keys)
    if found.rows is not None:
        return found.rows, found.number, False
    capped = narrowed.order_by().values_list("pk")[: COUNT_CAP + 1]
    if found.least <= COUNT_CAP and _cost(capped) <= COUNT_COST:
        count = capped.count()
        if count <= COUNT_CAP:
            return None, count, False
    return None, round(found.number, 2 - len(str(found.number))), True


def _cost(queryset: QuerySet[Any]) -> float:
    """What the planner expects a query to cost."""
    return float(json.loads(queryset.explain(format="json"))[0]["Plan"]["Total Cost"])
