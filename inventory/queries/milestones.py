"""How far institutions are against milestones: late from the first day after one with open work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q, QuerySet
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
    # how many are open, and the first day one of them is due
    still: int = 0
    first_due: date | None = None


#: what an open entry can have reached
_BEFORE_THE_END = tuple(goal for goal in Goal.values if goal != Goal.COMPLETE)


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
    participations: QuerySet[CampaignInstitution],
    on_day: date,
    known: Mapping[int, Progress] | None = None,
) -> dict[int, list[Standing]]:
    """{participation: its milestones by day}. Four queries however many institutions and campaigns.

    Entries are counted as they stand now; who has done so already gives what was `known`, by institution, where all is
    of one campaign. `on_day` says which milestones have passed.
    """
    parts = list(participations.order_by("pk").values_list("pk", "campaign", "institution"))
    by_campaign: dict[int, list[Milestone]] = {}
    by_participation: dict[int, list[Milestone]] = {}
    asked = list(Milestone.objects.filter(campaign__in={part[1] for part in parts}))
    # nobody counts for campaigns that ask nothing by a day
    found = (
        {pk: known[institution] for pk, _campaign, institution in parts if institution in known}
        if known is not None
        else progress(participations.filter(campaign__in={e.campaign_id for e in asked}), on_day)
    )
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


def late(
    participations: QuerySet[CampaignInstitution],
    on_day: date,
    known: Mapping[int, Progress] | None = None,
) -> list[Standing]:
    """Every milestone that an institution is late against, the latest first."""
    found = standings(participations, on_day, known).values()
    return in_order(each for own in found for each in own if each.is_late)


def in_order(found: Iterable[Standing]) -> list[Standing]:
    return sorted(found, key=lambda each: (-each.days_late, -each.lacking, each.milestone))


def progress(participations: QuerySet[CampaignInstitution], on_day: date) -> dict[int, Progress]:
    """{participation: what its entries have reached}, in two queries.

    What is confirmed has reached every goal: only the open entries are counted one by one.
    """
    return {pk: one for pk, _institution, one in _counted(participations, on_day)}


def progress_of_institutions(
    participations: QuerySet[CampaignInstitution], on_day: date
) -> dict[int, Progress]:
    """The same by institution, of participations in one campaign."""
    return {institution: one for _pk, institution, one in _counted(participations, on_day)}


def _counted(
    participations: QuerySet[CampaignInstitution], on_day: date
) -> list[tuple[int, int, Progress]]:
    parts = list(participations.values_list("pk", "institution", "campaign", "listed"))
    entries = BaseListEntry.objects.filter(
        institution__in={institution for _pk, institution, _campaign, _listed in parts},
        campaign__in={campaign for _pk, _institution, campaign, _listed in parts},
    ).order_by()
    still = _still_open(entries, on_day)
    return [
        (pk, institution, _progress(listed, still.get((institution, campaign), Progress())))
        for pk, institution, campaign, listed in parts
    ]


def _still_open(entries: BaseListEntryQuerySet, on_day: date) -> dict[tuple[int, int], Progress]:
    """{(institution, campaign): what the entries not confirmed yet have reached}."""
    rows: Iterable[Mapping[str, Any]] = (
        entries.open()
        .values("institution", "campaign")
        .annotate(
            # a column of the index of open entries, which so answers alone
            still=Count("due_on"),
            overdue=Count("due_on", filter=Q(due_on__lt=on_day)),
            soon=Count("due_on", filter=Q(due_on__range=(on_day, on_day + DUE_SOON))),
            first_due=Min("due_on"),
            **{goal: Count("due_on", filter=REACHED[goal]) for goal in _BEFORE_THE_END},
        )
    )
    return {
        (row["institution"], row["campaign"]): Progress(
            **{name: row[name] for name in row if name not in ("institution", "campaign")}
        )
        for row in rows
    }


def _progress(total: int, still: Progress) -> Progress:
    """The open entries together with the confirmed ones."""
    confirmed = total - still.still
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
