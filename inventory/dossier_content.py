"""What a person fills in about one patent, as plain data, and what follows from it (docs/rules.md).

Pure: no ORM. ``inventory.rules`` says what is wrong with it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as own
from decimal import Decimal
from typing import Any, Final, Literal

from django.utils.functional import Promise

from inventory import vocabulary
from portal.text import compact

Level = Literal["error", "notice"]

STARS_WITH_TEXTS: Final = 3

#: Old files wrote contract and plan in one word; nobody knows which was meant, so it never counts as done.
_PLAN_WORDING: Final = re.compile(r"列入.*计划")


@dataclass(frozen=True, slots=True)
class Status:
    """One 实施状态 (columns L to O)."""

    level1: str
    level2: str = ""
    wording: str = ""
    amount: Decimal | None = None
    product_name: str = ""
    report_result: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """One 转化意愿 (columns P to R)."""

    level1: str
    level2: str = ""
    wording: str = ""
    fee: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a person fills in about one patent; the field names are those of the model."""

    statuses: tuple[Status, ...] = ()
    intents: tuple[Intent, ...] = ()
    combination_name: str = ""
    combination_numbers: tuple[str, ...] = ()
    combination_note: str = ""
    is_publicly_funded: bool | None = None
    funding_kind: str = ""
    funding_name: str = ""
    funding_number: str = ""
    partner_cities: tuple[str, ...] = ()
    partner_firms: tuple[str, ...] = ()
    price_band: str = ""
    uses_default_contact: bool = True
    contact_name: str = ""
    contact_phone: str = ""
    maturity: str = ""
    stars: int | None = None
    advantages: str = ""
    industry: str = ""
    industry_division: str = ""
    prospects: str = ""
    strategic_codes: tuple[str, ...] = ()
    # whether the institution has a default contact that the switch can stand for
    has_default_contact: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: the field (``statuses.0.amount`` for a mark), the rule, and what to do."""

    field: str
    rule: str
    level: Level
    message: Promise
    params: dict[str, Any] = own(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The message with its values, in the language of the reader."""
        return str(self.message) % self.params if self.params else str(self.message)

    @property
    def base(self) -> str:
        """The field of the dossier: ``statuses`` for ``statuses.0.amount``."""
        return self.field.partition(".")[0]

    @property
    def is_error(self) -> bool:
        return self.level == "error"


# --- what follows from the statuses ---------------------------------------------------------------


def is_unsuitable(statuses: Iterable[Status]) -> bool:
    """R1: about to be abandoned, in dispute or otherwise unsuitable; such a patent never enters the pool."""
    return any(status.level1 in vocabulary.STATUS_UNSUITABLE for status in statuses)


def is_transformed(statuses: Iterable[Status]) -> bool:
    """Whether one of the statuses counts as 已转化: done, not planned."""
    return any(_is_done(status) for status in statuses)


def is_plan(status: Status) -> bool:
    """A 已列入…计划, also in the ambiguous wording of old files (docs/rules.md)."""
    if status.level2 in vocabulary.STATUS_PLANS:
        return True
    return bool(_PLAN_WORDING.search(compact(status.wording)))


def _is_done(status: Status) -> bool:
    if status.level1 not in vocabulary.STATUS_NEEDS_AMOUNT or is_plan(status):
        return False
    # the template has no list under 已自行产业化: the first level says it all
    return bool(status.level2) or status.level1 == "self_industrialised"


def needs_product(status: Status) -> bool:
    """R6: industrialised by the licensee or by a partner."""
    return status.level2 in vocabulary.STATUS_NEEDS_PRODUCT


def needs_amount(status: Status) -> bool:
    """R4: money has been agreed on, so its amount is compulsory."""
    return takes_amount(status) and status.level2 != "in_patent_pool" and not is_plan(status)


def takes_amount(status: Status) -> bool:
    """Column N is an amount; it may stay blank for plans and patent pools."""
    return status.level1 in vocabulary.STATUS_NEEDS_AMOUNT and not needs_product(status)


def needs_texts(content: Content) -> bool:
    """R2 and R3: three stars and more need columns Z and AB."""
    is_starred = content.stars is not None and content.stars >= STARS_WITH_TEXTS
    return is_starred and not is_unsuitable(content.statuses)


def needed_fields(content: Content, kind: str) -> frozenset[str]:
    """Fields that must be filled as things stand, marks by position: what the page shows as necessary."""
    needed = {"statuses", "is_publicly_funded"}
    if not content.uses_default_contact or not content.has_default_contact:
        needed |= {"contact_name", "contact_phone"}
    if not is_unsuitable(content.statuses):
        needed |= {"intents", "price_band", "maturity", "stars", "industry"}
    if needs_texts(content):
        needed |= {"advantages", "prospects"}
    for place, status in enumerate(content.statuses):
        needed |= {f"statuses.{place}.{name}" for name in _needed_of_status(status)}
    for place, intent in enumerate(content.intents):
        needed |= {f"intents.{place}.{name}" for name in _needed_of_intent(intent)}
    return frozenset(needed)


def _needed_of_status(status: Status) -> Iterator[str]:
    yield "level1"
    if len(vocabulary.STATUS_LEVEL2_OF.get(status.level1, ())) > 1:
        yield "level2"
    if "custom" in (status.level1, status.level2):
        yield "wording"
    if needs_product(status):
        yield "product_name"
    if needs_amount(status):
        yield "amount"
    if status.level1 == "has_report":
        yield "report_result"


def _needed_of_intent(intent: Intent) -> Iterator[str]:
    yield "level1"
    if len(vocabulary.INTENT_LEVEL2_OF.get(intent.level1, ())) > 1:
        yield "level2"
    if intent.level2 == "custom":
        yield "wording"
