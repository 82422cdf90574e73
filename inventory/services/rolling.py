"""Rolling campaigns: each later grant comes onto the lists by itself, due so many days after its announcement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db import connection, transaction

from inventory.choices import CampaignKind, CampaignState
from inventory.models import Campaign
from inventory.services import base_lists
from inventory.services.notices import tell_later_grants
from portal.models import ImportBatch, Membership, Organisation

# patents in force that a participating institution holds and that the campaign does not list for it yet
_LATER = """
    SELECT p.id, h.organisation_id
    FROM inventory_patent p
    JOIN inventory_patentholder h ON h.patent_id = p.id
    JOIN inventory_campaigninstitution n ON n.institution_id = h.organisation_id AND n.campaign_id = %(campaign)s
    WHERE p.granted_on > %(after)s AND p.granted_on <= %(upto)s AND p.simple_status <> 'ended'
      AND (%(patents)s::bigint[] IS NULL OR p.id = ANY(%(patents)s::bigint[]))
      AND p.id > %(last)s
      AND NOT EXISTS (SELECT 1 FROM inventory_baselistentry e
                      WHERE e.campaign_id = n.campaign_id AND e.institution_id = n.institution_id
                        AND e.patent_id = p.id)
    ORDER BY p.id LIMIT %(limit)s
"""
_DUE = """
    UPDATE inventory_baselistentry e SET due_on = coalesce(p.granted_on + c.days_to_file, c.due_on)
    FROM inventory_campaign c, inventory_patent p
    WHERE c.id = e.campaign_id AND p.id = e.patent_id
      AND (%(campaign)s::bigint IS NULL OR c.id = %(campaign)s)
      AND (%(patents)s::bigint[] IS NULL OR p.id = ANY(%(patents)s::bigint[]))
      AND e.due_on IS DISTINCT FROM coalesce(p.granted_on + c.days_to_file, c.due_on)
"""


@transaction.atomic
def take_later_grants(
    *,
    campaign: Campaign,
    actor: Membership | None,
    patent_ids: Collection[int] | None = None,
    batch: ImportBatch | None = None,
    after: int = 0,
    limit: int = 100_000,
) -> tuple[int | None, int]:
    """List grants that the rolling campaign lacks, for every participating holder; by key beyond `after`.

    Returns the last key looked at (None at the end) and how many entries were made. Ended rights are no stock any
    more and stay out. Calling again lists nothing twice.
    """
    params = {
        "campaign": campaign.pk,
        "after": campaign.granted_after,
        "upto": campaign.cutoff_on,
        "patents": None if patent_ids is None else sorted(patent_ids),
        "last": after,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATER, params)
        found = cursor.fetchall()
    listed = _list_found(found, campaign, actor, batch)
    # a patent's holders may be cut by the limit: its key is looked at again
    return (found[-1][0] - 1 if len(found) == limit else None), sum(listed.values())


def _list_found(
    found: Sequence[tuple[int, int]],
    campaign: Campaign,
    actor: Membership | None,
    batch: ImportBatch | None,
) -> dict[int, int]:
    """List (patent, institution) pairs and tell the managers; {institution: entries made}."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for patent, institution in found:
        wanted[institution].append(patent)
    listed = {}
    for holder in Organisation.objects.filter(pk__in=wanted).order_by("pk"):
        entries = base_lists.list_patents(
            actor=actor,
            campaign=campaign,
            institution=holder,
            patent_ids=wanted[holder.pk],
            batch=batch,
        )
        if entries:
            listed[holder.pk] = len(entries)
    if listed:
        tell_later_grants(campaign, listed, actor=actor)
    return listed


def open_rolling() -> list[Campaign]:
    """The rolling campaigns that take grants now."""
    return list(
        Campaign.objects.filter(kind=CampaignKind.ROLLING, state=CampaignState.OPEN).order_by("pk")
    )


@transaction.atomic
def take_imported(*, batch: ImportBatch, patent_ids: Collection[int]) -> int:
    """What an import wrote: later grants onto the rolling lists, due days after corrected grant days."""
    if not patent_ids:
        return 0
    made = 0
    for campaign in open_rolling():
        made += take_later_grants(
            campaign=campaign, actor=batch.membership, patent_ids=patent_ids, batch=batch
        )[1]
    bring_due_days_up_to_date(patent_ids=patent_ids)
    return made


@transaction.atomic
def bring_due_days_up_to_date(
    *, campaign: Campaign | None = None, patent_ids: Collection[int] | None = None
) -> int:
    """Set the due day of entries as campaign and grant day say; returns how many changed.

    Derived: the change of the campaign's or the patent's day is in the trail.
    """
    params = {
        "campaign": campaign.pk if campaign else None,
        "patents": None if patent_ids is None else sorted(patent_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, params)
        return int(cursor.rowcount)
