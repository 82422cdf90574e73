"""How far an open entry of a base list is, and when it has reached what a milestone asks."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import Goal


class Stage(models.IntegerChoices):
    """How far a dossier is on its way to the next approval."""

    NOBODY = 0, _("Nobody is responsible")
    ASSIGNED = 1, _("Somebody is responsible")
    WITH_UNIT = 2, _("Waiting for unit review")
    WITH_INSTITUTION = 3, _("Waiting for institution review")


# how long before the due day an entry is "soon due"
DUE_SOON = timedelta(days=14)
# goal → when an entry not confirmed yet has reached it; a confirmed one has reached all
REACHED: dict[str, Q] = {
    Goal.ASSIGNED: Q(stage__gte=Stage.ASSIGNED),
    Goal.FILED: Q(stage__gte=Stage.WITH_UNIT),
    Goal.UNIT_REVIEWED: Q(stage__gte=Stage.WITH_INSTITUTION),
    Goal.COMPLETE: Q(confirmed_on__isnull=False),
}
