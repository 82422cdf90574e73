"""Counts of stars per unit: refreshed every hour in one statement, so that reviewers' pages only add up rows."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count

from inventory.choices import DossierState
from inventory.models import Dossier, StarCount
from portal import clock


@transaction.atomic
def refresh_star_counts() -> int:
    """Count the stars of all complete dossiers anew; returns how many rows that made."""
    found = (
        Dossier.objects.filter(state=DossierState.COMPLETED, stars__isnull=False)
        .order_by()
        .values_list("participation__institution", "unit", "stars")
        .annotate(count=Count("pk"))
    )
    now = clock.now()
    rows = [
        StarCount(
            institution_id=institution, unit_id=unit, stars=stars, count=count, counted_at=now
        )
        for institution, unit, stars, count in found
    ]
    StarCount.objects.all().delete()
    StarCount.objects.bulk_create(rows, batch_size=2000)
    return len(rows)
