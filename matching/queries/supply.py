"""Offers counted by kind, and rows with price and fee for whoever may read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from inventory import permissions
from inventory.choices import IntentLevel1, IntentLevel2
from matching.models import SupplyIntent
from portal.models import Membership

KINDS: tuple[tuple[str, str], ...] = (
    (IntentLevel1.LICENSE, IntentLevel2.OPEN),
    (IntentLevel1.LICENSE, IntentLevel2.COMMON),
    (IntentLevel1.LICENSE, IntentLevel2.SOLE),
    (IntentLevel1.LICENSE, IntentLevel2.EXCLUSIVE),
    (IntentLevel1.LICENSE, IntentLevel2.PATENT_POOL),
    (IntentLevel1.TRANSFER, IntentLevel2.ASSIGN),
    (IntentLevel1.TRANSFER, IntentLevel2.EQUITY),
)


@dataclass(frozen=True)
class KindCount:
    """How many offers of one kind there are; None before they are counted."""

    level1: str
    level2: str
    label: str
    number: int | None


@dataclass(frozen=True)
class OfferRow:
    """An offer; price and fee only where the reader may know them."""

    intent: SupplyIntent
    is_open_to_reader: bool


def kinds() -> list[KindCount]:
    """The kinds of offers, not counted."""
    return [_kind(level1, level2, None) for level1, level2 in KINDS]


def by_kind(offers: QuerySet[SupplyIntent]) -> list[KindCount]:
    """The kinds with how many of these offers are of each, in one query; own wordings are of no kind."""
    counted = offers.order_by().values_list("level1", "level2").annotate(number=Count("pk"))
    found = {(level1, level2): number for level1, level2, number in counted}
    return [_kind(*kind, found.get(kind, 0)) for kind in KINDS]


def _kind(level1: str, level2: str, number: int | None) -> KindCount:
    return KindCount(level1, level2, str(IntentLevel2(level2).label), number)


def as_rows(intents: Iterable[SupplyIntent], membership: Membership) -> list[OfferRow]:
    """Rows with the right to price and fee, as inventory decides it."""
    return [
        OfferRow(intent, permissions.can_read_confidential(membership, intent.dossier))
        for intent in intents
    ]
