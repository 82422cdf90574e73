"""The rules of the national template in words: a title for the group, and what was expected and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.importing import base_words
from inventory.importing.columns import BY_FIELD
from inventory.importing.number_offers import in_words
from inventory.importing.problems import EXPECTED
from portal.intake.registry import IssueWords

#: Titles of broken rules of the template; the text comes from inventory.rules.
RULE_TITLES: Final[Mapping[str, Any]] = {
    "K": _("Public funding not stated"),
    "L": _("Implementation status missing"),
    "L-M": _("Implementation status incomplete"),
    "P": _("Transfer intent missing"),
    "P-Q": _("Transfer intent incomplete"),
    "R": _("Fee standard wrong"),
    "R3": _("Application scene incomplete"),
    "R4": _("Amount missing"),
    "R5": _("Evaluation report"),
    "R6": _("Product missing"),
    "R7": _("Patent combination wrong"),
    "R8": _("City to co-operate with not readable"),
    "R9": _("Too many enterprises"),
    "U": _("Price expected missing"),
    "V": _("Contact missing"),
    "W": _("Contact missing"),
    "X": _("Maturity missing"),
    "Y": _("Own rating missing"),
    "AC": _("Strategic emerging industry unknown"),
}
#: Titles of what a cell parser found; the text is the parser's own sentence.
CELL_TITLES: Final[Mapping[str, Any]] = {
    "money": _("Amount not readable"),
    "money_unit": _("Amount with a unit"),
    "money_negotiable": _("Words instead of an amount"),
    "money_negative": _("Amount below zero"),
    "money_grouping": _("Amount not readable"),
    "status_level1": _("First-level status not clear"),
    "status_mismatch": _("Status levels do not belong together"),
    "status_nothing_here": _("This status has no second level"),
    "intent_level1": _("First-level intent not known"),
    "intent_mismatch": _("Intent levels do not belong together"),
    "stars": _("Own rating not readable"),
    "yes_no": _("Neither yes nor no"),
    "maturity": _("Maturity not known"),
    "price_band": _("Price band not known"),
    "city": _("City to co-operate with not readable"),
    "too_many_firms": _("Too many enterprises"),
    "too_many_numbers": _("Too many patents in the combination"),
    "industry": _("Industry not known"),
    "strategic": _("Strategic emerging industry unknown"),
}
#: Rules about rows, as (title, text); `%(…)s` are filled from the issue's parameters.
ROW_WORDS: Final[Mapping[str, tuple[Any, Any]]] = {
    "R10": (
        _("Row without a patent above"),
        _("A row without an application number continues the patent above it; there is none."),
    ),
    "R11": (
        _("Application number repeated"),
        _("The same number stands in row %(lines)s. Keep one of the rows and upload again."),
    ),
    "R12": (
        _("Unit not known"),
        _(
            "The name of your institution or of one of its units, as they stand in the unit tree of this account."
        ),
    ),
    "base_in_continuation": (
        _("Base information in a continuation row"),
        _(
            "Write it in the first row of the patent; rows below hold further statuses and intents only."
        ),
    ),
    "status_missing": (
        _("Status missing beside its amount or remark"),
        _("Choose the first-level status in the same row, or clear the cell."),
    ),
    "intent_missing": (
        _("Intent missing beside its fee"),
        _("Choose the first-level intent in the same row, or clear the cell."),
    ),
    "detail_unexpected": (
        _("Nothing is expected here"),
        _("This status has no amount, result or product. Clear the cell or write it as a remark."),
    ),
    "money_range": (
        _("Amount out of range"),
        _("Below 100,000,000 and at most six decimals, in units of 10,000 yuan."),
    ),
    "too_long": (_("Text too long"), _("A shorter text.")),
    "status_legacy": (
        _("Older name of a status"),
        _("Contract and plan are one word here; it is kept and never counts as done."),
    ),
    "status_custom": (
        _("Own words as a status"),
        _("No value of the list: taken as your own wording. Choose from the list if one fits."),
    ),
    "level1_derived": (
        _("First level filled in"),
        _("Only the second level stood there; the first level that it belongs to was taken."),
    ),
    "title_differs": (
        _("Title differs from the register"),
        _("The register has “%(registered)s” and keeps it. Check that the number is right."),
    ),
    "unit_differs": (
        _("Dossier assigned to another unit"),
        _("It is assigned to %(unit)s and stays so. Assign it in the work list if that is wrong."),
    ),
    "not_listed": (
        _("Not on your base list"),
        _(
            "Import the base list or the vendor's export with this patent first, then this file again."
        ),
    ),
    "filed_elsewhere": (
        _("Filed by another holder"),
        _("The first holder files the dossier of a joint patent. Take the row out."),
    ),
    "not_in_unit": (
        _("Not among the dossiers of your unit"),
        _("Ask the institution to assign it to your unit, or take the row out."),
    ),
    "other_unit": (
        _("Row of another unit"),
        _(
            "It belongs to %(unit)s. Ask the institution to assign it to your unit, or take the row out."
        ),
    ),
    "key_forged": (
        _("Row key not valid"),
        _(
            "The hidden cells of this row were changed or come from elsewhere. Make the workbook again and copy your "
            "answers into it."
        ),
    ),
    "key_foreign": (
        _("Row of another institution"),
        _("The workbook was made for another institution. Take the row out."),
    ),
    "key_other_patent": (
        _("Row key of another patent"),
        _(
            "Number and hidden key of this row are of different patents: only some of the columns were sorted or "
            "moved. Sort whole rows, or make the workbook again."
        ),
    ),
    "key_missing": (
        _("Row without its key"),
        _(
            "It is matched by the application number, so changes made in the portal meanwhile cannot be told apart. "
            "Look at what changes before you confirm."
        ),
    ),
    "keys_missing": (
        _("Hidden columns of the workbook are missing"),
        _(
            "Rows are matched by the application number. What was changed in the portal meanwhile cannot be told "
            "apart from what was changed in the file; look at what changes before you confirm."
        ),
    ),
    "part_alone": (
        _("Further status without its patent"),
        _("The row of the patent itself is not in the file. Put it back, or take this row out."),
    ),
    "portal_changed": (
        _("Changed in the portal since the workbook was made"),
        _("Stays as it is in the portal: %(fields)s."),
    ),
    "portal_newer": (
        _("Changed in the portal since the last export or import"),
        _("Changed in the portal on %(day)s by %(name)s; the file would replace it: %(fields)s."),
    ),
    "conflict": (
        _("Changed in the file and in the portal"),
        _(
            "Both changed it to different values since the workbook was made. Choose which one stays."
        ),
    ),
    "in_review": (
        _("Dossier under review"),
        _("It takes no changes now. Have the reviewer return it first, then upload again."),
    ),
    "completed": (
        _("Dossier complete"),
        _(
            "It takes no changes now. Return it or reopen it for a revision first, then upload again."
        ),
    ),
    "in_pool": (
        _("Patent in the city pool"),
        _("It must leave the pool before this status is chosen."),
    ),
    "dossier_changed": (
        _("Dossier changed meanwhile"),
        _("Somebody changed it after the preview; nothing of this row was written. Upload again."),
    ),
}


def words(rule: str, params: Mapping[str, Any]) -> IssueWords:
    """An issue in the reader's language; of a group of issues, without parameters, only the title is of use."""
    if rule in RULE_TITLES and rule not in ROW_WORDS:
        text = _filled(params.get("message", ""), params.get("filled", {}))
        return IssueWords(str(RULE_TITLES[rule]), text)
    if rule in ROW_WORDS:
        title, text = ROW_WORDS[rule]
        if "fields" in params:
            labels = [str(BY_FIELD[name].label) for name in params["fields"]]
            params = {**params, "fields": labels}
        return IssueWords(str(title), str(text) % _Shown(params))
    if rule in CELL_TITLES:
        text = " ".join(filter(None, (str(EXPECTED[rule]), in_words(params))))
        return IssueWords(str(CELL_TITLES[rule]), text)
    return base_words.words(rule, params)


def _filled(message: str, values: Mapping[str, Any]) -> str:
    """A sentence of inventory.rules with its values; an expectation among them is a sentence, too."""
    if not message:
        return ""
    shown = {
        name: gettext(value) if name == "expected" else value for name, value in values.items()
    }
    text = gettext(message)
    return text % shown if shown else text


class _Shown(dict[str, Any]):
    """Parameters as people read them; what is not known is left open."""

    def __missing__(self, name: str) -> str:
        return "…"

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return "、".join(map(str, value)) if isinstance(value, list) else value
