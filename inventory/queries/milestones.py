"""How far institutions are against milestones: late from the first day after one with open work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from inventory.choices import Goal
from inventory.models import BaseListEntry, CampaignInstitution, Milestone
from inventory.models.campaigns import BaseListEntryQuerySet
from inventory.models.goals import DUE_SOON, REACHED


@dataclass(frozen=True)
class Progress:
    """The entries of one institution in one campaign that count: how many there are and what they have reached."""

    total: int = 0
    assigned: int = 0
    filed: int = 0
    unit_reviewed: int = 0
    complete: int = 0
    # open entries past their own due day, and those due within two weeks
    overdue: int = 0
    soon: int = 0


_COUNTS = tuple(each.name for each in fields(Progress))


@dataclass(frozen=True)
class Standing:
    """One institution against one milestone on a day."""

    milestone: int
    participation: int
    campaign: int
    institution: int
    name: str
    goal: str
    goal_label: str
    share: int
    due_on: date
    # the institution's own day or milestone; of which milestone of the campaign it is the earlier day
    is_own: bool
    replaces: int | None
    # the day of the campaign
    general_due_on: date
    total: int
    reached: int
    needed: int
    # 0 unless late; days since the day of the milestone
    days_late: int
    days_left: int

    @property
    def lacking(self) -> int:
        """How many entries are missing to the milestone."""
        return max(0, self.needed - self.reached)

    @property
    def is_reached(self) -> bool:
        """Nothing is reached by an empty list."""
        return self.total > 0 and self.lacking == 0

    @property
    def is_late(self) -> bool:
        return self.days_late > 0

    def url(self, *, with_institution: bool = True) -> str:
        """The entries that have not reached the goal; people of the institution need no filter by it."""
        query = {"campaign": self.campaign, "lacks": self.goal}
        if with_institution:
            query["institution"] = self.institution
        return f"{reverse('inventory:entry-list')}?{urlencode(query)}"


def standings(
    participations: QuerySet[CampaignInstitution], on_day: date
) -> dict[int, list[Standing]]:
    """{participation: its milestones by day}. Five queries however many institutions and campaigns.

    Entries are counted as they stand now; `on_day` says which milestones have passed.
    """
    parts = list(participations.order_by("pk").values_list("pk", "campaign", "institution"))
    by_campaign: dict[int, list[Milestone]] = {}
    by_participation: dict[int, list[Milestone]] = {}
    asked = list(Milestone.objects.filter(campaign__in={part[1] for part in parts}))
    # nobody counts for campaigns that ask nothing by a day
    found = progress(participations.filter(campaign__in={e.campaign_id for e in asked}), on_day)
    for each in asked:
        if each.participation_id is None:
            by_campaign.setdefault(each.campaign_id, []).append(each)
        else:
            by_participation.setdefault(each.participation_id, []).append(each)
    result = {}
    for pk, campaign, institution in parts:
        days = {each.pk: each.due_on for each in by_campaign.get(campaign, ())}
        own = by_participation.get(pk, [])
        replaced = {each.replaces_id for each in own}
        general = [each for each in by_campaign.get(campaign, ()) if each.pk not in replaced]
        result[pk] = sorted(
            (
                _standing(each, (pk, institution), found.get(pk, Progress()), days, on_day)
                for each in (*general, *own)
            ),
            key=_by_day,
        )
    return result


def late(participations: QuerySet[CampaignInstitution], on_day: date) -> list[Standing]:
    """Every milestone that an institution is late against, the latest first."""
    found = standings(participations, on_day).values()
    return in_order(each for own in found for each in own if each.is_late)


def in_order(found: Iterable[Standing]) -> list[Standing]:
    return sorted(found, key=lambda each: (-each.days_late, -each.lacking, each.milestone))


def progress(participations: QuerySet[CampaignInstitution], on_day: date) -> dict[int, Progress]:
    """{participation: what its entries have reached}, in two queries over the entries.

    What is confirmed has reached every goal: only the open ones are looked up in their dossiers.
    """
    wanted = {
        (institution, campaign): pk
        for pk, campaign, institution in participations.values_list("pk", "campaign", "institution")
    }
    entries = BaseListEntry.objects.filter(
        institution__in={institution for institution, _c in wanted},
        campaign__in={campaign for _i, campaign in wanted},
    ).order_by()
    counted = entries.included().values_list("institution", "campaign").annotate(Count("pk"))
    still = _still_open(entries, on_day)
    return {
        wanted[whose]: _progress(total, still.get(whose, Progress()))
        for *place, total in counted
        if (whose := (place[0], place[1])) in wanted
    }


def _still_open(entries: BaseListEntryQuerySet, on_day: date) -> dict[tuple[int, int], Progress]:
    """{(institution, campaign): what the entries not confirmed yet have reached}."""
    rows: Iterable[Mapping[str, Any]] = (
        entries.open()
        .values("institution", "campaign")
        .annotate(
            total=Count("pk"),
            overdue=Count("pk", filter=Q(due_on__lt=on_day)),
            soon=Count("pk", filter=Q(due_on__range=(on_day, on_day + DUE_SOON))),
            **{goal: Count("pk", filter=REACHED[goal]) for goal in Goal.values},
        )
    )
    return {
        (row["institution"], row["campaign"]): Progress(**{name: row[name] for name in _COUNTS})
        for row in rows
    }


def _progress(total: int, still: Progress) -> Progress:
    """The open entries together with the confirmed ones."""
    confirmed = total - still.total
    reached = {goal: confirmed + getattr(still, goal) for goal in Goal.values}
    return replace(still, total=total, **reached)


def _standing(
    milestone: Milestone,
    whose: tuple[int, int],
    found: Progress,
    general: Mapping[int, date],
    on_day: date,
) -> Standing:
    participation, institution = whose
    needed = -(-found.total * milestone.share // 100)
    reached = getattr(found, milestone.goal)
    days = (on_day - milestone.due_on).days
    is_open = reached < needed
    return Standing(
        milestone=milestone.pk,
        participation=participation,
        campaign=milestone.campaign_id,
        institution=institution,
        name=milestone.name,
        goal=milestone.goal,
        goal_label=str(Goal(milestone.goal).label),
        share=milestone.share,
        due_on=milestone.due_on,
        is_own=milestone.participation_id is not None,
        replaces=milestone.replaces_id,
        general_due_on=general.get(milestone.replaces_id or milestone.pk, milestone.due_on),
        total=found.total,
        reached=reached,
        needed=needed,
        days_late=max(0, days) if is_open else 0,
        days_left=max(0, -days),
    )


def _by_day(each: Standing) -> tuple[date, int]:
    return each.due_on, each.milestone
