"""The importer of lists of enterprises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from evaluation.choices import EnterpriseCategory
from evaluation.importing.enterprise_plan import TABLE, changed_since
from evaluation.importing.enterprise_rows import ENTERPRISES, EnterpriseReader, category_of
from evaluation.permissions import can_import_enterprises
from inventory.classification.industries import SECTION_NAMES
from inventory.importing import organisation_words
from inventory.importing.organisation_heads import is_company, is_public
from inventory.importing.table_words import Words, in_words
from inventory.importing.tables import REASONS, best_sheet, share
from portal.choices import District, OrganisationKind
from portal.intake.registry import (
    Importer,
    IssueWords,
    Option,
    Shape,
    SheetSample,
    SubjectReader,
)
from portal.models import ImportBatch, ImportRow, Membership

MOST_CERTAIN: Final = 79
WORDS: Final[Words] = {
    "category_unknown": (
        _("Kind of enterprise in unknown words"),
        _(
            "Expected: 优势示范企业, 专精特新, 高新技术企业 or 市试点优势单位, several parted by 、. Correct the "
            "cell."
        ),
    ),
    "category_unsaid": (
        _("Kind of enterprise not said"),
        _(
            "It is entered without one. Upload again and choose above which of the four lists this is."
        ),
    ),
    "industry_unknown": (
        _("Industry not known"),
        _(
            "Expected: a 门类 or 大类 of GB/T 4754-2017 by letter, code or name, for example C, C35 or 制造业. "
            "Correct the cell, or leave it empty."
        ),
    ),
}
_CHOICES: Final[Mapping[str, Mapping[Any, Any]]] = {
    "categories": dict(EnterpriseCategory.choices),
    "sections": SECTION_NAMES,
    "district": dict(District.choices),
    "kind": dict(OrganisationKind.choices),
    "is_active": {True: _("Active"), False: _("Deactivated")},
}


class EnterpriseImporter(Importer):
    """One row, one enterprise."""

    kind = "enterprises"
    label = _("List of enterprises")
    hint = _(
        "One row per enterprise: 企业名称, 统一社会信用代码, 企业类型 (优势示范企业, 专精特新, 高新技术企业, "
        "市试点优势单位), 所属行业, 所在区, 曾用名."
    )
    not_found = _(
        "No list of enterprises was recognised. The head must name at least 企业名称 and one more column, for "
        "example 统一社会信用代码."
    )
    fields: Mapping[str, Any] = {
        "name": _("Name"),
        "credit_code": _("Unified social credit code"),
        "categories": _("Kind of enterprise"),
        **{f"is_{value}": label for value, label in EnterpriseCategory.choices},
        "sections": _("Industry sections"),
        "district": _("District"),
        "former_names": _("Further and former names"),
    }
    required = frozenset({"name", "credit_code"})
    headline_heads = (_("Unified social credit code"), _("Enterprise"))
    change_labels: Mapping[str, Any] = {"kind": _("Kind"), "is_active": _("State")}
    checks = TABLE.checks
    applications = TABLE.applications
    undoes = TABLE.undoes
    undo_hint = _(
        "New enterprises leave again unless somebody uses them by now; changed ones get back what they said before."
    )

    def may_import(self, membership: Membership) -> bool:
        return can_import_enterprises(membership)

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """A table whose names are those of companies."""
        best = best_sheet(ENTERPRISES, sheets)
        if best is None:
            return None
        found, sheet, rows = best
        names = found.cells(rows, "name")
        likely = share(names, is_company) - share(names, is_public)
        return Shape(
            kind=self.kind,
            confidence=max(1, min(MOST_CERTAIN, round(30 + 5 * len(found.fields) + 40 * likely))),
            sheet=sheet.index,
            header_row=0 if found.index is None else sheet.rows[found.index].row,
            columns=found.columns,
        )

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        return EnterpriseReader(shape)

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        if rule in WORDS:
            return in_words(WORDS, rule, params)
        return organisation_words.words(rule, params)

    def headline(self, row: ImportRow) -> tuple[str, str]:
        return row.values.get("credit_code", ""), row.values.get("name", "")

    def is_current(self, batch: ImportBatch) -> bool:
        return TABLE.is_current(batch)

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        return changed_since(batch)

    def options(self, membership: Membership) -> Sequence[Option]:
        return (
            Option(
                name="category",
                label=_("All enterprises of the list are"),
                choices=[("", _("As the file says")), *EnterpriseCategory.choices],
                hint=_("For a list that is of one kind as a whole. Kinds said before stay."),
            ),
        )

    def options_of_sheet(self, options: Mapping[str, str], sheet: str) -> Mapping[str, str]:
        """One sheet per kind: the name of the sheet says which, and never the answer for another sheet."""
        return {**options, "category": str(category_of(sheet) or "")}

    def shown(self, field_name: str, value: Any) -> str:
        names = _CHOICES.get(field_name, {})
        if isinstance(value, list):
            return "、".join(str(names.get(each, each)) for each in value)
        return str(names[value]) if value in names else super().shown(field_name, value)

    def reason_words(self, reason: str) -> str:
        return str(REASONS.get(reason, ""))
