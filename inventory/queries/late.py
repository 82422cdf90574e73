"""Who is late with a campaign: institutions for bureaus, units for an institution, people for a unit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Count,
    DateField,
    DateTimeField,
    Field,
    Func,
    IntegerField,
    JSONField,
    Max,
    Min,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast

from inventory.choices import CampaignState
from inventory.models import BaseListEntry, Campaign, CampaignInstitution, Urge
from inventory.queries import milestones
from inventory.queries.milestones import Progress, Standing
from portal import clock
from portal.choices import OFFICIAL_ROLES, Role
from portal.models import Membership, Organisation, Unit, User

# role → path from a list entry to whom it urges, and the field of Urge that names him
TARGETS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(OFFICIAL_ROLES, ("institution", "institution")),
    Role.INSTITUTION_MANAGER: ("dossier__unit", "unit"),
    Role.UNIT_MANAGER: ("dossier__responsible", "person"),
}
_MODELS: dict[str, type[Organisation | Unit | User]] = {
    "institution": Organisation,
    "unit": Unit,
    "person": User,
}


def open_campaigns(membership: Membership) -> QuerySet[Campaign]:
    """Campaigns one may urge in, the latest first."""
    return Campaign.objects.visible_to(membership).filter(state=CampaignState.OPEN)


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
    # of an institution
    progress: Progress | None = None

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


def late_rows(membership: Membership, campaign: Campaign | None) -> QuerySet[Any]:
    """Organisations, units or people with open work in a campaign (nobody without one), as the role urges them.

    Each carries `open_count` of `total_count` entries, `first_due` (each entry of a rolling campaign has its own: the
    first that is open) and `urged_at`, when this office urged it last. The entries are counted once, here: asked of
    each target, again in every statement, they took seconds in a large university.
    """
    path, field = TARGETS[membership.role]
    model: Any = _MODELS[field]
    if campaign is None:
        return model.objects.none()  # type: ignore[no-any-return]
    progress: dict[int, Progress] = {}
    if field == "institution":
        figures, progress = _of_institutions(membership, campaign)
    else:
        figures = _figures(membership, campaign, path)
    urges = Urge.objects.filter(
        campaign=campaign,
        sender__organisation=membership.organisation_id,
        sender__role=membership.role,
    )
    urged = urges.order_by().values_list(field).annotate(at=Max("sent_at"))
    still, total, first = (
        {key: known[place] for key, known in figures.items()} for place in range(3)
    )
    found: QuerySet[Any] = model.objects.filter(pk__in=list(figures)).annotate(
        open_count=_of_each(still, IntegerField()),
        total_count=_of_each(total, IntegerField()),
        first_due=_of_each(first, DateField()),
        urged_at=_of_each(dict(urged), DateTimeField()),
        progress=_of_each({key: asdict(one) for key, one in progress.items()}, JSONField()),
    )
    return found


def _figures(membership: Membership, campaign: Campaign, path: str) -> dict[int, list[Any]]:
    """{target with open work: open entries, all entries, the first day of an open one}."""
    taking_part = CampaignInstitution.objects.visible_to(membership).filter(campaign=campaign)
    is_open = Q(confirmed_on__isnull=True)
    counted = (
        BaseListEntry.objects.visible_to(membership)
        .included()
        .filter(campaign=campaign)
        # where they are named, the planner counts from the index of institutions alone
        .filter(institution__in=list(taking_part.values_list("institution", flat=True)))
        .order_by()
        .values_list(path)
        .annotate(
            open=Count("pk", filter=is_open),
            total=Count("pk"),
            first=Min("due_on", filter=is_open),
        )
        .filter(open__gt=0)
    )
    return {key: known for key, *known in counted if key is not None}


def _of_institutions(
    membership: Membership, campaign: Campaign
) -> tuple[dict[int, list[Any]], dict[int, Progress]]:
    """The same of institutions, and how far each is, of which only the open entries are counted."""
    taking_part = CampaignInstitution.objects.visible_to(membership).filter(campaign=campaign)
    counted = milestones.progress_of_institutions(taking_part, clock.today())
    found = {institution: one for institution, one in counted.items() if one.still}
    return {key: [one.still, one.total, one.first_due] for key, one in found.items()}, found


def _of_each(values: Mapping[Any, Any], field: Field[Any, Any]) -> Cast:
    """What was worked out before, by the key of the row; null for a key without."""
    known = Value(json.dumps({str(key): value for key, value in values.items()}, default=str))
    found = Func(
        Cast(known, JSONField()),
        Cast("pk", TextField()),
        template="(%(expressions)s)",
        arg_joiner=" ->> ",
        output_field=TextField(),
    )
    return Cast(found, field)


def as_targets(rows: Iterable[Any], membership: Membership) -> list[Target]:
    """Rows of `late_rows` in the words of an urging."""
    _path, field = TARGETS[membership.role]
    return [
        Target(
            key=row.pk,
            name=row.name,
            institution_id=row.pk if field == "institution" else membership.organisation_id,
            open=row.open_count,
            total=row.total_count,
            due_on=row.first_due,
            last_urged_at=row.urged_at,
            progress=Progress(**row.progress) if row.progress else None,
        )
        for row in rows
    ]


def late_targets(
    membership: Membership, campaign: Campaign, keys: Iterable[int] | None = None
) -> list[Target]:
    """Those with open work in a campaign, most open first. Three queries, whatever the size."""
    rows = late_rows(membership, campaign).order_by("-open_count", "pk")
    return as_targets(rows if keys is None else rows.filter(pk__in=list(keys)), membership)


def with_milestones(targets: Iterable[Target], campaign: Campaign) -> list[Target]:
    """Institutions with the milestones they are late against, the latest first."""
    targets = list(targets)
    counted = {each.key: each.progress for each in targets if each.progress is not None}
    parts = CampaignInstitution.objects.filter(campaign=campaign, institution__in=list(counted))
    found: dict[int, tuple[Standing, ...]] = {}
    for each in milestones.late(parts, clock.today(), counted):
        found[each.institution] = (*found.get(each.institution, ()), each)
    return [replace(each, late_against=found.get(each.key, ())) for each in targets]
