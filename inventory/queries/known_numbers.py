"""Which of many numbers are in the register, as far as somebody may see it: one query for any number of them.

That a number is in the register is told of patents the asker may see, and of no others: a proposal that stood first
because another institution has entered that number would tell so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from inventory.models import Patent
from portal.lists.few import IsAmong
from portal.models import Membership

_NOTHING_MORE = Q()


@dataclass(frozen=True, slots=True)
class KnownPatent:
    """A patent of the register: key, canonical application number, publication number, title."""

    pk: int
    number: str
    publication: str
    title: str


def known_by_number(membership: Membership, numbers: Collection[str]) -> dict[str, KnownPatent]:
    """Patents this membership may see, by canonical application number; one query, none without numbers."""
    return {one.number: one for one in _known(membership, "application_number", numbers)}


def known_by_publication(
    membership: Membership, publications: Collection[str]
) -> dict[str, KnownPatent]:
    """Patents this membership may see, by publication number as it is stored; one query, none without numbers."""
    # said once more, because the index leaves blank numbers out and of more than a hundred values no planner sees it
    filled = Q(publication_number__gt="")
    found = _known(membership, "publication_number", publications, filled)
    return {one.publication: one for one in found}


def _known(
    membership: Membership, name: str, values: Collection[str], further: Q = _NOTHING_MORE
) -> list[KnownPatent]:
    if not values:
        return []
    rows = (
        Patent.objects.visible_to(membership)
        .filter(IsAmong(Patent, name, values), further)
        .order_by("pk")
        .values_list("pk", "application_number", "publication_number", "title")
    )
    return [KnownPatent(*row) for row in rows]
