"""Storing coverage: a snapshot with its figures, written once, and the removal of those in between."""

from __future__ import annotations

import time
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max

from inventory.models import Campaign
from portal import clock
from reporting.choices import Dimension
from reporting.indicators import STORED
from reporting.models import CoverageFigure, CoverageSnapshot
from reporting.queries import counting

# a figure's link works at least so long; closings and the last snapshot of each day stay
KEPT = timedelta(days=3)
_OF_ORGANISATIONS = frozenset({Dimension.INSTITUTION, Dimension.BUREAU})


@transaction.atomic
def take_snapshot(*, campaign: Campaign, valid_on: date | None = None) -> CoverageSnapshot:
    """Count a campaign as of a day (default today) and store the figures; a past day is counted once."""
    day = valid_on or clock.today()
    is_closing = day < clock.today()
    Campaign.objects.select_for_update(of=("self",), no_key=True).get(pk=campaign.pk)
    if is_closing:
        stored = CoverageSnapshot.objects.closing_of(campaign, day)
        if stored is not None:
            return stored
    began = time.monotonic()
    coverage = counting.count_coverage(campaign, day, counting.settled_moment())
    snapshot = CoverageSnapshot.objects.create(
        campaign=campaign,
        valid_on=day,
        known_at=coverage.known_at,
        milliseconds=int((time.monotonic() - began) * 1000),
        is_closing=is_closing,
        scope=campaign.scope,
        cutoff_on=campaign.cutoff_on,
        due_on=campaign.due_on,
        structure=coverage.structure,
    )
    _store_figures(snapshot, coverage)
    return snapshot


def _store_figures(snapshot: CoverageSnapshot, coverage: counting.Coverage) -> None:
    figures = []
    for group in coverage.groups:
        counts = coverage.counts[group.dimension, group.key]
        figures.append(
            CoverageFigure(
                snapshot=snapshot,
                dimension=group.dimension,
                key=group.key,
                organisation_id=int(group.key) if group.dimension in _OF_ORGANISATIONS else None,
                institutions=list(group.institutions),
                **{name: getattr(counts, name) for name in STORED},
            )
        )
    CoverageFigure.objects.bulk_create(figures)


@transaction.atomic
def remove_passed_snapshots() -> int:
    """Remove snapshots that a later one of the same day has replaced for days; returns how many."""
    last = (
        CoverageSnapshot.objects.values("campaign", "valid_on")
        .annotate(last=Max("pk"))
        .values("last")
    )
    passed = CoverageSnapshot.objects.filter(
        is_closing=False, known_at__lt=clock.now() - KEPT
    ).exclude(pk__in=list(last.values_list("last", flat=True)))
    CoverageFigure.objects.filter(snapshot__in=passed.values("pk")).delete()
    return passed.delete()[0]
