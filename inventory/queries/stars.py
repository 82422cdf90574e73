"""How stars are spread: over what is to be approved, beside the unit, the institution and the city."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Max, Q, QuerySet, Sum

from inventory.choices import Stars
from inventory.models import Dossier, StarCount
from portal.choices import Role
from portal.models import Membership

#: Fewer than this many of one kind in the city are not shown: they could be somebody's own.
FEWEST_SHOWN: Final = 5
#: With fewer institutions than this, the city's figures less one's own would be a neighbour's.
FEWEST_INSTITUTIONS: Final = 3
#: From so many dossiers on, a share of low stars that exceeds the institution's by so much is named.
ENOUGH: Final = 10
MUCH: Final = 0.15
LOW: Final = (Stars.ONE, Stars.TWO)


@dataclass(frozen=True)
class Spread:
    """One distribution: counts per number of stars; `is_masked` where small counts are hidden."""

    counts: Mapping[int, int]
    is_masked: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def share(self, stars: int) -> float | None:
        """Share of one; None for an empty distribution and for a hidden count."""
        if not self.total or self.hides(stars):
            return None
        return self.counts.get(stars, 0) / self.total

    def count(self, stars: int) -> int | None:
        """The number; None where only shares are shown."""
        return None if self.is_masked else self.counts.get(stars, 0)

    def hides(self, stars: int) -> bool:
        return self.is_masked and 0 < self.counts.get(stars, 0) < FEWEST_SHOWN

    @property
    def low_share(self) -> float | None:
        """Share of one and two stars, which spare the two texts."""
        return sum(self.counts.get(stars, 0) for stars in LOW) / self.total if self.total else None


@dataclass(frozen=True)
class Comparison:
    """The distributions a reviewer compares; None where there is nothing to compare with."""

    here: Spread
    unit: Spread | None
    institution: Spread
    city: Spread | None
    counted_at: datetime | None

    @property
    def rows(self) -> list[dict[str, object]]:
        """One line per number of stars, most first: shares and counts of each distribution."""
        spreads = {
            "here": self.here,
            "unit": self.unit,
            "institution": self.institution,
            "city": self.city,
        }
        return [
            {
                "stars": stars,
                **{
                    name: {
                        "share": spread.share(stars),
                        "count": spread.count(stars),
                        "is_hidden": spread.hides(stars),
                    }
                    for name, spread in spreads.items()
                    if spread is not None
                },
            }
            for stars in sorted(Stars.values, reverse=True)
        ]

    @property
    def is_low(self) -> bool:
        """Whether one and two stars are much more frequent here than in the institution."""
        here, usual = self.here.low_share, self.institution.low_share
        return (
            self.here.total >= ENOUGH
            and here is not None
            and usual is not None
            and here > usual + MUCH
        )


def spread_of(dossiers: QuerySet[Dossier]) -> Spread:
    """The stars of these dossiers; those without stars do not count."""
    found = dossiers.order_by().filter(stars__isnull=False)
    return Spread(dict(found.values_list("stars").annotate(count=Count("pk"))))


def compare(dossiers: QuerySet[Dossier], membership: Membership) -> Comparison:
    """Three queries: the dossiers at hand, all counts of the city, and one's own."""
    own = Q(institution=membership.organisation_id)
    below = own & Q(unit__path__startswith=membership.unit.path) if membership.unit else None
    city = _counted(Q())
    standing = StarCount.objects.aggregate(
        at=Max("counted_at"), institutions=Count("institution", distinct=True)
    )
    is_shown = standing["institutions"] >= FEWEST_INSTITUTIONS
    is_unit = membership.role == Role.UNIT_MANAGER and below is not None
    return Comparison(
        here=spread_of(dossiers),
        unit=Spread(_counted(below)) if is_unit and below is not None else None,
        institution=Spread(_counted(own)),
        city=Spread(city, is_masked=True) if is_shown else None,
        counted_at=standing["at"],
    )


def _counted(condition: Q) -> dict[int, int]:
    found = StarCount.objects.filter(condition).values_list("stars")
    return dict(found.annotate(total=Sum("count")).order_by())
