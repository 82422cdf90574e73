"""Next year: a campaign opens with the list of the one it follows, and the dossiers with their approved answers.

The list is made anew from who holds what now: ended rights, excluded entries and patents held by others stay behind.
Nothing is confirmed by it: each entry waits for its own confirmation (services.revisions).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from inventory.choices import CampaignKind
from inventory.models import BaseListEntry, Campaign
from inventory.services import base_lists
from portal.models import Membership, Organisation


@dataclass(frozen=True)
class Preview:
    """What becomes of the entries of the lists that a campaign would open with."""

    entries: int
    carried: int
    ended: int
    excluded: int
    holders_changed: int
    later: int
    left: int
    # entries of institutions that hold a patent now and had not listed it
    new_holders: int


_FATE = """
    CASE WHEN NOT s.is_included THEN 'excluded'
         WHEN p.granted_on IS NULL OR p.granted_on > c.cutoff_on THEN 'later'
         WHEN p.simple_status = 'ended' OR p.expires_on <= c.base_day THEN 'ended'
         WHEN NOT EXISTS (SELECT 1 FROM inventory_patentholder h
                          WHERE h.patent_id = p.id AND h.organisation_id = s.institution_id) THEN 'holders_changed'
         WHEN NOT EXISTS (SELECT 1 FROM inventory_campaigninstitution n
                          WHERE n.campaign_id = c.id AND n.institution_id = s.institution_id) THEN 'left'
         ELSE 'carried' END
"""
_PREVIEW = f"""
    SELECT {_FATE}, count(*)
    FROM inventory_baselistentry s
    JOIN inventory_patent p ON p.id = s.patent_id
    JOIN inventory_campaign c ON c.id = %(campaign)s
    WHERE s.campaign_id = ANY(%(sources)s)
    GROUP BY 1
"""  # noqa: S608 - put together from the constants above
# pairs (holder that takes part, patent) of patents that were listed, are in force and inside the cut-off day
_HELD = """
    SELECT DISTINCT p.id, h.organisation_id,
           EXISTS (SELECT 1 FROM inventory_baselistentry s
                   WHERE s.patent_id = p.id AND s.institution_id = h.organisation_id
                     AND s.campaign_id = ANY(%(sources)s)) AS was_listed
    FROM inventory_patent p
    JOIN inventory_campaign c ON c.id = %(campaign)s
    JOIN inventory_patentholder h ON h.patent_id = p.id
    JOIN inventory_campaigninstitution n ON n.campaign_id = c.id AND n.institution_id = h.organisation_id
    WHERE p.granted_on <= c.cutoff_on AND p.simple_status <> 'ended'
      AND (p.expires_on IS NULL OR p.expires_on > c.base_day)
      AND EXISTS (SELECT 1 FROM inventory_baselistentry s
                  WHERE s.patent_id = p.id AND s.campaign_id = ANY(%(sources)s) AND s.is_included)
      AND NOT EXISTS (SELECT 1 FROM inventory_baselistentry x
                      WHERE x.patent_id = p.id AND x.institution_id = h.organisation_id
                        AND x.campaign_id = ANY(%(sources)s) AND NOT x.is_included)
"""


def sources_of(campaign: Campaign) -> list[int]:
    """The campaign followed, and the rolling ones that took its later grants."""
    if campaign.follows_id is None or campaign.is_rolling:
        return []
    rolling = Campaign.objects.filter(follows=campaign.follows_id, kind=CampaignKind.ROLLING)
    return [campaign.follows_id, *rolling.order_by("pk").values_list("pk", flat=True)]


def preview(campaign: Campaign) -> Preview:
    """Count what opening would carry and what it would leave behind, in two statements."""
    params: dict[str, Any] = {"campaign": campaign.pk, "sources": sources_of(campaign)}
    with connection.cursor() as cursor:
        cursor.execute(_PREVIEW, params)
        fates: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(
            f"SELECT count(*) FROM ({_HELD}) held WHERE NOT was_listed",  # noqa: S608 - a constant
            params,
        )
        new_holders = int(cursor.fetchone()[0])
    names = ("carried", "ended", "excluded", "holders_changed", "later", "left")
    return Preview(
        entries=sum(fates.values()),
        new_holders=new_holders,
        **{name: fates.get(name, 0) for name in names},
    )


def patents_to_carry(campaign: Campaign) -> int:
    """How many patents a run looks at."""
    listed = BaseListEntry.objects.filter(campaign__in=sources_of(campaign))
    return listed.order_by().values("patent").distinct().count()


@transaction.atomic
def carry_patents(
    *, campaign: Campaign, actor: Membership | None, after: int, limit: int
) -> tuple[int | None, int, int]:
    """List the next patents for whoever holds them now: (last key or None at the end, patents, entries made).

    Entries that are there already stay as they are, so a run may be repeated.
    """
    sources = sources_of(campaign)
    listed = BaseListEntry.objects.filter(campaign__in=sources, patent__gt=after)
    keys = list(listed.order_by("patent_id").values_list("patent", flat=True).distinct()[:limit])
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_HELD} AND p.id = ANY(%(patents)s)",
            {"campaign": campaign.pk, "sources": sources, "patents": keys},
        )
        found = cursor.fetchall()
    wanted: dict[int, list[int]] = defaultdict(list)
    for patent, institution, _was_listed in found:
        wanted[institution].append(patent)
    made = 0
    for institution in Organisation.objects.filter(pk__in=wanted).order_by("pk"):
        entries = base_lists.list_patents(
            actor=actor,
            campaign=campaign,
            institution=institution,
            patent_ids=wanted[institution.pk],
        )
        made += len(entries)
    return (keys[-1] if len(keys) == limit else None), len(keys), made
