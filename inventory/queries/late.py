"""Who is late with a campaign: institutions for bureaus, units for an institution, people for a unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from inventory.models import BaseListEntry, Campaign, CampaignInstitution, Urge
from inventory.queries import milestones
from inventory.queries.milestones import Standing
from portal import clock
from portal.choices import OFFICIAL_ROLES, Role
from portal.models import Membership

_OPEN = Q(confirmed_on__isnull=True)
# role → path from a list entry to whom it urges, and the field of Urge that names him
TARGETS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(OFFICIAL_ROLES, ("institution", "institution")),
    Role.INSTITUTION_MANAGER: ("dossier__unit", "unit"),
    Role.UNIT_MANAGER: ("dossier__responsible", "person"),
}


@dataclass(frozen=True)
class Target:
    """Somebody with open work: how many of how many, due when, urged when last by this office."""

    key: int
    name: str
    institution_id: int
    open: int
    total: int
    due_on: date
    last_urged_at: datetime | None
    # milestones of the campaign that an institution is late against (with_milestones)
    late_against: tuple[Standing, ...] = ()

    @property
    def days_late(self) -> int:
        return (clock.today() - self.due_on).days

    @property
    def share(self) -> float:
        """What is complete, as a share of one."""
        return (self.total - self.open) / self.total

    @property
    def was_urged_today(self) -> bool:
        return self.last_urged_at is not None and (
            clock.day_of(self.last_urged_at) == clock.today()
        )


def late_targets(
    membership: Membership, campaign: Campaign, keys: Iterable[int] | None = None
) -> list[Target]:
    """Those with open work in a campaign, most open first. Two queries, whatever the size."""
    path, field = TARGETS[membership.role]
    entries = BaseListEntry.objects.visible_to(membership).filter(
        campaign=campaign, is_included=True, **{f"{path}__isnull": False}
    )
    if keys is not None:
        entries = entries.filter(**{f"{path}__in": list(keys)})
    rows = list(
        entries.order_by()
        .values(path, f"{path}__name", "institution")
        .annotate(
            total=Count("pk"),
            open=Count("pk", filter=_OPEN),
            # in a rolling campaign each entry has its own day: the first that is open
            due=Min("due_on", filter=_OPEN),
        )
    )
    last = _last_urged(membership, campaign, field)
    found = [_target(row, path, last) for row in rows if row["open"]]
    return sorted(found, key=lambda each: (-each.open, each.key))


def with_milestones(targets: Iterable[Target], campaign: Campaign) -> list[Target]:
    """Institutions with the milestones they are late against, the latest first."""
    targets = list(targets)
    parts = CampaignInstitution.objects.filter(
        campaign=campaign, institution__in=[each.key for each in targets]
    )
    found: dict[int, tuple[Standing, ...]] = {}
    for each in milestones.late(parts, clock.today()):
        found[each.institution] = (*found.get(each.institution, ()), each)
    return [replace(each, late_against=found.get(each.key, ())) for each in targets]


def _target(row: dict[str, Any], path: str, last: dict[int, datetime]) -> Target:
    return Target(
        key=row[path],
        name=row[f"{path}__name"],
        institution_id=row["institution"],
        open=row["open"],
        total=row["total"],
        due_on=row["due"],
        last_urged_at=last.get(row[path]),
    )


def _last_urged(membership: Membership, campaign: Campaign, field: str) -> dict[int, datetime]:
    """{target: when this office urged it last}."""
    urges = Urge.objects.filter(
        campaign=campaign,
        sender__organisation=membership.organisation_id,
        sender__role=membership.role,
    )
    rows = urges.order_by().values_list(field).annotate(last=Max("sent_at"))
    return {key: moment for key, moment in rows if key is not None}
