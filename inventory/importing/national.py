"""The importer of filled national templates (专利盘活行动批量建档模板): rows to dossiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.importing import national_words, number_offers
from inventory.importing.base_rows import plain
from inventory.importing.columns import COLUMNS, SHEET, TELLING
from inventory.importing.headers import REASONS, Recognition, recognise
from inventory.importing.national_apply import APPLICATIONS
from inventory.importing.national_checks import CHECKS, CONFLICT, judge
from inventory.importing.national_keyed import reader_of
from inventory.importing.national_rows import Nodes
from inventory.importing.national_undo import UNDOES, changed_since
from inventory.importing.portal_edits import RULE
from inventory.importing.problems import CellProblem
from inventory.importing.workbook_keys import KEY_COLUMNS
from inventory.permissions import can_import_dossiers
from portal.choices import Role
from portal.intake.registry import (
    ColumnGuess,
    Decisions,
    Importer,
    IssueWords,
    Shape,
    SheetSample,
    Subject,
    SubjectReader,
)
from portal.intake.staging import Verdict
from portal.models import ImportBatch, ImportRow, Membership, OrganisationName, Unit
from portal.spreadsheets.reading import Cell
from portal.text import fold

#: So many columns that only the template has make a file a filled template.
LEAST_TELLING: Final = 3
CONFIDENCE: Final = 90
MOST_CONFIDENT: Final = 100


class NationalImporter(Importer):
    """Columns by their words, wherever they stand; one dossier a patent, with its continuation rows."""

    kind = "national"
    label = _("Filled national template")
    hint = _("The national batch-filing template with statuses, intents, maturity and ratings.")
    fields: Mapping[str, Any] = {column.field: column.label for column in COLUMNS} | {
        field: label for field, _head, label in KEY_COLUMNS
    }
    required = frozenset({"application_number", "org_unit"})
    headline_heads = (_("Application number"), _("Title"))
    number_field = "application_number"
    personal: Mapping[str, str] = {"contact_name": "contact_name", "contact": "contact_phone"}
    checks = CHECKS
    applications = APPLICATIONS
    undoes = UNDOES
    undo_hint = _(
        "Each dossier says again what it said before. Dossiers that the import began stay drafts: none goes back to "
        "“not filed”."
    )
    tallies: Mapping[str, Any] = {
        "portal_changed": _("rows were changed in the portal since the workbook was made"),
        "portal_newer": _("rows would replace what was changed in the portal since the last file"),
        "conflicts": _("rows wait until somebody decides between file and portal"),
    }

    def may_import(self, membership: Membership) -> bool:
        return can_import_dossiers(membership) and membership.organisation.is_institution

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """The sheet 批量导入, else the visible sheet whose head says most."""
        found = [(recognise(_texts(sheet)), sheet) for sheet in sheets]
        found = [(one, sheet) for one, sheet in found if _is_template(one)]
        if not found:
            return None
        best, sheet = max(
            found,
            key=lambda pair: (pair[1].name == SHEET, pair[1].state == "visible", pair[0].score),
        )
        head = best.header_row_index
        return Shape(
            kind=self.kind,
            confidence=MOST_CONFIDENT if sheet.name == SHEET else CONFIDENCE,
            sheet=sheet.index,
            header_row=0 if head is None else sheet.rows[head].row,
            columns=self._columns(best),
        )

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        return reader_of(shape, nodes_of(batch.membership), batch.organisation_id)

    def judge(self, batch: ImportBatch, shape: Shape, subjects: Sequence[Subject]) -> list[Verdict]:
        return judge(batch, shape, subjects)

    def tally(self, batch: ImportBatch) -> dict[str, int]:
        """Rows that the portal changed meanwhile: alone, together with the file, or to be replaced by a plain file."""
        told = batch.issues.filter(rule__in=["portal_changed", RULE, CONFLICT]).order_by()
        found = dict(told.values_list("rule").annotate(count=Count("line", distinct=True)))
        return {
            "portal_changed": found.get("portal_changed", 0),
            RULE: found.get(RULE, 0),
            "conflicts": found.get(CONFLICT, 0),
        }

    def to_decide(self, batch: ImportBatch) -> Decisions | None:
        """Conflicts of a round-trip workbook have a page of their own."""
        count = batch.counts.get("conflicts", 0)
        url = reverse("inventory:workbook-conflicts", args=[batch.pk])
        return Decisions(count, url) if count else None

    def offers(self, params: Mapping[str, Any]) -> Sequence[str]:
        return number_offers.texts(params) or super().offers(params)

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        return national_words.words(rule, params)

    def headline(self, row: ImportRow) -> tuple[str, str]:
        return row.values.get("number", ""), row.values.get("title", "")

    def is_current(self, batch: ImportBatch) -> bool:
        """Whether every dossier of the preview still has the version that was compared, and its plan."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT EXISTS (
                    SELECT 1 FROM portal_importrow r JOIN inventory_dossier d ON d.id = r.target_id
                    WHERE r.batch_id = %s AND r.outcome IN ('added', 'changed')
                      AND NOT r.is_applied AND (d.version <> r.target_version OR r.plan IS NULL))
                """,
                [batch.pk],
            )
            return not cursor.fetchone()[0]

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        return changed_since(batch)

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


def nodes_of(membership: Membership) -> Nodes:
    """R12: the institution and its units for its manager, the own unit and those below for a unit's manager."""
    organisation = membership.organisation
    is_of_unit = membership.role == Role.UNIT_MANAGER
    names: dict[str, int | None] = {}
    for pk, name in (
        Unit.objects.visible_to(membership)
        .filter(organisation=organisation)
        .values_list("pk", "name")
    ):
        key = fold(name)
        names[key] = None if key in names else pk
    if not is_of_unit:
        names[fold(organisation.name)] = None
        further = OrganisationName.objects.filter(organisation=organisation)
        names |= dict.fromkeys(further.values_list("folded", flat=True))
    return Nodes(names, fold(organisation.name))


def _is_template(found: Recognition) -> bool:
    fields = found.fields.keys()
    return "application_number" in fields and len(fields & TELLING) >= LEAST_TELLING


def _texts(sheet: SheetSample) -> list[list[str]]:
    return [[_text(cell) for cell in row.cells] for row in sheet.rows]


def _text(cell: Cell) -> str:
    try:
        return plain(cell)
    except CellProblem as problem:
        return problem.value
