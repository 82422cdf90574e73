"""Work plans of participations, and what an institution owes a campaign at its beginning."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet

from inventory.choices import CampaignState
from inventory.models import BaseListEntry, CampaignInstitution, PlanFile


def with_plan(participations: QuerySet[CampaignInstitution]) -> QuerySet[CampaignInstitution]:
    """`plan_number`: the newest version of the work plan; None without one."""
    return participations.annotate(plan_number=Max("plans__number"))


def plans_of(participation: CampaignInstitution) -> list[PlanFile]:
    """The versions, newest first, with file and person."""
    return list(
        PlanFile.objects.filter(participation=participation)
        .select_related("file", "uploaded_by__user")
        .order_by("-number")
    )


def being_set_up(institutions: Collection[int]) -> QuerySet[Any]:
    """Parts in open campaigns, with `has_plan` and `has_entries`: one query however many institutions."""
    entries = BaseListEntry.objects.filter(
        campaign=OuterRef("campaign"), institution=OuterRef("institution")
    )
    return (
        CampaignInstitution.objects.filter(
            institution__in=institutions, campaign__state=CampaignState.OPEN
        )
        .select_related("campaign")
        .annotate(
            has_plan=Exists(PlanFile.objects.filter(participation=OuterRef("pk"))),
            has_entries=Exists(entries),
        )
        .order_by("campaign__opens_on", "pk")
    )
