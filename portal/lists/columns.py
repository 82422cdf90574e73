"""Columns of a list: what each shows, by what it sorts and filters, and which of them a person chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.lists.cells import TEXT, Cell
from portal.models import Membership


def everybody(membership: Membership) -> bool:
    """For what every role has; what is in it is up to `visible_to`."""
    return True


@dataclass(frozen=True)
class Column:
    """A column of a list.

    `value` takes a row (as `ListSpec.dress` leaves it). `order` and `filter` name a key of the list's orderings and a
    field of its FilterSet. Columns with a `template` (context: row) hold buttons and are not exported.
    """

    key: str
    label: Any
    value: Callable[[Any], Any]
    cell: Cell = TEXT
    order: str = ""
    filter: str = ""
    is_default: bool = True
    shown_to: Callable[[Membership], bool] = everybody
    template: str = ""


def offered(columns: Sequence[Column], membership: Membership) -> list[Column]:
    """The columns this role may choose; the first one heads the row and always stays."""
    return [column for column in columns if column.shown_to(membership)]


def chosen(
    columns: Sequence[Column], membership: Membership, wanted: Sequence[str]
) -> tuple[list[Column], list[str]]:
    """The columns in the wanted order, the usual ones where nothing is wanted; and the names that are not to be had."""
    known = {column.key: column for column in offered(columns, membership)}
    names = [name for each in wanted for name in each.split(",") if name]
    if not names or not known:
        return [column for column in known.values() if column.is_default], []
    head = next(iter(known))
    kept = [head, *(name for name in dict.fromkeys(names) if name in known and name != head)]
    return [known[name] for name in kept], [name for name in names if name not in known]
