"""The importer of base lists pushed by the office and of vendors' exports: one row, one patent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignState, EventKind, SimpleStatus
from inventory.importing import base_words, number_offers
from inventory.importing.base_apply import APPLICATIONS
from inventory.importing.base_checks import CHECKS
from inventory.importing.base_rows import BaseReader, plain
from inventory.importing.base_undo import UNDOES, changed_since
from inventory.importing.headers import REASONS, Recognition, recognise
from inventory.importing.holders import organisations_by_name
from inventory.importing.problems import CellProblem
from inventory.importing.unit_names import unit_names
from inventory.importing.vendors import NAMES, layout_of
from inventory.models import Campaign
from inventory.numbers import display
from inventory.permissions import can_import_base_list
from portal import clock
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

# the national template is more certain of itself (above 80) where its own columns are there
MOST_CERTAIN = 80


class BaseImporter(Importer):
    """Columns by the table of heads, rows to patents, holders, inventors, events and list entries."""

    kind = "base"
    label = _("Base list or vendor's export")
    hint = _("One row per patent, as pushed by the office or exported by a patent database.")
    not_found = _(
        "No table of patents was recognised. The head must name at least the application number (申请号) and "
        "one more column, for example 专利名称. A publication number does not stand in for it: where the file comes "
        "from a patent database, choose 申请号 among the columns of the export."
    )
    fields: Mapping[str, Any] = {
        "application_number": _("Application number"),
        "title": _("Title"),
        "kind": _("Kind of patent"),
        "holders": _("Holders"),
        "inventors": _("Inventors"),
        "org_unit": _("School or unit"),
        "first_inventor": _("First inventor"),
        "filed_on": _("Filing day"),
        "granted_on": _("Day of grant"),
        "publication_number": _("Publication number"),
        "published_on": _("Publication day"),
        "simple_status": _("In force or not"),
        "current_status": _("Present legal status"),
        "legal_status": _("Legal events"),
        "same_day_pair": _("Dual filing mark"),
        "main_ipc": _("Main class"),
        "ipc": _("Classes"),
        "locarno": _("Locarno classes"),
        "abstract": _("Abstract"),
        "main_claim": _("First claim"),
        "claims": _("Claims"),
        "full_text_url": _("Link to the full text"),
        "drawings_url": _("Link to the drawings"),
    }
    required = frozenset({"application_number"})
    headline_heads = (_("Application number"), _("Title"))
    number_field = "application_number"
    change_labels: Mapping[str, Any] = {
        "base_list": _("Base list"),
        "first_claim": _("First claim"),
        "classes": _("Classes"),
        "events": _("Legal events"),
    }
    tallies: Mapping[str, Any] = {
        "listed": _("patents go on the base list"),
        "placed": _("patents are assigned to the unit that the file names"),
        "merged": _("rows repeat a patent of the file and are taken with it"),
    }
    checks = CHECKS
    applications = APPLICATIONS
    undoes = UNDOES
    undo_hint = _(
        "New patents leave the list and the register again unless somebody uses them by now; changed ones say again "
        "what they said before, field by field."
    )

    def may_import(self, membership: Membership) -> bool:
        return can_import_base_list(membership) and membership.organisation.is_institution

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """The visible sheet whose head says most wins."""
        found = [(recognise(_texts(sheet)), sheet) for sheet in sheets]
        found = [(one, sheet) for one, sheet in found if "application_number" in one.fields]
        if not found:
            return None
        best, sheet = max(found, key=lambda pair: (pair[1].state == "visible", pair[0].score))
        head = best.header_row_index
        columns = self._columns(best)
        layout = layout_of(column.header for column in columns)
        return Shape(
            kind=self.kind,
            confidence=min(MOST_CERTAIN, 20 + best.score),
            sheet=sheet.index,
            header_row=0 if head is None else sheet.rows[head].row,
            columns=columns,
            layout=layout.vendor,
            layout_confidence=layout.confidence,
        )

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        units = unit_names(batch.membership)
        return BaseReader(shape, batch.organisation, organisations_by_name(), units, clock.today())

    def offers(self, params: Mapping[str, Any]) -> Sequence[str]:
        return number_offers.texts(params) or super().offers(params)

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        return base_words.words(rule, params)

    def headline(self, row: ImportRow) -> tuple[str, str]:
        return display(row.values.get("number", "")), row.values.get("title", "")

    def is_current(self, batch: ImportBatch) -> bool:
        """Whether every patent of the preview is as it was, and none of the new ones came meanwhile."""
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT EXISTS (
                    SELECT 1 FROM portal_importrow r
                    LEFT JOIN inventory_patent p ON p.application_number = r.key
                    WHERE r.batch_id = %s AND r.key <> '' AND r.outcome <> 'refused' AND NOT r.is_applied
                      AND (r.target_id IS DISTINCT FROM p.id OR r.target_version IS DISTINCT FROM p.version))
                """,
                [batch.pk],
            )
            return not cursor.fetchone()[0]

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        return changed_since(batch)

    def tally(self, batch: ImportBatch) -> dict[str, int]:
        return {
            "listed": batch.rows.filter(changes__has_key="base_list").count(),
            "placed": batch.rows.filter(changes__has_key="org_unit").count(),
            "merged": batch.rows.filter(values__has_key="merged_into").count(),
        }

    def options(self, membership: Membership) -> Sequence[Option]:
        """The open campaigns the institution takes part in, the latest first."""
        open_ones = Campaign.objects.visible_to(membership).filter(state=CampaignState.OPEN)
        choices = [(str(one.pk), one.name) for one in open_ones]
        return (
            Option(
                name="campaign",
                label=_("Put on the base list of"),
                choices=[*choices, ("", _("No campaign: register only"))],
                initial=choices[0][0] if choices else "",
                hint=_(
                    "Patents granted up to the cut-off day and inside the scope go on the list."
                ),
            ),
        )

    def next_act(self, batch: ImportBatch) -> tuple[str, str]:
        return gettext("Unassigned patents"), reverse("inventory:unassigned-list")

    def shown(self, field_name: str, value: Any) -> str:
        if field_name == "simple_status":
            return str(dict(SimpleStatus.choices).get(value, value))
        if field_name == "events":
            kinds = dict(EventKind.choices)
            return "；".join(str(kinds.get(one, one)) for one in value)
        return super().shown(field_name, value)

    def reason_words(self, reason: str) -> str:
        return str(REASONS.get(reason, ""))

    def layout_words(self, layout: str) -> str:
        return str(NAMES.get(layout, ""))

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


def _texts(sheet: SheetSample) -> list[list[str]]:
    return [[_text(cell) for cell in row.cells] for row in sheet.rows]


def _text(cell: Cell) -> str:
    try:
        return plain(cell)
    except CellProblem as problem:
        return problem.value
