"""From holders' names in files to organisations of the portal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from portal.models import Organisation, OrganisationName
from portal.text import fold

# ["name as written", organisation id or None]
Holder = list[str | int | None]
MOST_NAME = 300


def organisations_by_name() -> dict[str, int]:
    """Organisation id by folded name, former and further names included (two queries)."""
    known = {fold(name): pk for pk, name in Organisation.objects.values_list("pk", "name")}
    also = dict(OrganisationName.objects.values_list("folded", "organisation_id"))
    return also | known


def resolve(names: Iterable[str], known: Mapping[str, int]) -> list[Holder]:
    """Holders in order; an organisation under two of its names stands once."""
    found: list[Holder] = []
    seen: set[int] = set()
    for name in names:
        organisation = known.get(fold(name))
        if organisation is not None:
            if organisation in seen:
                continue
            seen.add(organisation)
        found.append([name[:MOST_NAME], organisation])
    return found


def organisations_in(holders: Sequence[Holder]) -> set[int]:
    """Ids of the organisations among the holders."""
    return {int(one[1]) for one in holders if one[1] is not None}


def folded_set(holders: Sequence[Holder]) -> frozenset[str]:
    """The holders as a set that does not depend on order or on the spelling of known organisations."""
    return frozenset(f"#{one[1]}" if one[1] else fold(str(one[0])) for one in holders)
