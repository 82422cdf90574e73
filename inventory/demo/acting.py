"""Who acts in the demonstration city beside the loading of its rows, on which day, and how a dossier is approved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from inventory.choices import DossierState
from inventory.models import Dossier
from inventory.services import reviews
from portal import clock
from portal.choices import Role
from portal.demo.city import City
from portal.models import Membership, Organisation, Unit


@dataclass(frozen=True)
class People:
    """Who acts."""

    manager: Membership
    deputy: Membership
    secretary: Membership
    city: Membership

    @property
    def institution(self) -> Organisation:
        return self.manager.organisation


class Days:
    """The days before the one on which the city is made."""

    def __init__(self, city: City) -> None:
        self.today = city.today

    @contextmanager
    def ago(self, number: int) -> Iterator[None]:
        """At noon so many days ago; on the day itself it is as late as it is."""
        if not number:
            yield
            return
        with clock.frozen(self.today - timedelta(days=number)):
            yield


def approve(pk: int, manager: Membership) -> None:
    """Through the steps that are left, each by whoever has it."""
    for _step in range(2):
        dossier = Dossier.objects.select_related("unit").get(pk=pk)
        if dossier.state == DossierState.UNIT_REVIEW and dossier.unit is not None:
            reviews.approve_dossiers(versions=seen(pk), actor=manager_of(dossier.unit))
        elif dossier.state == DossierState.INSTITUTION_REVIEW:
            reviews.approve_dossiers(versions=seen(pk), actor=manager)


def manager_of(unit: Unit) -> Membership:
    """The manager of the branch in which a unit lies."""
    managers = Membership.objects.active().filter(
        role=Role.UNIT_MANAGER, organisation=unit.organisation_id, unit__isnull=False
    )
    for each in managers.select_related("unit", "organisation", "user").order_by("pk"):
        if each.unit is not None and unit.path.startswith(each.unit.path):
            return each
    raise ValueError("Every school has a manager")


def seen(*pks: int) -> dict[int, int]:
    """The versions as they are."""
    return dict(Dossier.objects.filter(pk__in=pks).values_list("pk", "version"))
