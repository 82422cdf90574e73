"""The rules of the national template about one dossier: what is needed, and what is wrong.

Pure: dataclasses in, problems out. The page, the review and the national importer ask the same
functions. Letters are the columns of the template, R1 to R9 its numbered rules; R10 to R12 are about
rows of a file and live with the importer.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory import vocabulary
from inventory.classification.industries import DIVISIONS, SECTION_NAMES
from inventory.classification.regions import MUNICIPALITIES, PROVINCES
from inventory.classification.strategic import STRATEGIC
from inventory.dossier_content import (
    Content,
    Intent,
    Problem,
    Status,
    is_plan,
    is_transformed,
    is_unsuitable,
    needed_fields,
    needs_amount,
    needs_product,
    needs_texts,
    takes_amount,
)
from inventory.numbers import NumberProblem, parse_application_number

# the vocabulary of this module, whichever of the two files holds a name
__all__ = [
    "CHECKS",
    "Content",
    "Intent",
    "Problem",
    "Status",
    "errors",
    "is_city",
    "is_plan",
    "is_transformed",
    "is_unsuitable",
    "needed_fields",
    "needs_amount",
    "needs_product",
    "needs_texts",
    "problems",
    "takes_amount",
]

MAX_COMBINATION_NAME: Final = 50
MAX_TEXT: Final = 500
MAX_COMBINATION_NUMBERS: Final = 9
MAX_FIRMS: Final = 10

_PRICE_BANDS: Final = frozenset(code for code, _word in vocabulary.PRICE_BANDS)
_MATURITIES: Final = frozenset(code for code, _word in vocabulary.MATURITY)
_SECTION_OF_DIVISION: Final = {entry.code[1:]: entry.section for entry in DIVISIONS}
_PROVINCE_CODE: Final = {
    name: province.code for province in PROVINCES for name in (province.name, province.short)
}
_CITY: Final = re.compile(r".+(?:市|州|盟|地区|林区|县|特别行政区)")
_DISTRICT: Final = re.compile(r".+(?:区|县)")


def problems(content: Content, patent_kind: str) -> list[Problem]:
    """Every broken rule of the dossier in the order of the template's columns."""
    return [found for check in CHECKS for found in check(content, patent_kind)]


def errors(content: Content, patent_kind: str) -> list[Problem]:
    """The problems that keep a dossier from being submitted."""
    return [found for found in problems(content, patent_kind) if found.is_error]


def _error(name: str, rule: str, message: Promise, **params: Any) -> Problem:
    return Problem(name, rule, "error", message, params)


def _notice(name: str, rule: str, message: Promise, **params: Any) -> Problem:
    return Problem(name, rule, "notice", message, params)


def check_combination(content: Content, kind: str) -> Iterator[Problem]:
    """R7 with columns H to J: at most nine right application numbers; name to 50, description to 500."""
    yield from _too_long("combination_name", "R7", content.combination_name, MAX_COMBINATION_NAME)
    count = len(content.combination_numbers)
    if count > MAX_COMBINATION_NUMBERS:
        yield _error(
            "combination_numbers",
            "R7",
            _("At most 9 application numbers; %(count)s are given."),
            count=count,
        )
    for text in content.combination_numbers:
        try:
            parse_application_number(text)
        except NumberProblem as problem:
            yield _error(
                "combination_numbers",
                "R7",
                _("“%(value)s” is not a right application number. Expected: %(expected)s"),
                value=text,
                expected=problem.expected,
            )
    yield from _too_long("combination_note", "R7", content.combination_note, MAX_TEXT)


def check_funding(content: Content, kind: str) -> Iterator[Problem]:
    """Column K is a strict list; a funded patent should name its project (a notice: the template has no column)."""
    if content.is_publicly_funded is None:
        yield _error(
            "is_publicly_funded",
            "K",
            _("Say whether the patent came from a publicly funded project."),
        )
    elif content.is_publicly_funded and not (content.funding_name or content.funding_number):
        yield _notice("funding_name", "K", _("Name the project or give its number."))


