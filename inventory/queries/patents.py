"""What the page of a patent reads."""

from __future__ import annotations

from django.db.models import Prefetch, Q, QuerySet

from inventory.models import BaseListEntry, Dossier, DualFiling, Patent, PoolEntry
from portal.models import Membership


def with_register(patents: QuerySet[Patent]) -> QuerySet[Patent]:
    """The patent with holders, inventors and events, in a constant number of queries."""
    return patents.prefetch_related("holders", "inventors", "events")


def twin_of(patent: Patent, membership: Membership) -> Patent | None:
    """The other half of a dual filing (一案双申), where one may see it."""
    pair = DualFiling.objects.filter(Q(invention=patent) | Q(utility=patent)).first()
    if pair is None:
        return None
    other = pair.utility_id if pair.invention_id == patent.pk else pair.invention_id
    return Patent.objects.visible_to(membership).filter(pk=other).first()


def dossier_of(patent: Patent, membership: Membership) -> Dossier | None:
    """The dossier of the patent with live pool entries, where one may see it."""
    return (
        Dossier.objects.visible_to(membership)
        .filter(patent=patent)
        .select_related(
            "patent", "participation__institution", "participation__campaign", "unit", "responsible"
        )
        .prefetch_related(Prefetch("pool_entries", PoolEntry.objects.live(), to_attr="in_pool"))
        .first()
    )


def entries_of(patent: Patent, membership: Membership) -> list[BaseListEntry]:
    """The base lists on which the patent stands, as far as one may see them."""
    return list(
        BaseListEntry.objects.visible_to(membership)
        .filter(patent=patent)
        .select_related("campaign", "institution")
        .order_by("-campaign__opens_on", "pk")
    )
