"""Counting coverage from the facts, as of a day and as known at a moment. One statement over the patents."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from inventory.models import Campaign, CampaignInstitution
from portal import clock
from portal.models import Organisation, Supervision
from reporting.choices import Dimension
from reporting.indicators import Combination, Counts, Group, tally

CITY_KEY = "all"

# what inventory.models.facts.holding() says, for the alias in braces
_HELD = """{0}.valid_from <= %(day)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(day)s)
      AND {0}.recorded_at <= %(known)s AND ({0}.superseded_at IS NULL OR {0}.superseded_at > %(known)s)"""

_COMBINATIONS = f"""
    WITH entry AS (
        SELECT e.patent_id,
               coalesce(array_agg(e.institution_id) FILTER (WHERE e.is_included), '{{}}') AS counted,
               coalesce(array_agg(e.institution_id) FILTER (WHERE NOT e.is_included), '{{}}') AS left_out
        FROM inventory_entryfact e
        WHERE e.campaign_id = %(campaign)s AND {_HELD.format("e")}
        GROUP BY e.patent_id
    ),
    dossier AS (
        SELECT d.patent_id, d.state FROM inventory_dossierfact d WHERE {_HELD.format("d")}
    ),
    confirmed AS (
        SELECT c.patent_id, bool_or(c.is_transformed) AS is_transformed,
               coalesce(max(c.stars) >= 3, false) AS is_three_up
        FROM inventory_confirmationfact c
        WHERE c.campaign_id = %(campaign)s AND c.is_confirmed AND {_HELD.format("c")}
        GROUP BY c.patent_id
    ),
    pool AS (
        SELECT p.patent_id, min(p.state) AS state FROM inventory_poolfact p
        WHERE p.state IN ('nominated', 'admitted') AND {_HELD.format("p")}
        GROUP BY p.patent_id
    ),
    upload AS (
        SELECT u.patent_id, u.standing FROM inventory_uploadfact u WHERE {_HELD.format("u")}
    )
    SELECT entry.counted, entry.left_out, coalesce(dossier.state, 'unfiled'),
           confirmed.patent_id IS NOT NULL, coalesce(confirmed.is_transformed, false),
           coalesce(confirmed.is_three_up, false), coalesce(pool.state, ''),
           coalesce(upload.standing, ''), count(*)
    FROM entry
    LEFT JOIN dossier ON dossier.patent_id = entry.patent_id
    LEFT JOIN confirmed ON confirmed.patent_id = entry.patent_id
    LEFT JOIN pool ON pool.patent_id = entry.patent_id
    LEFT JOIN upload ON upload.patent_id = entry.patent_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608 - put together from the constants above

# Facts of transactions still under way carry an earlier moment than their commit. Before the oldest of these
# everything recorded can be seen, so a list opened later shows exactly what was counted.
_SETTLED = """
    SELECT min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
      AND backend_type = 'client backend'  -- the server's own vacuum writes no facts
"""


@dataclass(frozen=True)
class Coverage:
    """All figures of one counting."""

    valid_on: date
    known_at: datetime
    structure: str
    groups: tuple[Group, ...]
    counts: Mapping[tuple[str, str], Counts]


def count_coverage(campaign: Campaign, valid_on: date, known_at: datetime) -> Coverage:
    """The figures of a campaign by every dimension."""
    combinations = _combinations(campaign, valid_on, known_at)
    groups = groups_of(campaign, seen=combinations)
    return Coverage(
        valid_on=valid_on,
        known_at=known_at,
        structure=structure_of(groups),
        groups=groups,
        counts=tally(combinations, groups),
    )


def settled_moment() -> datetime:
    """The latest moment up to which every recorded fact has been committed."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        oldest: datetime | None = cursor.fetchone()[0]
    now = clock.now()
    return min(now, oldest) if oldest else now


def _combinations(campaign: Campaign, valid_on: date, known_at: datetime) -> list[Combination]:
    with connection.cursor() as cursor:
        cursor.execute(_COMBINATIONS, {"campaign": campaign.pk, "day": valid_on, "known": known_at})
        return [
            Combination(tuple(counted), tuple(left_out), *rest)
            for counted, left_out, *rest in cursor.fetchall()
        ]


def groups_of(campaign: Campaign, seen: Iterable[Combination] = ()) -> tuple[Group, ...]:
    """City, affiliations, bureaus, districts and institutions of a campaign as they are put together now."""
    pks = set(
        CampaignInstitution.objects.filter(campaign=campaign).values_list("institution", flat=True)
    )
    for each in seen:
        pks.update(each.counted, each.left_out)
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    members[Dimension.CITY, CITY_KEY] = sorted(pks)
    institutions = Organisation.objects.filter(pk__in=pks).order_by("pk")
    for pk, affiliation, district in institutions.values_list("pk", "affiliation", "district"):
        members[Dimension.INSTITUTION, str(pk)].append(pk)
        members[Dimension.AFFILIATION, affiliation].append(pk)
        if district:
            members[Dimension.DISTRICT, district].append(pk)
    charges = Supervision.objects.filter(institution__in=pks, is_active=True).order_by("pk")
    for bureau, institution in charges.values_list("bureau", "institution"):
        members[Dimension.BUREAU, str(bureau)].append(institution)
    return tuple(Group(*name, tuple(sorted(pks))) for name, pks in sorted(members.items()))


def structure_of(groups: Iterable[Group]) -> str:
    """Digest of who belongs where; when it changes the figures must be counted anew."""
    text = repr([(group.dimension, group.key, group.institutions) for group in groups])
    return hashlib.sha256(text.encode()).hexdigest()
