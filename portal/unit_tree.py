"""The units of one organisation in the order of a tree, each with its depth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from portal.models import Organisation, Unit


@dataclass(frozen=True)
class TreeRow:
    """One unit in display order; depth counts from the topmost unit shown."""

    unit: Unit
    depth: int
    level_name: str


def tree_of(organisation: Organisation, units: Iterable[Unit]) -> list[TreeRow]:
    """Parents before children, siblings by pinyin; a subtree whose top is not shown starts at depth 0."""
    children: dict[int | None, list[Unit]] = {}
    known = {unit.pk: unit for unit in units}
    for unit in sorted(known.values(), key=lambda each: (each.name_key, each.pk)):
        above = unit.parent_id if unit.parent_id in known else None
        children.setdefault(above, []).append(unit)
    rows: list[TreeRow] = []
    waiting = [(unit, 0) for unit in reversed(children.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        rows.append(TreeRow(unit, depth, organisation.unit_level_name(unit.level)))
        waiting.extend((below, depth + 1) for below in reversed(children.get(unit.pk, [])))
    return rows
