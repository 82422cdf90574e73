"""Which dossiers go into a round-trip workbook, and for whom workbooks can be made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from inventory.choices import CampaignState, DossierState
from inventory.models import BaseListEntry, Dossier, Workbook
from portal.choices import Role
from portal.models import Membership, Unit, User

#: States in which a dossier takes answers.
TO_FILL_IN = (DossierState.UNFILED, DossierState.DRAFT)


@dataclass(frozen=True)
class Target:
    """For whom a workbook is made: a unit with what is below it, a person, or the patents without a unit (neither)."""

    unit: int | None = None
    person: int | None = None


@dataclass
class TargetLine:
    """A target with its figures, for the page. `unit` is None for the patents that no unit has."""

    unit: Unit | None
    count: int = 0
    to_fill_in: int = 0
    last: Workbook | None = None


def dossiers_of(membership: Membership, target: Target) -> QuerySet[Dossier]:
    """The dossiers of a target that the own institution files and that count in an open campaign; priority first."""
    found = in_open_campaigns(membership)
    if target.person is not None:
        return found.filter(responsible=target.person).order_by("priority", "pk")
    if target.unit is None:
        return found.filter(unit=None).order_by("priority", "pk")
    unit = Unit.objects.get(pk=target.unit)
    below = Unit.objects.below(unit)
    return found.filter(unit__in=below.values("pk")).order_by("priority", "pk")


def in_open_campaigns(membership: Membership) -> QuerySet[Dossier]:
    """What the own institution files, seen by this person, with an entry that counts in an open campaign."""
    counted = BaseListEntry.objects.included().filter(
        dossier=OuterRef("pk"), campaign__state=CampaignState.OPEN
    )
    return Dossier.objects.filed_for(membership).filter(Exists(counted))


def units_of(membership: Membership) -> list[Unit]:
    """Units for which a workbook each is made: those at the top for a manager, the own one for a unit's manager."""
    offered = Unit.objects.offered_to(membership)
    own = Q(pk=membership.unit_id or 0) if membership.role == Role.UNIT_MANAGER else Q(parent=None)
    return list(offered.filter(own))


def units_with_patents(membership: Membership) -> set[int]:
    """Units for which a workbook would hold something: those with patents, and every unit above (one query)."""
    paths = in_open_campaigns(membership).filter(unit__isnull=False).order_by()
    found = paths.values_list("unit__path", flat=True).distinct()
    return {int(key) for path in found for key in path.strip("/").split("/")}


def target_lines(membership: Membership) -> list[TargetLine]:
    """Each unit with its patents, and those without a unit where there are any (four queries)."""
    lines = {unit.path: TargetLine(unit) for unit in units_of(membership)}
    rest = TargetLine(None)
    open_ones = Count("pk", filter=Q(state__in=TO_FILL_IN))
    counted = (
        in_open_campaigns(membership)
        .order_by()
        .values("unit__path")
        .annotate(count=Count("pk"), to_fill_in=open_ones)
    )
    for one in counted:
        path = one["unit__path"] or ""
        line = next((found for start, found in lines.items() if path.startswith(start)), rest)
        line.count += one["count"]
        line.to_fill_in += one["to_fill_in"]
    _add_last(membership, [*lines.values(), rest])
    shown = [line for line in lines.values() if line.count or (line.unit and line.unit.is_active)]
    return [*shown, *([rest] if rest.count else [])]


def people_in_charge(membership: Membership) -> list[tuple[int, str, int]]:
    """(person, name, patents) of those who have patents to fill in, by name."""
    counted = (
        in_open_campaigns(membership)
        .filter(responsible__isnull=False, state__in=TO_FILL_IN)
        .order_by()
        .values("responsible")
        .annotate(count=Count("pk"))
    )
    counts = dict(counted.values_list("responsible", "count"))
    names = User.objects.filter(pk__in=counts).order_by("name_key", "pk")
    return [(pk, name, counts[pk]) for pk, name in names.values_list("pk", "name")]


def _add_last(membership: Membership, lines: Iterable[TargetLine]) -> None:
    newest = (
        Workbook.objects.visible_to(membership)
        .filter(person=None)
        .order_by("unit_id", "-pk")
        .distinct("unit_id")
        .select_related("file", "made_by__user")
    )
    found = {workbook.unit_id: workbook for workbook in newest}
    for line in lines:
        line.last = found.get(line.unit.pk if line.unit else None)
