"""Which units have confirmed on paper, and what changed since a sheet was made."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery

from inventory.models import (
    BaseListEntry,
    Campaign,
    ConfirmationLine,
    Dossier,
    DossierStep,
    UnitConfirmation,
)
from inventory.models.confirmations import CONFIRMED, KEEPS
from portal.choices import Role
from portal.models import Membership, Unit

CHANGES_SHOWN = 100


@dataclass(frozen=True)
class UnitStanding:
    """A unit in a campaign: how many dossiers it approved, how many are still open, its last sheet."""

    unit: Unit
    approved: int
    open: int
    last: UnitConfirmation | None


@dataclass(frozen=True)
class Change:
    """A listed dossier that was taken back, and by which step."""

    dossier: Dossier
    version: int
    step: DossierStep | None


def units_of(campaign: Campaign, membership: Membership) -> list[UnitStanding]:
    """The topmost units one answers for, in tree order; three queries."""
    units = _topmost(membership)
    counted = (
        BaseListEntry.objects.filter(
            campaign=campaign,
            institution=membership.organisation_id,
            is_included=True,
            dossier__participation__institution=membership.organisation_id,
        )
        .order_by()
        .values_list("dossier__unit__path", "dossier__state")
        .annotate(count=Count("pk"))
    )
    numbers = [(path or "", state in CONFIRMED, count) for path, state, count in counted]
    last = {
        each.unit_id: each
        for each in UnitConfirmation.objects.filter(campaign=campaign, unit__in=units)
        .with_standing()
        .order_by("unit_id", "-pk")
        .distinct("unit_id")
    }
    return [
        UnitStanding(
            unit=unit,
            approved=sum(n for path, is_so, n in numbers if is_so and path.startswith(unit.path)),
            open=sum(n for path, is_so, n in numbers if not is_so and path.startswith(unit.path)),
            last=last.get(unit.pk),
        )
        for unit in units
    ]


def _topmost(membership: Membership) -> QuerySet[Unit]:
    units = Unit.objects.filter(organisation=membership.organisation_id, is_active=True)
    if membership.role == Role.UNIT_MANAGER:
        return units.none() if membership.unit_id is None else units.filter(pk=membership.unit_id)
    return units.filter(parent__isnull=True).order_by("name_key", "pk")


def changes_since(confirmation: UnitConfirmation) -> list[Change]:
    """What made a sheet void: the listed dossiers taken back, each with the first step that did it; two queries."""
    step = (
        DossierStep.objects.filter(dossier=OuterRef("dossier"), version__gt=OuterRef("version"))
        .exclude(act__in=KEEPS)
        .order_by("pk")
        .values("pk")[:1]
    )
    lines = list(
        ConfirmationLine.objects.changed_since()
        .filter(confirmation=confirmation)
        .annotate(step=Subquery(step))
        .select_related("dossier__patent")
        .order_by("pk")[:CHANGES_SHOWN]
    )
    steps = DossierStep.objects.select_related("actor__user", "actor__organisation", "actor__unit")
    first = [line.step for line in lines]  # type: ignore[attr-defined]  # the annotation above
    found = steps.in_bulk([pk for pk in first if pk is not None])
    return [
        Change(line.dossier, line.version, found.get(pk))
        for line, pk in zip(lines, first, strict=True)
    ]
