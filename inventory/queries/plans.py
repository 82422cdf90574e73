"""Work plans of participations."""

from __future__ import annotations

from django.db.models import Max, QuerySet

from inventory.models import CampaignInstitution, PlanFile


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
