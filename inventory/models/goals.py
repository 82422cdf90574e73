"""When an entry of a base list has reached what a milestone asks."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from inventory.choices import Goal, Stage

# how long before the due day an entry is "soon due"
DUE_SOON = timedelta(days=14)
# goal → when an entry not confirmed yet has reached it; a confirmed one has reached all
REACHED: dict[str, Q] = {
    Goal.ASSIGNED: Q(stage__gte=Stage.ASSIGNED),
    Goal.FILED: Q(stage__gte=Stage.WITH_UNIT),
    Goal.UNIT_REVIEWED: Q(stage__gte=Stage.WITH_INSTITUTION),
    Goal.COMPLETE: Q(confirmed_on__isnull=False),
}
