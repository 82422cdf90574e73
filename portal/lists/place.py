"""The place of a row in a list: its number, and its neighbours inside the filter, across the borders of pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.access import membership_of
from portal.lists.asking import Question, understand
from portal.lists.few import among, few_rows, rows_of
from portal.lists.keyset import (
    Row,
    further_than,
    in_order,
    is_sorted_here,
    sort_here,
    values_at,
)
from portal.lists.registry import list_named

# in a long list the rows before one are counted as far as a second page begins
COUNTED_BEFORE = 50


@dataclass(frozen=True)
class Place:
    """Where a row stands: "37 / 412", and the addresses of its neighbours with the same question."""

    position: str
    previous_url: str
    next_url: str


def in_drawer(request: HttpRequest) -> bool:
    """Whether the side drawer asks, and not the page."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and htmx.target == "drawer-body"


def place_in_list(request: HttpRequest) -> Place | None:
    """The place of the row that the address names (`list`, `at`, and the query of the list); None without.

    Five queries at most, however long the list is. The row is looked up in what this membership sees under the query: a
    row outside of it has no place, whether it exists or not.
    """
    spec = list_named(request.GET.get("list", ""))
    at = request.GET.get("at", "")
    membership = membership_of(request)
    if spec is None or not spec.may_open(membership) or not at.isdecimal() or len(at) > 18:
        return None
    given = request.GET.copy()
    for name in ("list", "at"):
        given.pop(name, None)
    question = understand(spec, membership, given)
    row = question.filterset.qs.filter(pk=at).first()
    return _place(question, row) if row is not None else None


def _place(question: Question, row: Any) -> Place:
    found = question.filterset.qs
    short = few_rows(found, question.keys)
    if short.rows is not None:
        ordered = _in_order(question, short.rows)
        # a row that left the list between two statements stands before its first
        at = ordered.index(row.pk) if row.pk in ordered else -1
        before, after = ordered[: max(at, 0)][::-1], ordered[at + 1 :]
        number, total = f"{len(before) + 1:,}", f"{len(ordered):,}"
    else:
        before = _beyond(question, row, COUNTED_BEFORE, is_backward=True)
        after = _beyond(question, row, 1)
        number = _capped(len(before) + 1, COUNTED_BEFORE)
        total = f"≈ {round(short.number, 2 - len(str(short.number))):,}"
    neighbours = {each.pk: each for each in rows_of(found, [*before[:1], *after[:1]])}
    return Place(
        position=_("%(number)s / %(total)s") % {"number": number, "total": total},
        previous_url=_address(question, neighbours.get(before[0]) if before else None),
        next_url=_address(question, neighbours.get(after[0]) if after else None),
    )


def _in_order(question: Question, few: list[Row]) -> list[Any]:
    """The keys of all rows of a short list in its order."""
    found, keys = question.filterset.qs, question.keys
    if is_sorted_here(found, keys):
        return [row[-1] for row in sort_here(few, keys)]
    return list(in_order(among(found, few, keys), keys).values_list("pk", flat=True))


def _beyond(question: Question, row: Any, most: int, *, is_backward: bool = False) -> list[Any]:
    """Keys of at most so many rows on from a row, the nearest first."""
    keys = question.keys
    further = further_than(
        question.filterset.qs, keys, values_at(row, keys), is_backward=is_backward
    )
    ordered = in_order(further, keys, is_backward=is_backward)
    return list(ordered.values_list("pk", flat=True)[:most])


def _capped(number: int, most: int) -> str:
    return f"{most:,}+" if number > most else f"{number:,}"


def _address(question: Question, row: Any) -> str:
    """The drawer of a neighbour, with the same question."""
    if row is None:
        return ""
    spec, asked = question.spec, question.asked
    link = spec.link(spec.dress([row], asked)[0] if spec.dress else row)
    kept = [
        (name, value)
        for name, values in asked.GET.lists()
        if name not in {"cursor", "row"}
        for value in values
    ]
    return f"{link}?{urlencode([('list', spec.name), ('at', row.pk), *kept])}"
