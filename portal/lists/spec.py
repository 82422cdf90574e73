"""What a list is: whose rows, narrowed by what, in which orders, under which name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict

from portal.models import Membership


def everybody(membership: Membership) -> bool:
    """For lists and orders that every role has; what is in them is up to `visible_to`."""
    return True


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


@dataclass(frozen=True)
class ListSpec:
    """One list of the portal.

    `rows` gives the rows this membership may see, with what a row shows; `scope` names the keys of the address that
    say which list it is (the figure behind its rows). `orderings` and the fields of `filterset` are the allow-lists.
    """

    name: str
    label: Any
    url_name: str
    rows: Callable[[Asked], QuerySet[Any]]
    filterset: type[django_filters.FilterSet]
    orderings: Mapping[str, Ordering]
    may_open: Callable[[Membership], bool] = everybody
    scope: tuple[str, ...] = ()

    def orders_for(self, membership: Membership) -> dict[str, Ordering]:
        """The orders this membership may choose from; the first is the usual one."""
        return {name: each for name, each in self.orderings.items() if each.shown_to(membership)}
