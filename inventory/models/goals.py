"""When an entry of a base list has reached what a milestone asks."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from inventory.choices import DossierState, Goal

# how long before the due day an entry is "soon due"
DUE_SOON = timedelta(days=14)
_WAITING_FOR_INSTITUTION = Q(dossier__state=DossierState.INSTITUTION_REVIEW)
_SUBMITTED = _WAITING_FOR_INSTITUTION | Q(dossier__state=DossierState.UNIT_REVIEW)
# goal → when an entry not confirmed yet has reached it; a confirmed one has reached all
REACHED: dict[str, Q] = {
    Goal.ASSIGNED: _SUBMITTED | Q(dossier__responsible__isnull=False),
    Goal.FILED: _SUBMITTED,
    Goal.UNIT_REVIEWED: _WAITING_FOR_INSTITUTION,
    Goal.COMPLETE: Q(confirmed_on__isnull=False),
}