def check_statuses(content: Content, kind: str) -> Iterator[Problem]:
    """Columns L to O: at least one status, the cascade, and what goes with it (R4, R5, R6)."""
    if not content.statuses:
        yield _error("statuses", "L", _("Choose at least one implementation status."))
    for place, status in enumerate(content.statuses):
        at = f"statuses.{place}."
        yield from _status_levels(status, at)
        yield from _status_supplement(status, at)
        yield from _status_report(status, at, kind)


def _status_levels(status: Status, at: str) -> Iterator[Problem]:
    options = vocabulary.STATUS_LEVEL2_OF.get(status.level1)
    yield from _cascade(status.level1, status.level2, options, at, "L-M")
    if "custom" in (status.level1, status.level2) and not status.wording:
        yield _error(f"{at}wording", "L-M", _("Describe the status in your own words."))


def _cascade(
    level1: str, level2: str, options: vocabulary.Vocabulary | None, at: str, rule: str
) -> Iterator[Problem]:
    """A second level is one of its first level's, and compulsory where there is more than 自定义 to choose."""
    if options is None:
        yield _error(f"{at}level1", rule, _("Choose a value from the list."))
    elif level2 and level2 not in dict(options):
        yield _error(
            f"{at}level2", rule, _("This detail does not belong to the chosen first level.")
        )
    elif not level2 and len(options) > 1:
        yield _error(f"{at}level2", rule, _("Choose the detail."))


def _status_supplement(status: Status, at: str) -> Iterator[Problem]:
    if status.amount is not None and status.amount < 0:
        yield _error(f"{at}amount", "R4", _("An amount cannot be negative."))
    if needs_product(status):
        if not status.product_name:
            yield _error(f"{at}product_name", "R6", _("Name the product."))
    elif takes_amount(status) and status.amount is None:
        if needs_amount(status):
            yield _error(
                f"{at}amount",
                "R4",
                _("Give the amount in units of 10,000 yuan; 0 if nothing was paid."),
            )
        else:
            yield _notice(f"{at}amount", "R4", _("No amount given; that is allowed for plans."))


def _status_report(status: Status, at: str, kind: str) -> Iterator[Problem]:
    if status.level1 != "has_report":
        return
    if kind == "invention":
        yield _error(
            f"{at}level1", "R5", _("Only utility models and designs have an evaluation report.")
        )
    if not status.report_result:
        yield _error(f"{at}report_result", "R5", _("Give the result of the evaluation report."))


def check_intents(content: Content, kind: str) -> Iterator[Problem]:
    """Columns P to R: at least one intent unless R1, with its cascade."""
    if not content.intents and not is_unsuitable(content.statuses):
        yield _error("intents", "P", _("Choose at least one intent."))
    for place, intent in enumerate(content.intents):
        at = f"intents.{place}."
        options = vocabulary.INTENT_LEVEL2_OF.get(intent.level1)
        yield from _cascade(intent.level1, intent.level2, options, at, "P-Q")
        if intent.level2 == "custom" and not intent.wording:
            yield _error(f"{at}wording", "P-Q", _("Describe the intent in your own words."))
        if intent.fee is not None and intent.fee < 0:
            yield _error(f"{at}fee", "R", _("An amount cannot be negative."))


def check_partners(content: Content, kind: str) -> Iterator[Problem]:
    """R8 and R9: cities as province and city, at most ten enterprises."""
    for city in content.partner_cities:
        if not is_city(city):
            yield _error(
                "partner_cities",
                "R8",
                _(
                    "Write “%(value)s” as province and city, for example 广东省-深圳市 or 北京市-海淀区."
                ),
                value=city,
            )
    count = len(content.partner_firms)
    if count > MAX_FIRMS:
        yield _error(
            "partner_firms", "R9", _("At most 10 enterprises; %(count)s are given."), count=count
        )


