"""Units of an institution as people write them into a column: by name, or by the path of names above it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from portal.models import Membership, Unit
from portal.staff_table import path_name
from portal.text import compact


@dataclass(frozen=True)
class UnitNames:
    """Units the importing person may name: folded name → key, None where several have the name; own unit if any."""

    names: Mapping[str, int | None]
    institution: str
    default: int | None
    shown: tuple[str, ...]

    def folded(self, text: str) -> str:
        """The folded name; that of the institution, or of the units above, may stand before it."""
        key = compact(text)
        if key.startswith(self.institution) and key != self.institution:
            key = key[len(self.institution) :].lstrip("/\\-.·>")
        key = re.sub(r"[\\>]", "/", key)
        if key not in self.names:
            last = key.rpartition("/")[2]
            key = last if last in self.names else key
        return key


def unit_names(membership: Membership) -> UnitNames:
    """Units the person may write in the list: a manager all, a unit's manager the own branch.

    A unit is named alone, or with the units above it and slashes between, as the export writes namesakes.
    """
    units = list(Unit.objects.offered_to(membership).filter(is_active=True))
    shown = dict(
        Unit.objects.filter(organisation=membership.organisation_id).values_list("pk", "name")
    )
    names: dict[str, int | None] = {}
    for unit in units:
        key = compact(unit.name)
        names[key] = None if key in names else unit.pk
    for unit in units:
        names[compact(path_name(unit, shown))] = (
            unit.pk if "/" in path_name(unit, shown) else names[compact(unit.name)]
        )
    return UnitNames(
        names,
        compact(membership.organisation.name),
        membership.unit_id,
        tuple(unit.name for unit in units),
    )
