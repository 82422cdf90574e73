"""Single cells of the national template → values of the dossier's fields. Pure; a problem is a CellProblem."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from inventory.importing.columns import BASE, BY_FIELD, COLUMNS
from inventory.importing.marks import Mark
from inventory.importing.problems import CellProblem
from inventory.importing.values import parse_cities, parse_money, parse_strategic
from inventory.importing.words import word_key
from inventory.rules import is_city
from inventory.vocabulary import STATUS_LEGACY

#: Whole part and decimals of an amount in the register.
MOST_AMOUNT: Final = Decimal(100_000_000)
AMOUNT_PLACES: Final = Decimal("0.000001")
_LIST_MARKS: Final = re.compile(r"[;；,，|\n]+")
_CITY_MARKS: Final = re.compile(r"[,，、;；|\n]+")
_LEGACY_KEYS: Final = frozenset(map(word_key, STATUS_LEGACY))


def amount_text(text: str) -> str | None:
    """An amount as the register keeps it, as plain text; None for blank."""
    amount = parse_money(text)
    if amount is None:
        return None
    if amount >= MOST_AMOUNT or amount != amount.quantize(AMOUNT_PLACES):
        raise CellProblem("money_range", text)
    return format(amount.normalize(), "f")


def status_wording(mark: Mark, text1: str, text2: str) -> str:
    """The writer's own words: an older name of the file, free text of L (with that of M), or free text of M."""
    if "legacy" in mark.notices:
        return next(text for text in (text1, text2) if word_key(text) in _LEGACY_KEYS)
    if mark.level1 == "custom":
        more = text2 if mark.text1 not in ("", text2) and word_key(text2) else ""
        return "，".join(filter(None, (mark.text1, more)))
    return mark.text2


def check_length(name: str, text: str) -> None:
    """Refuse a text that the register cannot hold; texts with a rule of their own are judged by the rule."""
    limit = BY_FIELD[name].limit
    if name != "firms" and limit and len(text) > limit:
        raise CellProblem("too_long", f"{len(text)} > {limit}")


def _alone(name: str) -> Callable[[str], Mapping[str, Any]]:
    """Read a cell by the parser of its column into its one field."""
    column = BY_FIELD[name]

    def take(text: str) -> Mapping[str, Any]:
        return {column.targets[0]: column.parse(text)}

    return take


def _maturity(text: str) -> Mapping[str, Any]:
    coded = BY_FIELD["maturity"].parse(text)
    return {"maturity": coded.code, "maturity_raw": coded.raw}


def _industry(text: str) -> Mapping[str, Any]:
    industry = BY_FIELD["industry"].parse(text)
    return {"industry": industry.section, "industry_division": industry.code[1:]}


def _cities(text: str) -> Mapping[str, Any]:
    parts = [part.strip() for part in _CITY_MARKS.split(text) if part.strip()]
    if all(map(is_city, parts)):
        return {"partner_cities": list(dict.fromkeys(parts))}
    return {"partner_cities": parse_cities(text)}


def _firms(text: str) -> Mapping[str, Any]:
    limit = BY_FIELD["firms"].limit
    firms = BY_FIELD["firms"].parse(text)
    for firm in firms:
        if len(firm) > limit:
            raise CellProblem("too_long", f"{len(firm)} > {limit}")
    return {"partner_firms": firms}


def _strategic(text: str) -> Mapping[str, Any]:
    codes = [entry.code for entry in _strategic_entries(text)]
    return {"strategic_codes": list(dict.fromkeys(codes))}


def _strategic_entries(text: str) -> Iterator[Any]:
    for part in _LIST_MARKS.split(text):
        entry = parse_strategic(part)
        if entry is not None:
            yield entry


#: Reader of each column that stands alone.
READERS: Final[Mapping[str, Callable[[str], Mapping[str, Any]]]] = {
    column.field: _alone(column.field)
    for column in COLUMNS
    if column.part == BASE and column.targets and column.field != "org_unit"
} | {
    "maturity": _maturity,
    "industry": _industry,
    "cities": _cities,
    "firms": _firms,
    "strategic": _strategic,
}
