"""From a dossier to the cells of the national template: its own row and the rows for further statuses and intents.

The export writes these cells; the import reads them back to see what a file says otherwise, so that a file which
was exported changes nothing.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import Final

from inventory import vocabulary
from inventory.classification.industries import INDUSTRIES
from inventory.classification.strategic import STRATEGIC
from inventory.dossier_content import Content, Intent, Status, needs_product
from inventory.numbers import display
from portal.text import clean

#: A cell as it is written: text, or an amount.
Written = str | Decimal
#: Cells of one row by the field of their column; blank ones are left out.
Cells = dict[str, Written]

_LEVEL1: Final = dict(vocabulary.STATUS_LEVEL1)
_LEVEL2: Final = dict(vocabulary.STATUS_LEVEL2)
_INTENT1: Final = dict(vocabulary.INTENT_LEVEL1)
_INTENT2: Final = dict(vocabulary.INTENT_LEVEL2)
_STARS: Final = dict(vocabulary.STARS)
_YES_NO: Final = dict(vocabulary.YES_NO)
_MATURITY: Final = dict(vocabulary.MATURITY)
_PRICE_BANDS: Final = dict(vocabulary.PRICE_BANDS)


def content_rows(content: Content, contact: tuple[str, str]) -> list[Cells]:
    """Columns G to AC of a dossier: at least one row; ``contact`` is who is asked, the default one included."""
    statuses = [status_cells(one) for one in content.statuses]
    intents = [intent_cells(one) for one in content.intents]
    marks = [
        {**(status or {}), **(intent or {})} for status, intent in zip_longest(statuses, intents)
    ] or [{}]
    return [base_cells(content, contact) | marks[0], *marks[1:]]


def base_cells(content: Content, contact: tuple[str, str]) -> Cells:
    """The cells that stand in the first row only."""
    funded = content.is_publicly_funded
    return _filled(
        {
            "bundle_title": content.combination_name,
            "bundle_numbers": ",".join(map(display, content.combination_numbers)),
            "bundle_text": content.combination_note,
            "is_publicly_funded": "" if funded is None else _YES_NO[funded],
            "cities": ",".join(content.partner_cities),
            "firms": ",".join(content.partner_firms),
            "price_band": _PRICE_BANDS.get(content.price_band, ""),
            "contact_name": contact[0],
            "contact": contact[1],
            "maturity": _MATURITY.get(content.maturity, ""),
            "stars": "" if content.stars is None else _STARS[content.stars],
            "advantages": content.advantages,
            "industry": _industry(content),
            "outlook": content.prospects,
            "strategic": "；".join(
                STRATEGIC[code].path for code in content.strategic_codes if code in STRATEGIC
            ),
        }
    )


@lru_cache(maxsize=4096)
def status_cells(status: Status) -> Cells:
    """Columns L to O of one status. The same few stand in thousands of dossiers; not to be changed."""
    level1 = _LEVEL1[status.level1]
    if status.level1 == "custom":
        level1 = status.wording or level1
    return _filled(
        {
            "status_level1": level1,
            "status_level2": _status_level2(status),
            "status_detail": _detail(status),
            "remark": status.remark,
        }
    )


@lru_cache(maxsize=4096)
def intent_cells(intent: Intent) -> Cells:
    """Columns P to R of one intent; likewise."""
    level2 = _INTENT2.get(intent.level2, "")
    if intent.level2 == "custom":
        level2 = intent.wording or level2
    return _filled(
        {
            "intent_level1": _INTENT1[intent.level1],
            "intent_level2": level2,
            "fee_standard": "" if intent.fee is None else intent.fee,
        }
    )


def in_one_line(cells: Mapping[str, Written]) -> str:
    """The cells of a mark as one text, for the preview."""
    return " / ".join(cell_text(cell) for cell in cells.values())


def cell_text(cell: Written) -> str:
    """A written cell as the reader of workbooks gives it back."""
    return format(cell.normalize(), "f") if isinstance(cell, Decimal) else cell


def _status_level2(status: Status) -> str:
    if status.level1 == "custom":
        return ""
    if not vocabulary.STATUS_LEVEL2_OF[status.level1]:
        return vocabulary.NOTHING_TO_FILL_IN
    word = _LEVEL2.get(status.level2, "")
    return (status.wording or word) if status.level2 == "custom" else word


def _detail(status: Status) -> Written:
    """Column N holds what the status asks for: the product, the result of the report, or the amount."""
    if needs_product(status):
        return status.product_name
    if status.level1 == "has_report":
        return status.report_result
    return "" if status.amount is None else status.amount


def _industry(content: Content) -> str:
    division = INDUSTRIES.get(content.industry + content.industry_division)
    return division.path if division else ""


def _filled(cells: Mapping[str, Written]) -> Cells:
    cleaned = {
        name: clean(cell) if isinstance(cell, str) else cell
        for name, cell in cells.items()
        if cell != ""
    }
    return {name: cell for name, cell in cleaned.items() if cell != ""}
