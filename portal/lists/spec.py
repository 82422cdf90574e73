"""What a list is: whose rows, narrowed by what, in which orders, under which name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.lists.columns import Column, everybody
from portal.models import Membership


@dataclass(frozen=True)
class Ordering:
    """A sort key people may choose, along foreign keys; the primary key parts equal rows.

    `shown_to` keeps an order from roles whose lists are too long for it.
    """

    label: Any
    fields: tuple[str, ...]
    shown_to: Callable[[Membership], bool] = everybody


@dataclass(frozen=True)
class Asked:
    """A question to a list: who asks, and the query; as much of a request as a FilterSet needs."""

    membership: Membership
    GET: QueryDict

    def number(self, name: str) -> int:
        """The key that the address gives under this name; 0, which no record has, where it gives none or no key."""
        text = self.GET.get(name, "")
        return int(text) if text.isdecimal() and len(text) <= 18 else 0


@dataclass(frozen=True)
class Empty:
    """What a list says when there is nothing in it at all."""

    icon: str
    title: Any
    text: Any = ""


def _no_link(row: Any) -> str:
    return ""


def _never(asked: Asked) -> str:
    return ""


def _as_declared(asked: Asked) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class ListSpec:
    """One list of the portal.

    `rows` gives the rows this membership may see, with what a row shows; `scope` names the keys of the address that
    say which list it is (the figure behind its rows). `orderings`, `columns` and the fields of `filterset` are the
    allow-lists. `dress` makes of the rows of a page what the columns look at, in a constant number of queries.
    `shown` gives what rows show once their keys are known, where telling which rows there are costs much more.
    `link` is where the head of a row leads, in the side drawer where `has_drawer`; `pick` is what a tick posts;
    `tone` is the class of the row. Stacked lists become cards on a phone.

    `empty` is what stands in place of rows that nobody filtered away, for one question or for all. Where the address
    names the list, `refusal` says why there is none behind it any more ("" where there is):
    acts and files are refused then, as an empty answer would pass for a true one. `title` names a file after what it
    holds, and `heads` its columns (key → head) where these are called after what it holds, too.
    """

    name: str
    label: Any
    url_name: str
    rows: Callable[[Asked], QuerySet[Any]]
    filterset: type[django_filters.FilterSet]
    orderings: Mapping[str, Ordering]
    columns: tuple[Column, ...] = ()
    may_open: Callable[[Membership], bool] = everybody
    shown: Callable[[], QuerySet[Any]] | None = None
    dress: Callable[[list[Any], Asked], list[Any]] | None = None
    link: Callable[[Any], str] = _no_link
    pick: Callable[[Any], str] = _no_link
    tone: Callable[[Any], str] = _no_link
    empty: Empty | Callable[[Asked], Empty] = Empty("file-search", _("There is nothing here yet"))
    has_drawer: bool = False
    is_stacked: bool = False
    # rows of a page, fewer than usual where each is tall
    page_size: int | None = None
    scope: tuple[str, ...] = ()
    refusal: Callable[[Asked], str] = _never
    title: Callable[[Asked], str] = _never
    heads: Callable[[Asked], Mapping[str, Any]] = _as_declared
    # further words for a filter in the search box, by comma, translated: {"unit": _("school,department")}
    words: Mapping[str, Any] = field(default_factory=dict)

    def columns_for(self, asked: Asked) -> list[Column]:
        """The columns under the heads that they have in the answer to this question."""
        heads = self.heads(asked)
        return [
            replace(column, label=heads[column.key]) if column.key in heads else column
            for column in self.columns
        ]

    def orders_for(self, membership: Membership) -> dict[str, Ordering]:
        """The orders this membership may choose from; the first is the usual one."""
        return {name: each for name, each in self.orderings.items() if each.shown_to(membership)}
