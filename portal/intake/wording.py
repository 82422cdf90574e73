"""Words of what the kernel itself finds odd in a file; the rest is the importer's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.intake.registry import Importer, IssueWords

# marks of portal.spreadsheets.reading.RawRow that are worth a word
MARK_RULES: Mapping[str, str] = {
    "long": "file_row_long",
    "undecodable": "file_undecodable",
    "open_quote": "file_open_quote",
}

_WORDS: Mapping[str, tuple[Any, Any]] = {
    "file_row_long": (
        _("More cells than the head"),
        _(
            "This row has more cells than the head has columns; the surplus is not read. A separator inside a text "
            "must stand in quotation marks."
        ),
    ),
    "file_undecodable": (
        _("Unreadable characters"),
        _(
            "Some characters of this row could not be read. Save the list again as .xlsx or CSV UTF-8."
        ),
    ),
    "file_open_quote": (
        _("Quotation mark not closed"),
        _("A quotation mark opens here and is not closed. Close it and upload the file again."),
    ),
}


def words_of(importer: Importer, rule: str, params: Mapping[str, Any]) -> IssueWords:
    """An issue in the reader's language."""
    if rule in _WORDS:
        title, text = _WORDS[rule]
        return IssueWords(str(title), str(text))
    return importer.words(rule, params)
