"""What waits for a person: apps register sources in AppConfig.ready; to-do page, start page and daily mail ask.

A source answers for many memberships at once, in a constant number of queries, because the daily mail asks for
everybody. One that only a few people have may be written for one membership and wrapped in `one_by_one`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal import clock
from portal.models import Membership


@dataclass(frozen=True)
class Todo:
    """One line of the list: what, how many, where its rows are, by when.

    `label` is a sentence part without the number ("Patents to fill in"); `url` opens exactly `count` rows;
    `not_mine_url` is the page where the person says that it is somebody else's.
    """

    label: Any
    count: int
    url: str
    icon: str = "checklist"
    due_on: date | None = None
    detail: Any = ""
    not_mine_url: str = ""

    @property
    def days_left(self) -> int | None:
        """Days until it is due; negative when late, None without a due day."""
        return (self.due_on - clock.today()).days if self.due_on else None

    @property
    def days_late(self) -> int:
        """Days past the due day, 0 while there is time."""
        return max(0, -(self.days_left or 0))


Items = Callable[[Sequence[Membership]], Mapping[int, Sequence[Todo]]]


@dataclass(frozen=True)
class TodoSource:
    """Where lines come from: `items` gives {membership id: lines} for those of the memberships it is shown to."""

    name: str
    shown_to: Callable[[Membership], bool]
    items: Items
    order: int = 100


@dataclass
class _Registry:
    sources: dict[str, TodoSource] = field(default_factory=dict)


_registry = _Registry()


def add_todo_source(source: TodoSource) -> None:
    _registry.sources[source.name] = source


def todo_sources() -> list[TodoSource]:
    return sorted(_registry.sources.values(), key=lambda source: (source.order, source.name))


def one_by_one(items: Callable[[Membership], Sequence[Todo]]) -> Items:
    """A source written for one membership, for what only a handful of people have to do."""
    return lambda memberships: {each.pk: items(each) for each in memberships}


def todos_of(memberships: Sequence[Membership]) -> dict[int, list[Todo]]:
    """{membership id: lines}, most urgent first; lines without anything in them are left out."""
    found: dict[int, list[Todo]] = {each.pk: [] for each in memberships}
    for source in todo_sources():
        asked = [each for each in memberships if source.shown_to(each)]
        if not asked:
            continue
        for key, lines in source.items(asked).items():
            found[key] += [line for line in lines if line.count]
    for lines in found.values():
        # stable: lines of one day stay in the order of their sources
        lines.sort(key=lambda line: line.due_on or date.max)
    return found


def todos_for(membership: Membership) -> list[Todo]:
    """The list of one person in one capacity."""
    return todos_of([membership])[membership.pk]
