"""Words of what the kernel itself finds odd in a file (the rest is the importer's), and consequences as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portal.choices import RowOutcome, UndoOutcome
from portal.intake.registry import Importer, IssueWords
from portal.templatetags.portal_tags import whole

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


# --- consequences as one sentence -------------------------------------------------------------------------


def would_do(counts: Mapping[str, Any]) -> str:
    """What confirming does, from the counts of a preview."""
    if counts["refused"]:
        words = gettext(
            "Adds %(added)s, changes %(changed)s, leaves %(unchanged)s; %(refused)s need you."
        )
    else:
        words = gettext(
            "Adds %(added)s, changes %(changed)s, leaves %(unchanged)s; nothing needs you."
        )
    return words % _written(counts, RowOutcome.values)


def did(counts: Mapping[str, Any]) -> str:
    """What was written, from the counts of an applied import."""
    words = gettext(
        "Added %(added)s, changed %(changed)s, left %(unchanged)s, not taken %(refused)s."
    )
    return words % _written(counts, RowOutcome.values)


def undid(counts: Mapping[str, Any]) -> str:
    """Rows by what became of them when an import was taken back."""
    words = gettext("Taken back %(taken_back)s, in part %(partly)s; %(kept)s stay.")
    return words % _written(counts, UndoOutcome.values)


def _written(counts: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: whole(counts.get(name, 0)) for name in names}