def is_city(text: str) -> bool:
    """R8: 省-市; in the four municipalities 市-区 (北京市-海淀区)."""
    province, mark, city = text.strip().partition("-")
    code = _PROVINCE_CODE.get(province)
    if code is None or not mark:
        return False
    form = _DISTRICT if code in MUNICIPALITIES else _CITY
    return bool(form.fullmatch(city))


def check_price(content: Content, kind: str) -> Iterator[Problem]:
    """Column U: a strict list, required once an intent is named, unless R1."""
    if content.price_band:
        if content.price_band not in _PRICE_BANDS:
            yield _error("price_band", "U", _("Choose a value from the list."))
    elif content.intents and not is_unsuitable(content.statuses):
        yield _error("price_band", "U", _("Choose the price expected."))


def check_contact(content: Content, kind: str) -> Iterator[Problem]:
    """Columns V and W: always needed, R1 included; the institution's default stands in for both."""
    if content.uses_default_contact and content.has_default_contact:
        return
    if content.uses_default_contact:
        yield _error(
            "uses_default_contact",
            "V",
            _("The institution has no default contact yet. Name a contact here."),
        )
        return
    if not content.contact_name:
        yield _error("contact_name", "V", _("Name a contact."))
    if not content.contact_phone:
        yield _error("contact_phone", "W", _("Give a phone number or mail address."))


def check_value(content: Content, kind: str) -> Iterator[Problem]:
    """Columns X and Y: strict lists, required unless R1."""
    is_free = is_unsuitable(content.statuses)
    if content.maturity and content.maturity not in _MATURITIES:
        yield _error("maturity", "X", _("Choose a value from the list."))
    elif not content.maturity and not is_free:
        yield _error("maturity", "X", _("Choose the maturity of the technology."))
    if content.stars is not None and not 1 <= content.stars <= 5:
        yield _error("stars", "Y", _("Choose a value from the list."))
    elif content.stars is None and not is_free:
        yield _error("stars", "Y", _("Rate the value of the patent with one to five stars."))


def check_texts(content: Content, kind: str) -> Iterator[Problem]:
    """R2 and R3: from three stars on both texts are needed; never more than 500 characters."""
    missing = {
        "advantages": _("Describe product, technical advantages and performance."),
        "prospects": _("Describe the prospects of industrialisation."),
    }
    for name, message in missing.items():
        text: str = getattr(content, name)
        if not text and needs_texts(content):
            yield _error(name, "R3", message)
        yield from _too_long(name, "R3", text, MAX_TEXT)


def check_industry(content: Content, kind: str) -> Iterator[Problem]:
    """Column AA: required unless R1, whatever the stars; column AC by its own list."""
    if not content.industry:
        if not is_unsuitable(content.statuses):
            yield _error("industry", "R3", _("Choose the industry."))
    elif content.industry not in SECTION_NAMES:
        yield _error("industry", "R3", _("Choose a value from the list."))
    division = content.industry_division
    if division and _SECTION_OF_DIVISION.get(division) != content.industry:
        yield _error(
            "industry_division", "R3", _("This division does not belong to the chosen section.")
        )
    if any(code not in STRATEGIC for code in content.strategic_codes):
        yield _error("strategic_codes", "AC", _("Choose values from the list."))


def _too_long(name: str, rule: str, text: str, limit: int) -> Iterator[Problem]:
    if len(text) > limit:
        yield _error(
            name,
            rule,
            _("At most %(limit)s characters; this has %(length)s."),
            limit=limit,
            length=len(text),
        )


#: The specification, in the order of the template's columns.
CHECKS: Final[Sequence[Callable[[Content, str], Iterator[Problem]]]] = (
    check_combination,
    check_funding,
    check_statuses,
    check_intents,
    check_partners,
    check_price,
    check_contact,
    check_value,
    check_texts,
    check_industry,
)
