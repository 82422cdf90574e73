"""The importer of lists of organisations: universities, institutes, hospitals, bureaus, service bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.importing import organisation_words
from inventory.importing.organisation_heads import ORGANISATIONS, is_company, is_public
from inventory.importing.organisation_plan import (
    OrganisationPlanner,
    OrganisationRestorer,
    is_bureau,
    is_no_bureau,
)
from inventory.importing.organisation_rows import OrganisationReader
from inventory.importing.table_steps import Table
from inventory.importing.tables import REASONS, best_sheet, share
from portal.choices import Affiliation, District, OrganisationKind
from portal.intake.registry import Importer, IssueWords, Shape, SheetSample, SubjectReader
from portal.models import ImportBatch, ImportRow, Membership, Organisation
from portal.permissions import can_import_organisations

#: above a classification table (70) where codes or names say that the rows are organisations
MOST_CERTAIN: Final = 79
_CHOICES: Final[Mapping[str, Any]] = {
    "kind": OrganisationKind.choices,
    "affiliation": Affiliation.choices,
    "district": District.choices,
    "is_active": [(True, _("Active")), (False, _("Deactivated"))],
}

TABLE: Final = Table(
    Organisation, OrganisationPlanner, OrganisationRestorer, (is_bureau, is_no_bureau)
)


class OrganisationImporter(Importer):
    """One row, one organisation."""

    kind = "organisations"
    label = _("List of organisations")
    hint = _(
        "One row per university, institute, hospital, bureau or district office: 机构名称, 统一社会信用代码, "
        "机构类型, 主管部门, 隶属关系, 所在区, 曾用名. The Ministry's list of universities is read as it is."
    )
    not_found = _(
        "No list of organisations was recognised. The head must name at least 机构名称 and one more column, for "
        "example 统一社会信用代码 or 机构类型."
    )
    fields: Mapping[str, Any] = {
        "name": _("Name"),
        "credit_code": _("Unified social credit code"),
        "school_code": _("Code of the Ministry's list"),
        "kind": _("Kind"),
        "affiliation": _("Affiliation"),
        "bureau": _("Supervising bureaus"),
        "district": _("District"),
        "former_names": _("Further and former names"),
        "code": _("Short code"),
        "remark": _("Remark (民办)"),
    }
    required = frozenset({"name"})
    headline_heads = (_("Code"), _("Organisation"))
    change_labels: Mapping[str, Any] = {
        "bureaus": _("Supervising bureaus"),
        "is_active": _("State"),
    }
    checks = TABLE.checks
    applications = TABLE.applications
    undoes = TABLE.undoes
    undo_hint = _(
        "New organisations leave again unless somebody uses them by now; changed ones get back what they said before."
    )

    def may_import(self, membership: Membership) -> bool:
        return can_import_organisations(membership)

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """A table whose names are those of institutions and bureaus, not of companies."""
        best = best_sheet(ORGANISATIONS, sheets)
        if best is None:
            return None
        found, sheet, rows = best
        names = found.cells(rows, "name")
        certainty = (
            30 + 5 * len(found.fields) + 40 * (share(names, is_public) - share(names, is_company))
        )
        return Shape(
            kind=self.kind,
            confidence=max(1, min(MOST_CERTAIN, round(certainty))),
            sheet=sheet.index,
            header_row=0 if found.index is None else sheet.rows[found.index].row,
            columns=found.columns,
        )

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        return OrganisationReader(shape)

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        return organisation_words.words(rule, params)

    def headline(self, row: ImportRow) -> tuple[str, str]:
        said = row.values
        return said.get("credit_code") or said.get("school_code", ""), said.get("name", "")

    def is_current(self, batch: ImportBatch) -> bool:
        return TABLE.is_current(batch)

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        return TABLE.changed_since(batch)

    def shown(self, field_name: str, value: Any) -> str:
        choices = dict(_CHOICES.get(field_name, ()))
        if isinstance(value, list) or value not in choices:
            return super().shown(field_name, value)
        return str(choices[value])

    def reason_words(self, reason: str) -> str:
        return str(REASONS.get(reason, ""))
