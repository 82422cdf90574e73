"""One pure parser per kind of cell: the value, or ``CellProblem`` with what was expected.

A blank cell gives None (or "" or an empty list where the type says so): whether a field may be empty is
the business of the rules, not of the parser, and 0 is a value, not a blank. Words of fixed lists are
in ``words``, status and intent in ``marks``, legal status in ``legal_status``.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from inventory.classification.industries import Industry, find_industry
from inventory.classification.regions import MUNICIPALITIES, find_district, province_at_start
from inventory.classification.strategic import StrategicIndustry, find_strategic
from inventory.importing.cells import Cell, cell_text, mark
from inventory.importing.problems import CellProblem
from inventory.numbers import (
    ApplicationNumber,
    NumberProblem,
    PublicationNumber,
    parse_application_number,
    parse_publication_number,
)
from portal.text import compact, split_names

MOST_FIRMS: Final = 10
MOST_BUNDLED: Final = 9
_WIDE: Final = "０１２３４５６７８９＋－．＠"
_CONTACT_SIGNS: Final = str.maketrans(_WIDE, unicodedata.normalize("NFKC", _WIDE))


# --- numbers of patents ------------------------------------------------------------------------------


def parse_number(cell: Cell) -> ApplicationNumber:
    """Read an application number; the codes of ``NumberProblem`` become those of ``CellProblem``."""
    try:
        return parse_application_number(cell)
    except NumberProblem as problem:
        raise CellProblem(problem.code, cell_text(cell), problem.suggestion) from problem


def parse_publication(cell: Cell) -> PublicationNumber | None:
    """Read a publication number; None for a blank cell."""
    if not mark(cell):
        return None
    try:
        return parse_publication_number(cell)
    except NumberProblem as problem:
        raise CellProblem(problem.code, cell_text(cell), problem.suggestion) from problem


_LIST_MARKS: Final = re.compile(r"[,，;；、|\n]+")


def parse_bundled_numbers(cell: Cell) -> list[str]:
    """Read 组合专利信息: at most nine application numbers, canonical, each once."""
    if not mark(cell):
        return []
    parts = [part for part in _LIST_MARKS.split(cell_text(cell)) if part.strip()]
    numbers = list(dict.fromkeys(parse_number(part.strip()).canonical for part in parts))
    if len(numbers) > MOST_BUNDLED:
        raise CellProblem("too_many_numbers", cell_text(cell))
    return numbers


# --- dates and amounts -------------------------------------------------------------------------------

_EXCEL_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(31_048, 73_416)  # 1985-01-01 to 2100-12-31 in the calendar of 1900
_YMD: Final = re.compile(
    r"(\d{4})(?:[-./年])(\d{1,2})(?:[-./月])(\d{1,2})日?(?:[t ]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?)?"
)
_PACKED: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_MONTH: Final = re.compile(r"\d{4}[-./年]\d{1,2}月?|(?:19|20)\d{2}(?:0[1-9]|1[0-2])")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}(?:年|\.0)?")
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?")


def parse_date(cell: Cell) -> date | None:
    """Read a day: ``2013.01.02``, ``20170503``, ``2024/9/11``, ``2018-03-09 00:00:00``, 1900 serials."""
    if isinstance(cell, datetime):
        return _in_range(cell.date(), cell)
    if isinstance(cell, date):
        return _in_range(cell, cell)
    text = mark(cell)
    if not text:
        return None
    match = _YMD.fullmatch(text) or _PACKED.fullmatch(text)
    if match:
        return _day(match, cell)
    serial = _SERIAL.fullmatch(text)
    if serial and int(serial[1]) in _SERIALS:
        return _EXCEL_EPOCH + timedelta(days=int(serial[1]))
    raise CellProblem(_date_code(text), cell_text(cell))


def _day(match: re.Match[str], cell: Cell) -> date:
    try:
        return _in_range(date(int(match[1]), int(match[2]), int(match[3])), cell)
    except CellProblem:
        raise
    except ValueError as error:
        raise CellProblem("date_impossible", cell_text(cell)) from error


def _in_range(day: date, cell: Cell) -> date:
    if not 1985 <= day.year <= 2100:
        raise CellProblem("date_range", cell_text(cell))
    return day


def _date_code(text: str) -> str:
    if _YEAR.fullmatch(text):
        return "date_year_only"
    return "date_month_only" if _MONTH.fullmatch(text) else "date"


_PLAIN_AMOUNT: Final = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")
_UNIT_AMOUNT: Final = re.compile(
    r"(?:人民币|rmb|¥|￥)?(-?[\d,]+(?:\.\d+)?)(万元|万|w|元|亿元|亿)?(?:人民币|整)*"
)
_TEN_THOUSANDS: Final = {
    "": Decimal(1),
    "万": Decimal(1),
    "万元": Decimal(1),
    "w": Decimal(1),
    "元": Decimal("0.0001"),
    "亿": Decimal(10_000),
    "亿元": Decimal(10_000),
}
_NEGOTIABLE: Final = ("面议", "协商", "商议", "待定", "面谈")


def parse_money(cell: Cell) -> Decimal | None:
    """Read an amount in 万元. 0 is an amount, a blank is None.

    ``1,234.50`` and full width are read. ``12万`` is a problem with the suggestion ``12``, ``5000元``
    one with ``0.5``: units are never applied unseen.
    """
    if isinstance(cell, Decimal):
        return _not_negative(cell, cell)
    text = mark(cell)
    if not text:
        return None
    if _PLAIN_AMOUNT.fullmatch(text):
        return _not_negative(Decimal(text.replace(",", "")), cell)
    if any(word in text for word in _NEGOTIABLE):
        raise CellProblem("money_negotiable", cell_text(cell))
    match = _UNIT_AMOUNT.fullmatch(text)
    if match is None:
        raise CellProblem("money", cell_text(cell))
    if not _PLAIN_AMOUNT.fullmatch(match[1]):
        raise CellProblem("money_grouping", cell_text(cell))
    amount = Decimal(match[1].replace(",", "")) * _TEN_THOUSANDS[match[2] or ""]
    raise CellProblem("money_unit", cell_text(cell), _plain(amount))


def _not_negative(amount: Decimal, cell: Cell) -> Decimal:
    if not amount.is_finite() or amount < 0:
        raise CellProblem("money_negative", cell_text(cell))
    return amount


def _plain(amount: Decimal) -> str:
    """Return an amount without exponent and without zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_integer(cell: Cell) -> int | None:
    """Read a whole number of 0 or more; ``8年`` and ``8.0`` are 8."""
    text = mark(cell).removesuffix("年").removesuffix("次").removesuffix(".0")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise CellProblem("integer", cell_text(cell))
    return int(text)


