"""The rules that all small tables share in words, and how a kind of table says its own beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portal.intake.registry import IssueWords

Words = Mapping[str, tuple[Any, Any]]

SHARED: Final[Words] = {
    "name_missing": (_("Name missing"), _("A row needs a name. Fill in the cell.")),
    "too_long": (_("Text too long"), _("At most %(limit)s characters. Shorten the cell.")),
    "destroyed": (
        _("Value destroyed by the spreadsheet"),
        _(
            "The spreadsheet no longer holds the value as written. Format the column as text, type the value again and "
            "upload the file again."
        ),
    ),
    "repeated": (
        _("Stands twice in the file"),
        _(
            "Row %(line)s says the same name or code. Keep one of the two rows, or correct what was mistyped."
        ),
    ),
    "changed_meanwhile": (
        _("Changed meanwhile"),
        _("Somebody changed this after the preview. Take the row up again and look at it anew."),
    ),
}


def in_words(table: Words, rule: str, params: Mapping[str, Any]) -> IssueWords:
    """A rule in the reader's language; without parameters only the title matters."""
    title, text = table[rule] if rule in table else SHARED[rule]
    return IssueWords(str(title), str(text) % params if params or "%(" not in str(text) else "")
