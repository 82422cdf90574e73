"""What the register and the lists say of patents before and after an import, so that it can be taken back.

Kept with each row is only what differs. A patent the import made needs no image of what was before: there was nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from inventory.importing import register
from inventory.importing.register import Registered
from inventory.models import Dossier

#: Lists that go back as a whole.
LISTS: Final = ("holders", "inventors", "events")
#: What a dossier says of who files it and looks after it, with its version last.
FILING: Final = ("pk", "participation_id", "unit_id", "responsible_id", "version")


@dataclass
class Standing:
    """One patent as it stands: columns, [name, organisation], [name, account], [kind, day, detail, confirmed]."""

    pk: int
    version: int
    kind: str
    facts: dict[str, Any]
    holders: list[list[Any]] = field(default_factory=list)
    inventors: list[list[Any]] = field(default_factory=list)
    events: list[list[Any]] = field(default_factory=list)
    # FILING of its dossier, None without one
    filing: list[Any] | None = None


def standing(registered: Mapping[str, Registered]) -> dict[str, Standing]:
    """{number: how it stands} of loaded patents, with four further queries for any number of them."""
    found = {
        number: Standing(one.pk, one.version, one.kind, dict(one.facts), list(one.holders))
        for number, one in registered.items()
    }
    by_pk = {one.pk: one for one in found.values()}
    if by_pk:
        _add_relations(by_pk)
        for pk, filing in filings(by_pk).items():
            by_pk[pk].filing = filing
    return found


def _add_relations(by_pk: Mapping[int, Standing]) -> None:
    keys = [list(by_pk)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, status_confirmed_on::text FROM inventory_patent WHERE id = ANY(%s)", keys
        )
        for pk, day in cursor.fetchall():
            by_pk[pk].facts["status_confirmed_on"] = day
        cursor.execute(
            "SELECT patent_id, name, user_id FROM inventory_patentinventor "
            "WHERE patent_id = ANY(%s) ORDER BY patent_id, position",
            keys,
        )
        for pk, name, user in cursor.fetchall():
            by_pk[pk].inventors.append([name, user])
        cursor.execute(
            "SELECT patent_id, kind, occurred_on::text, detail, confirmed_on::text FROM inventory_legalevent "
            "WHERE patent_id = ANY(%s) ORDER BY patent_id, kind, occurred_on",
            keys,
        )
        for pk, *event in cursor.fetchall():
            by_pk[pk].events.append(event)


def filings(patent_ids: Collection[int]) -> dict[int, list[Any]]:
    """{patent: FILING of its dossier}."""
    found = Dossier.objects.filter(patent__in=patent_ids).values_list("patent_id", *FILING)
    return {patent: list(filing) for patent, *filing in found}


def images(
    before: Mapping[str, Standing], targets: Mapping[str, int], *, made: Collection[str]
) -> dict[str, tuple[dict[str, Any], int]]:
    """{number: (what was before where it differs from now, version now)} of the patents an import wrote.

    `before` are those that were there; `made` those that the import made.
    """
    after = standing(register.load(list(before)))
    filed = filings([targets[number] for number in made])
    found: dict[str, tuple[dict[str, Any], int]] = defaultdict(lambda: ({}, 1))
    for number in made:
        found[number] = ({"made": True, **_filing(None, filed.get(targets[number]))}, 1)
    for number, was in before.items():
        now = after[number]
        found[number] = (_difference(was, now), now.version)
    return found


def _difference(was: Standing, now: Standing) -> dict[str, Any]:
    image: dict[str, Any] = {
        name: [getattr(was, name), getattr(now, name)]
        for name in LISTS
        if getattr(was, name) != getattr(now, name)
    }
    image["version"] = was.version
    cells = {
        name: [value, now.facts[name]]
        for name, value in was.facts.items()
        if value != now.facts[name]
    }
    if cells:
        image["cells"] = cells
    return image | _filing(was.filing, now.filing)


def _filing(was: list[Any] | None, now: list[Any] | None) -> dict[str, Any]:
    """What became of the dossier: begun (nothing before), filed or placed elsewhere; {} when nothing did."""
    if now is None or was == now:
        return {}
    return {"filing": {"before": was, "version": now[-1]}}
