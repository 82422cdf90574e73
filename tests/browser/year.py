"""The campaign year of a small city: what its acts hand on to each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inventory.choices import DossierState
from inventory.models import (
    BaseListEntry,
    Campaign,
    Dossier,
)
from portal.models import AuditEntry
from tests.browser import year_city as files
from tests.browser.year_city import City, House, MovedClock

S = DossierState
COATING, ANODE, FILM, NAIL = (files.PATENTS[place][0] for place in range(4))
PLATE, CELL, FILTER = (files.PATENTS[place][0] for place in (4, 6, 7))
JOINING = ("苏明远", "陆思齐", "顾清和", "沈若谷")
LEAVING = ("沈若谷", "叶知秋", "程致远")
# how many dossiers the school hands in before its sheet is stamped
HANDED_IN = 8


@dataclass
class Year:
    """What the acts hand on to each other."""

    city: City
    house: House
    clock: MovedClock
    folder: Path

    @property
    def campaign(self) -> Campaign:
        """The newest one."""
        return Campaign.objects.order_by("-pk")[0]

    def dossier(self, title: str) -> Dossier:
        return Dossier.objects.select_related("responsible", "unit").get(patent__title=title)

    def address(self, title: str, page: str = "") -> str:
        return f"/inventory/dossiers/{self.dossier(title).pk}/{page}"

    def entry(self, title: str) -> BaseListEntry:
        return BaseListEntry.objects.get(campaign=self.campaign, patent__title=title)

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for state in Dossier.objects.values_list("state", flat=True):
            found[state] = found.get(state, 0) + 1
        return found


def trail(record: object) -> list[str]:
    """The actions in the audit about a record, oldest first."""
    entries = AuditEntry.objects.about(record).order_by("pk")
    return list(entries.values_list("action", flat=True))
