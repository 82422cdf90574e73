"""What a cell parser raises, and the sentences a person reads for each code."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.numbers import EXPECTED as NUMBER_EXPECTED

#: What was expected instead, by code. Codes of numbers come from ``inventory.numbers``.
EXPECTED: Final[dict[str, Promise]] = {
    **NUMBER_EXPECTED,
    "date": _("A date, for example 2018-03-09."),
    "date_year_only": _("A full date; a year alone is not enough."),
    "date_month_only": _("A full date; year and month alone are not enough."),
    "date_impossible": _("A day that exists in the calendar."),
    "date_range": _("A date from 1985 to 2100."),
    "kind_of_patent": _("Invention, utility model or design."),
    "ipc": _("IPC symbols such as H02K17/02, separated by semicolons."),
    "locarno": _("Locarno classes such as 14-02, separated by semicolons."),
    "money": _("Digits only, in units of 10,000 yuan."),
    "money_unit": _("Digits only, in units of 10,000 yuan, without the unit."),
    "money_negotiable": _("Digits only; put an open price in the price band."),
    "money_negative": _("An amount of 0 or more."),
    "money_grouping": _(
        "An amount with a point before the decimals and commas at the thousands only."
    ),
    "integer": _("A whole number of 0 or more."),
    "stars": _("One of the five grades from one star to five stars."),
    "yes_no": _("Yes or no."),
    "maturity": _("One of the four stages of maturity in the national template."),
    "price_band": _("One of the twelve price bands of the national template."),
    "status_level1": _("A first-level status; the second level alone does not say which."),
    "status_mismatch": _("A second-level status that belongs to the first level beside it."),
    "status_nothing_here": _("Nothing; this first-level status has no second level."),
    "intent_level1": _("License, transfer or own use as the first-level intent."),
    "intent_mismatch": _("A second-level intent that belongs to the first level beside it."),
    "city": _("Province and city joined by a hyphen, for example 广东省-深圳市 or 北京市-海淀区."),
    "too_many_firms": _("At most ten firms."),
    "too_many_numbers": _("At most nine application numbers."),
    "too_long": _("A shorter text."),
    "industry": _("A section or division of GB/T 4754-2017, for example C or C35."),
    "class_code": _("A code whose group or division exists."),
    "strategic": _("A branch or group of the strategic emerging industries, for example 1.1."),
}


class CellProblem(ValueError):
    """A cell that cannot be taken as it is.

    ``code`` is a key of ``EXPECTED``, ``value`` the cell as text, ``expected`` a translated sentence,
    ``suggestion`` the text to put in its place or "" (offered to a person, never applied unseen).
    """

    def __init__(self, code: str, value: object, suggestion: str = "") -> None:
        super().__init__(code, value, suggestion)
        self.code = code
        self.value = str(value)
        self.suggestion = suggestion

    @property
    def expected(self) -> Promise:
        """Return the sentence that says what should stand there."""
        return EXPECTED[self.code]
