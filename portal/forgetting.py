"""Forgetting a person: apps register where else they keep a person's words, and replace them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal.models import Membership, User


@dataclass(frozen=True)
class Forgotten:
    """The person (already under the pseudonym), what was known before, and who carries the request out."""

    person: User
    name: str
    phone: str
    email: str
    pseudonym: str
    actor: Membership


Forget = Callable[[Forgotten], int]
_forgetters: dict[str, Forget] = {}


def add_forgetter(name: str, forget: Forget) -> None:
    """`forget(forgotten)` replaces or removes in its own rows and returns how many; it runs in the one transaction."""
    _forgetters[name] = forget


def forgetters() -> list[Forget]:
    return [_forgetters[name] for name in sorted(_forgetters)]
