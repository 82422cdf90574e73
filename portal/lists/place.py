"""The place of a row in a list: its number, and its neighbours inside the filter, across the borders of pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from portal.access import membership_of
from portal.lists.asking import Question, understand
from portal.lists.keyset import beyond, in_order, values_at
from portal.lists.registry import list_named

# nobody counts further by hand; a bounded question keeps the drawer quick
MOST = 2_000


@dataclass(frozen=True)
class Place:
    """Where a row stands: "37 / 412", and the addresses of its neighbours with the same question."""

    position: str
    previous_url: str
    next_url: str


def place_in_list(request: HttpRequest) -> Place | None:
    """The place of the row that the address names (`list`, `at`, and the query of the list); None without.

    Five queries however long the list is. The row is looked up in what this membership sees under the query: a row
    outside of it has no place, whether it exists or not.
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
    keys = question.keys
    values = values_at(row, keys)
    found = question.filterset.qs
    before = found.filter(beyond(keys, values, is_backward=True))
    after = found.filter(beyond(keys, values))
    number = before.order_by().values("pk")[:MOST].count() + 1
    total = found.order_by().values("pk")[: MOST + 1].count()
    return Place(
        position=_("%(number)s / %(total)s") % {"number": _capped(number), "total": _capped(total)},
        previous_url=_address(question, in_order(before, keys, is_backward=True).first()),
        next_url=_address(question, in_order(after, keys).first()),
    )


def _capped(number: int) -> str:
    return f"{MOST:,}+" if number > MOST else f"{number:,}"


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