# --- classifications ---------------------------------------------------------------------------------

_IPC_GROUP: Final = re.compile(r"([A-H])(\d{2})([A-Z])(\d{1,4})/(\d{2,6})")
_IPC_SUBCLASS: Final = re.compile(r"(?<![A-Z0-9/])([A-H]\d{2}[A-Z])(?![A-Z0-9])")
_LOCARNO: Final = re.compile(r"(?<!\d)(\d{2})-(\d{2})(?!\d)")


def parse_ipc(cell: Cell) -> list[str]:
    """Read IPC symbols, each once and in order: ``H02K17/02(2006.01)I; B64C1/00`` gives two.

    Editions, levels and words between are dropped; a subclass alone (``H02K``) is kept.
    """
    text = unicodedata.normalize("NFKC", cell_text(cell)).upper()
    if not mark(cell) or not text.strip("?-; "):
        return []
    dense = re.sub(r"\s+(?=[A-Z]?\d{1,4}/\d)|(?<=/)\s+|\s+(?=/)", "", text)
    groups = [
        (found.start(), "{}{}{}{}/{}".format(*found.groups()))
        for found in _IPC_GROUP.finditer(dense)
    ]
    wholes = [(found.start(), found[1]) for found in _IPC_SUBCLASS.finditer(dense)]
    symbols = [symbol for _start, symbol in sorted(groups + wholes)]
    if not symbols:
        raise CellProblem("ipc", cell_text(cell))
    return list(dict.fromkeys(symbols))


