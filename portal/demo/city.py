"""What the parts of the demonstration city share: the seed, the day, who exists, and where rows go.

Upper apps register what they add (``add_part``) in their own ``demo`` module, so that the kernel
knows no patent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

from portal.choices import Role
from portal.demo.loading import Loader

#: The one organisation by which a demonstration city is known.
MARKER_CODE = "DEMO-OPERATOR"


@dataclass(slots=True)
class Person:
    """Somebody with an account: ids, name, the unit, and the membership in which they act."""

    user_id: int
    membership_id: int
    name: str
    unit_id: int | None = None
    is_active: bool = True


@dataclass(slots=True)
class UnitNode:
    """A unit of the tree with its people; ``manager`` reviews for the whole branch below level 1."""

    id: int
    name: str
    level: int
    path: str
    specialty: str
    manager: Person | None = None
    staff: list[Person] = field(default_factory=list)


@dataclass(slots=True)
class Institution:
    """An institution as the upper parts need it: weight is its share of the patents."""

    id: int
    code: str
    name: str
    kind: str
    affiliation: str
    district: str
    weight: float
    fields: tuple[str, ...] = ()
    manager: Person | None = None
    units: list[UnitNode] = field(default_factory=list)


@dataclass(slots=True)
class City:
    """The city while it is being made."""

    seed: int
    patents: int
    today: date
    random: Random
    loader: Loader
    folder: Path | None = None
    institutions: list[Institution] = field(default_factory=list)
    enterprises: list[str] = field(default_factory=list)
    #: readable user name -> person, for the sign-ins
    cast: dict[str, Person] = field(default_factory=dict)
    #: user name, role and code of the organisation, in the order printed
    sign_ins: list[tuple[str, Role, str]] = field(default_factory=list)
    #: files written for trying imports, with a word on each
    files: list[tuple[Path, str]] = field(default_factory=list)


Part = Callable[[City], None]
_rows: list[tuple[int, Part]] = []
_files: list[Part] = []


def add_part(part: Part, *, order: int) -> None:
    """Register a function that adds rows of an app; lower orders run first."""
    _rows.append((order, part))
    _rows.sort(key=lambda item: item[0])


def add_files(part: Part) -> None:
    """Register a function that writes files from the finished city."""
    _files.append(part)


def parts() -> list[Part]:
    return [part for _order, part in _rows]


def file_parts() -> list[Part]:
    return list(_files)
