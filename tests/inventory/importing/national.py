"""Filled national templates for tests: cells by field, rows under the template's own three head rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.importing.columns import COLUMNS, GROUPS, HINT, PLACES
from portal.spreadsheets.reading import RawRow

#: A right row of an invention of three stars, without number, title and unit.
RIGHT: dict[str, Any] = {
    "is_publicly_funded": "否",
    "status_level1": "尚未实施",
    "status_level2": "无需填写",
    "intent_level1": "拟许可",
    "intent_level2": "拟普通许可",
    "fee_standard": 10,
    "price_band": "10-20万",
    "contact_name": "演示联系人",
    "contact": "13800000000",
    "maturity": "样品、实验阶段",
    "stars": "三星",
    "advantages": "结构简单，成本低。",
    "industry": "制造业",
    "outlook": "可用于装备制造企业。",
}
Cells = Mapping[str, Any]


def head() -> list[list[Any]]:
    """The three head rows as the blank template has them."""
    groups: list[Any] = [None] * len(COLUMNS)
    for group in GROUPS:
        groups[PLACES[group.first]] = group.words
    hint = [HINT, *[None] * (len(COLUMNS) - 1)]
    return [hint, groups, [column.header or None for column in COLUMNS]]


def line(cells: Cells) -> list[Any]:
    """One row of the sheet."""
    return [cells.get(column.field) for column in COLUMNS]


def template(*rows: Cells) -> list[list[Any]]:
    """A whole sheet."""
    return [*head(), *map(line, rows)]


def raw(*rows: Cells, first: int = 4) -> list[RawRow]:
    """Rows as the reader of workbooks gives them: text only."""
    return [
        RawRow(0, number, [None if cell is None else str(cell) for cell in line(cells)])
        for number, cells in enumerate(rows, first)
    ]


def without(cells: Cells, *names: str) -> dict[str, Any]:
    return {name: cell for name, cell in cells.items() if name not in names}


Sheet = Sequence[Sequence[Any]]