def parse_locarno(cell: Cell) -> list[str]:
    """Read Locarno classes: ``14-02(10);14-04(10)`` gives ``14-02`` and ``14-04``."""
    key = mark(cell)
    if not key:
        return []
    classes = ["-".join(found.groups()) for found in _LOCARNO.finditer(key)]
    if not classes:
        raise CellProblem("locarno", cell_text(cell))
    return list(dict.fromkeys(classes))


def parse_industry(cell: Cell) -> Industry | None:
    """Read 国民经济行业分类; None for blank."""
    if not mark(cell):
        return None
    industry = find_industry(cell_text(cell))
    if industry is None:
        raise CellProblem("industry", cell_text(cell))
    return industry


def parse_strategic(cell: Cell) -> StrategicIndustry | None:
    """Read 战新分类; None for blank."""
    if not mark(cell):
        return None
    entry = find_strategic(cell_text(cell))
    if entry is None:
        raise CellProblem("strategic", cell_text(cell))
    return entry


# --- lists of names ----------------------------------------------------------------------------------

_CITY: Final = re.compile(r"(.{2,10}?)-(.{2,12})")
_CITY_ENDS: Final = ("市", "区", "县", "州", "盟", "地区", "林区", "开发区", "新区")


def parse_cities(cell: Cell) -> list[str]:
    """Read 意向合作城市: ``X省-Y市`` each, a district for a municipality (北京市-海淀区).

    A spelling that can be put right (``广东-深圳``, ``广东省深圳市``) is a problem with the whole
    cell, put right, as its suggestion.
    """
    if not mark(cell):
        return []
    parts = [compact(part) for part in _LIST_MARKS.split(cell_text(cell)) if part.strip()]
    cities = [_city(part) for part in parts]
    if None in cities:
        raise CellProblem("city", cell_text(cell))
    known = [city for city in cities if city is not None]
    if known != parts:
        raise CellProblem("city", cell_text(cell), ",".join(known))
    return list(dict.fromkeys(known))


def _city(part: str) -> str | None:
    """Return the place as the template wants it, or None when it names no province or no city."""
    province = province_at_start(part)
    if province is None:
        return None
    rest = part.removeprefix(province.name).removeprefix(province.short).strip("-")
    if province.code in MUNICIPALITIES:
        rest = rest.removeprefix("市").strip("-").removeprefix(province.name).strip("-")
        district = find_district(rest) if province.code == "11" else None
        rest = district.name if district else rest
    if len(rest) < 2:
        return None
    return f"{province.name}-{rest}" if rest.endswith(_CITY_ENDS) else f"{province.name}-{rest}市"


def parse_firms(cell: Cell) -> list[str]:
    """Read 意向合作企业: at most ten full names, either comma between."""
    firms = split_names(cell_text(cell))
    if len(firms) > MOST_FIRMS:
        raise CellProblem("too_many_firms", cell_text(cell))
    return firms


def parse_contact(cell: Cell) -> str:
    """Read a phone or mail address as typed, with digits and signs of any width."""
    return cell_text(cell).translate(_CONTACT_SIGNS)


def parse_text(cell: Cell, *, limit: int) -> str:
    """Read free text of at most ``limit`` characters; the suggestion is never a cut text."""
    text = cell_text(cell) if mark(cell) else ""
    if len(text) > limit:
        raise CellProblem("too_long", f"{len(text)} > {limit}")
    return text
