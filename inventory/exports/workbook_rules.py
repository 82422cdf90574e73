"""The rules of a round-trip workbook in Excel's own data validation; what is refused says what was expected.

Lists that the national template closes are closed (K, U, X, Y); where it takes own words the person is asked once.
Sources: rules R4 to R9 of docs/rules.md and the heads of the template.
"""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from inventory.importing.columns import BY_FIELD, FIRST_DATA_ROW, PLACES

_ROW: Final = FIRST_DATA_ROW
#: First levels whose column N is an amount, unless the second level is about a product (R4, R6).
_IS_AMOUNT: Final = (
    f'AND(OR($L{_ROW}="已许可",$L{_ROW}="已转让",$L{_ROW}="已自行产业化"),'
    f'ISERROR(FIND("实现产业化",$M{_ROW})))'
)
_MOST_COMBINED: Final = 9
_MOST_FIRMS: Final = 10
#: Texts and the most characters they take, by column.
_LENGTHS: Final = {
    "H": 50,
    "J": 500,
    "O": BY_FIELD["remark"].limit,
    "V": BY_FIELD["contact_name"].limit,
    "W": BY_FIELD["contact"].limit,
    "Z": 500,
    "AB": 500,
}


def add_rules(page: Any, last: int) -> None:
    """Put the rules on the answer columns, from the first patent to row `last`."""
    for letter, rule in {**_lists(), **_amounts(), **_texts(), **_counted()}.items():
        place = PLACES[letter]
        page.data_validation(FIRST_DATA_ROW - 1, place, last - 1, place, rule)


def _lists() -> dict[str, dict[str, Any]]:
    return {
        "K": _closed("=opt_yes_no"),
        "L": _with_own_words("=opt_status"),
        "M": _with_own_words(_below("status", "L")),
        "P": _closed("=opt_intent"),
        "Q": _with_own_words(_below("intent", "P")),
        "U": _closed("=opt_price"),
        "X": _closed("=opt_maturity"),
        "Y": _closed("=opt_stars"),
        "AA": _closed("=opt_industry"),
        "AC": _with_own_words(
            "=opt_strategic",
            _("One of the list, or several codes or names with semicolons between."),
        ),
    }


def _below(kind: str, letter: str) -> str:
    """The second levels that belong to the first level beside the cell."""
    at = f"MATCH(${letter}{_ROW},opt_{kind},0)"
    return f"=OFFSET(opt_{kind}_below,0,{at}-1,INDEX(opt_{kind}_count,{at}),1)"


def _closed(source: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_type": "stop",
        "error_title": _("Not in the list"),
        "error_message": _("Choose a value of the list."),
    }


def _with_own_words(source: str, text: str = "") -> dict[str, Any]:
    """A list that asks once before it takes something else."""
    usual = _("This is no value of the list. It is kept as your own words if you continue.")
    return {
        "validate": "list",
        "source": source,
        "error_type": "warning",
        "error_title": _("Not in the list"),
        "error_message": text or usual,
    }


def _amounts() -> dict[str, dict[str, Any]]:
    title = _("Not an amount")
    text = _("Digits only, in units of 10,000 yuan, not below zero.")
    return {
        "N": {
            "validate": "custom",
            "value": f"=IF({_IS_AMOUNT},AND(ISNUMBER($N{_ROW}),$N{_ROW}>=0),LEN($N{_ROW})<=200)",
            "error_title": title,
            "error_message": text,
        },
        "R": {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": 99_999_999,
            "error_title": title,
            "error_message": text,
        },
    }


def _texts() -> dict[str, dict[str, Any]]:
    return {
        letter: {
            "validate": "length",
            "criteria": "<=",
            "value": most,
            "error_title": _("Text too long"),
            "error_message": _("At most %(most)s characters.") % {"most": most},
        }
        for letter, most in _LENGTHS.items()
    }


def _counted() -> dict[str, dict[str, Any]]:
    """Lists in one cell: so many values at most, commas of either width between."""
    return {
        "I": _at_most("I", _MOST_COMBINED, _("At most nine application numbers, commas between.")),
        "T": _at_most("T", _MOST_FIRMS, _("At most ten full names, commas between.")),
        "S": {
            "validate": "custom",
            "value": f'=ISNUMBER(FIND("-",$S{_ROW}))',
            "error_title": _("City not readable"),
            "error_message": _(
                "Province and city joined by a hyphen, commas between: 广东省-深圳市,北京市-海淀区"
            ),
        },
    }


def _at_most(letter: str, most: int, text: str) -> dict[str, Any]:
    cell = f"${letter}{_ROW}"
    plain = f'SUBSTITUTE({cell},"，",",")'
    return {
        "validate": "custom",
        "value": f'=LEN({plain})-LEN(SUBSTITUTE({plain},",",""))<{most}',
        "error_title": _("Too many values"),
        "error_message": text,
    }
