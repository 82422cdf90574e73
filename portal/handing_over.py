"""What a person has in hand in an organisation, and how it goes to others: upper apps register their kinds of work.

Used when somebody leaves, when an account kept ready is joined by an account that exists, and when an invited person
arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from portal.models import Membership, User

#: how the work of a leaver is handed over
TO_SUCCESSOR, TO_QUEUE, BY_PROPOSALS = "successor", "queue", "proposals"


@dataclass(frozen=True)
class HandOver:
    """Whose work goes where, and who decided so."""

    person: User
    actor: Membership
    reason: str
    how: str
    successor: User | None = None


@dataclass(frozen=True)
class Work:
    """One kind of work. All functions run inside the caller's transaction and write their own audit entries.

    `count(user_ids, organisation_id)` says how much there is, `hand_over` passes it on and says how much,
    `follow(old, new, actor)` moves everything from an account kept ready to the account that joined instead of it,
    `welcome(person, organisation_id)` does what an arrival allows.
    """

    name: str
    label: Any
    count: Callable[[Collection[int], int], int]
    hand_over: Callable[[HandOver], int]
    follow: Callable[[User, User, Membership], None]
    welcome: Callable[[User, int], None] = lambda person, organisation_id: None


_kinds: dict[str, Work] = {}


def register(work: Work) -> None:
    _kinds[work.name] = work


def kinds() -> list[Work]:
    return list(_kinds.values())


def label_of(name: str) -> str:
    """The label of a kind of work; its name where the app is gone."""
    return str(_kinds[name].label) if name in _kinds else name
