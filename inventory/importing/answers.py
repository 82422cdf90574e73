"""The importer of the national platform's answers: which patents of a batch it accepted, which it returned and why.

No public sample of such a list is known: columns are recognised by their heads (header_table) and by application
numbers that pass the check; everything else is shown and confirmed as ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.choices import DossierState, ItemOutcome
from inventory.importing import base_words, number_offers
from inventory.importing.answers_checks import APPLICATIONS, CHECKS
from inventory.importing.answers_rows import AnswerReader
from inventory.importing.answers_undo import UNDOES, changed_since
from inventory.importing.base_rows import plain
from inventory.importing.headers import REASONS, Recognition, recognise
from inventory.importing.problems import CellProblem
from inventory.models import UploadBatch
from inventory.numbers import display
from inventory.permissions import can_prepare_uploads
from inventory.services.upload_answers import ANSWERABLE
from portal.intake.registry import (
    ColumnGuess,
    Importer,
    IssueWords,
    Option,
    Shape,
    SheetSample,
    SubjectReader,
)
from portal.models import ImportBatch, ImportRow, Membership
from portal.spreadsheets.reading import Cell

#: A list with the platform's message is an answer, whatever else stands in it; a status alone is less certain.
CONFIDENCE: Final = 85
MOST_CONFIDENT: Final = 100
NEWEST: Final = 20
WORDS: Final[Mapping[str, tuple[Any, Any]]] = {
    "no_batch": (
        _("No upload batch chosen"),
        _("Say which batch the platform answered; only uploaded ones are offered."),
    ),
    "not_in_batch": (
        _("Not in this batch"),
        _("No patent with this number was sent in the batch; look whether it is another one."),
    ),
    "no_answer": (
        _("Neither accepted nor returned"),
        _("The row has no message, and its status is none that is known."),
    ),
    "repeated": (
        _("Several messages about one patent"),
        _("They are kept together in the first of its rows."),
    ),
}


class AnswerImporter(Importer):
    """One row, one patent of the batch; several rows about one patent are joined."""

    kind = "platform"
    label = _("The national platform's answer")
    hint = _("The list of errors or results that the platform gives back for an uploaded batch.")
    fields: Mapping[str, Any] = {
        "sequence": _("Number in the file"),
        "application_number": _("Application number"),
        "title": _("Title"),
        "platform_status": _("Status"),
        "platform_message": _("Message"),
    }
    required = frozenset({"application_number"})
    headline_heads = (_("Application number"), _("Title"))
    number_field = "application_number"
    change_labels: Mapping[str, Any] = {"outcome": _("Outcome"), "message": _("Message")}
    tallies: Mapping[str, Any] = {
        "returned": _("patents returned by the platform"),
        "accepted": _("patents accepted by the platform"),
    }
    checks = CHECKS
    applications = APPLICATIONS
    undoes = UNDOES
    undo_hint = _(
        "Patents stand with the platform as before the answer was imported; what was returned by mistake leaves the "
        "to-do lists. People keep the notices they were sent."
    )

    def may_import(self, membership: Membership) -> bool:
        return can_prepare_uploads(membership) and membership.organisation.is_institution

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """The visible sheet whose head says most, if it has a message or a status beside the numbers."""
        found = [(recognise(_texts(sheet)), sheet) for sheet in sheets]
        found = [(one, sheet) for one, sheet in found if _is_answer(one, sheet)]
        if not found:
            return None
        best, sheet = max(found, key=lambda pair: (pair[1].state == "visible", pair[0].score))
        head = best.header_row_index
        has_message = "platform_message" in best.fields
        return Shape(
            kind=self.kind,
            confidence=MOST_CONFIDENT + 1 if has_message else CONFIDENCE,
            sheet=sheet.index,
            header_row=0 if head is None else sheet.rows[head].row,
            columns=self._columns(best),
        )

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        return AnswerReader(shape)

    def offers(self, params: Mapping[str, Any]) -> Sequence[str]:
        return number_offers.texts(params) or super().offers(params)

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        if rule in WORDS:
            title, text = WORDS[rule]
            return IssueWords(str(title), str(text))
        return base_words.words(rule, params)

    def headline(self, row: ImportRow) -> tuple[str, str]:
        return display(row.values.get("number", "")), row.values.get("title", "")

    def is_current(self, batch: ImportBatch) -> bool:
        """Whether the batch still takes answers."""
        upload = batch.options.get("upload")
        return bool(upload) and UploadBatch.objects.filter(pk=upload, state__in=ANSWERABLE).exists()

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        return changed_since(batch)

    def tally(self, batch: ImportBatch) -> dict[str, int]:
        good = batch.rows.exclude(outcome="refused")
        return {
            outcome.value: good.filter(values__outcome=outcome.value).count()
            for outcome in (ItemOutcome.RETURNED, ItemOutcome.ACCEPTED)
        }

    def next_act(self, batch: ImportBatch) -> tuple[str, str]:
        upload = batch.options["upload"]
        return gettext("To the upload batch"), reverse("inventory:upload-detail", args=[upload])

    def options(self, membership: Membership) -> Sequence[Option]:
        """Which batch was answered, and what is meant by patents that are not on the list."""
        answerable = UploadBatch.objects.visible_to(membership).filter(
            institution=membership.organisation_id, state__in=ANSWERABLE
        )
        batches = answerable.order_by("-number")[:NEWEST]
        choices = [(str(one.pk), _batch_label(one)) for one in batches]
        return (
            Option(
                name="upload",
                label=_("Answer to the upload batch"),
                choices=[*choices, ("", _("None: this is no answer of the platform"))],
                initial=choices[0][0] if choices else "",
                hint=_("For answers of the national platform only."),
            ),
            Option(
                name="rest",
                label=_("Patents of the batch that are not on the list"),
                choices=[
                    ("open", _("have no answer yet")),
                    ("accepted", _("were accepted: the list names failures only")),
                ],
                initial="open",
                hint=_("For answers of the national platform only."),
            ),
        )

    def shown(self, field_name: str, value: Any) -> str:
        if field_name == "outcome":
            return str(dict(ItemOutcome.choices).get(value, value))
        return super().shown(field_name, value)

    def reason_words(self, reason: str) -> str:
        return str(REASONS.get(reason, ""))

    def _columns(self, found: Recognition) -> tuple[ColumnGuess, ...]:
        columns = [
            ColumnGuess(index, one.header, one.field, one.confidence, one.reason)
            if one.field in self.fields
            else ColumnGuess(index, one.header, reason="not_imported")
            for index, one in found.columns.items()
        ]
        columns += [ColumnGuess(i, head, confidence=0, is_known=False) for i, head in found.unknown]
        columns += [ColumnGuess(one.index, one.header, reason=one.reason) for one in found.ignored]
        return tuple(sorted(columns, key=lambda column: column.index))


def _batch_label(batch: UploadBatch) -> Any:
    day = batch.uploaded_on.isoformat() if batch.uploaded_on else ""
    return _("Batch %(number)s · %(count)s patents · %(day)s") % {
        "number": batch.number,
        "count": batch.count,
        "day": day,
    }


def _is_answer(found: Recognition, sheet: SheetSample) -> bool:
    """Numbers beside a message, or beside a status that is not the portal's own: a list exported here is no answer."""
    fields = found.fields
    if "application_number" not in fields or "platform_message" in fields:
        return "application_number" in fields
    place = fields.get("platform_status")
    if place is None:
        return False
    own = {str(word) for _state, word in DossierState.choices}
    return own.isdisjoint(row[place] for row in _texts(sheet) if place < len(row))


def _texts(sheet: SheetSample) -> list[list[str]]:
    return [[_text(cell) for cell in row.cells] for row in sheet.rows]


def _text(cell: Cell) -> str:
    try:
        return plain(cell)
    except CellProblem as problem:
        return problem.value
