"""Everything held about one person: apps register sections in AppConfig.ready, the export asks each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from portal.models import User

Row = dict[str, Any]


@dataclass(frozen=True)
class DataSection:
    """One kind of data: `rows` gives plain rows (text, numbers, days) of exactly this person, in words."""

    name: str
    label: Any
    rows: Callable[[User], Iterable[Row]]


_sections: dict[str, DataSection] = {}


def add_data_section(section: DataSection) -> None:
    _sections[section.name] = section


def data_sections() -> list[DataSection]:
    return sorted(_sections.values(), key=lambda section: section.name)
