"""Whether stored figures are still true, at the price of a few index look-ups."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection

from inventory.models import Campaign
from portal import clock
from reporting.models import CoverageSnapshot
from reporting.queries.counting import groups_of, structure_of

# a chunk of an import may commit after smaller later writes: look so many rows back
LOOK_BACK = 50_000
TREND_POINTS = 60
WEEK = 7
# counting never takes more than a tenth of a worker's time
PAUSE_FACTOR = 10

_NEWER = " UNION ALL ".join(
    f"(SELECT 1 FROM {table} WHERE id > (SELECT max(id) - %(back)s FROM {table})"  # noqa: S608 - names below
    " AND recorded_at > %(known)s LIMIT 1)"
    for table in (
        "inventory_entryfact",
        "inventory_confirmationfact",
        "inventory_dossierfact",
        "inventory_poolfact",
        "inventory_uploadfact",
    )
)


def is_stale(campaign: Campaign, snapshot: CoverageSnapshot | None) -> bool:
    """Whether something was recorded after the snapshot, the day is another, or groups were put together anew."""
    if snapshot is None or snapshot.valid_on != clock.today():
        return True
    meant = (snapshot.scope, snapshot.due_on, snapshot.cutoff_on)
    if meant != (campaign.scope, campaign.due_on, campaign.cutoff_on):
        return True
    with connection.cursor() as cursor:
        cursor.execute(_NEWER, {"back": LOOK_BACK, "known": snapshot.known_at})
        if cursor.fetchone():
            return True
    return structure_of(groups_of(campaign)) != snapshot.structure


def may_count_again(snapshot: CoverageSnapshot | None) -> bool:
    """Leave a pause of ten times what the last counting took."""
    if snapshot is None:
        return True
    pause = timedelta(milliseconds=snapshot.milliseconds * PAUSE_FACTOR)
    return clock.now() - snapshot.known_at >= pause


def trend_days(campaign: Campaign, today: date) -> list[date]:
    """Past days that make the trend: every week (of long campaigns every second, third …) and yesterday."""
    days = (today - campaign.opens_on).days
    if days <= 0:
        return []
    step = WEEK * (1 + days // (WEEK * TREND_POINTS))
    found = [campaign.opens_on + timedelta(days=n) for n in range(0, days, step)]
    yesterday = today - timedelta(days=1)
    return found if found[-1] == yesterday else [*found, yesterday]


def missing_days(campaign: Campaign, today: date) -> list[date]:
    """Days of the trend not counted yet, newest first."""
    wanted = trend_days(campaign, today)
    have = set(
        CoverageSnapshot.objects.closings()
        .filter(campaign=campaign, valid_on__in=wanted)
        .values_list("valid_on", flat=True)
    )
    return [day for day in reversed(wanted) if day not in have]
