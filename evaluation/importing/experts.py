"""The importer of lists of experts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from evaluation.choices import ExpertState
from evaluation.importing.expert_plan import TABLE
from evaluation.importing.expert_rows import EXPERTS, ExpertReader
from evaluation.permissions import can_keep_experts
from evaluation.services.expert_erasure import LIST_KIND
from inventory.importing.table_words import Words, in_words
from inventory.importing.tables import REASONS, best_sheet
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
    "person_shape": (
        _("Not a name"),
        _("A name has at most 80 characters and no digits. Correct the cell, or remove the row."),
    ),
    "several_persons": (
        _("Several names in one cell"),
        _("One row holds one person. Give each a row of their own."),
    ),
    "employer_missing": (
        _("Employer missing"),
        _("Whom an expert works for decides what he may evaluate. Fill in 工作单位."),
    ),
    "mobile_missing": (
        _("Mobile number missing"),
        _(
            "A person is known by name, employer and mobile number; identity numbers are not kept. Fill in 手机号."
        ),
    ),
    "mobile_shape": (
        _("Not a mobile number"),
        _(
            "Expected: 11 digits that begin with 1. Where the spreadsheet shows 1.38E+10, format the column as text "
            "and type it again."
        ),
    ),
    "email_shape": (
        _("Mail address of a wrong shape"),
        _("Expected: name@example.edu.cn. Correct the cell, or leave it empty."),
    ),
    "field_unknown": (
        _("Technical field not known"),
        _(
            "Expected: an IPC subclass such as H01L, or a group of 战略性新兴产业 by code or name such as 1.5 or "
            "人工智能. Correct the cell, or leave it empty."
        ),
    ),
    "too_many_fields": (
        _("More than three technical fields"),
        _("%(count)s are named; an expert names at most three. Keep the closest ones."),
    ),
    "years_shape": (
        _("Years of practice not a number"),
        _("Expected: whole years from 0 to 70, such as 15. Correct the cell, or leave it empty."),
    ),
    "avoided_shape": (
        _("Employers to avoid cannot be read"),
        _("Full names parted by 、, at most %(count)s of them. Correct the cell."),
    ),
    "term_shape": (
        _("Term of appointment cannot be read"),
        _(
            "Expected: two days or months such as 2024.1-2026.12. Correct the cell, or leave it empty."
        ),
    ),
    "day_shape": (
        _("Day of appointment cannot be read"),
        _(
            "Expected: a day or a month such as 2024-01-01 or 2024年1月. Correct the cell, or leave it empty."
        ),
    ),
    "term_order": (
        _("Term ends before it begins"),
        _("Exchange the two days, or correct them."),
    ),
    "other_mobile": (
        _("Perhaps known with another mobile number"),
        _(
            "Somebody of this name and employer stands in the pool with %(phone)s. If it is the same person, write "
            "that number into the row; else the row is entered as another person."
        ),
    ),
    "removed_before": (
        _("Removed from the pool before"),
        _(
            "A list does not bring a removed person back. Admit the person again on the page of experts."
        ),
    ),
}


class ExpertImporter(Importer):
    """One row, one person."""

    kind = LIST_KIND
    label = _("List of experts")
    hint = _(
        "One row per person: 姓名, 工作单位, 职务职称, 学历专业, 从事技术领域 (IPC or 战新, at most three), "
        "熟悉的产品, 从业年限, 代表成果, 推荐单位, 联系方式, 回避单位, 聘期. Identity numbers, gender and age are "
        "not stored."
    )
    not_found = _(
        "No list of experts was recognised. The head must name at least 姓名, 工作单位 and one more column, for "
        "example 从事技术领域."
    )
    fields: Mapping[str, Any] = {
        "name": _("Full name"),
        "employer": _("Employer"),
        "position": _("Post and title"),
        "duty": _("Post"),
        "title": _("Professional title"),
        "education": _("Degree and subject"),
        "degree": _("Degree"),
        "subject": _("Subject of study"),
        "technical_fields": _("Technical fields"),
        "products": _("Products known"),
        "years": _("Years of practice"),
        "achievements": _("Achievements"),
        "recommender": _("Recommended by"),
        "phone": _("Phone"),
        "email": _("Mail address"),
        "avoided": _("Avoids"),
        "term": _("Term of appointment"),
        "term_from": _("Appointed from"),
        "term_until": _("Appointed until"),
    }
    required = frozenset({"name", "employer", "phone"})
    headline_heads = (_("Employer"), _("Full name"))
    personal: Mapping[str, str] = {"phone": "phone", "email": "email"}
    holds_people = True
    change_labels: Mapping[str, Any] = {"state": _("State")}
    checks = TABLE.checks
    applications = TABLE.applications
    undoes = TABLE.undoes
    undo_hint = _(
        "New experts leave the pool again; changed ones get back what they said before. Whoever was admitted or "
        "removed by hand since stays so."
    )

    def may_import(self, membership: Membership) -> bool:
        return can_keep_experts(membership)

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """The visible sheet whose head names most wins."""
        best = best_sheet(EXPERTS, sheets)
        if best is None:
            return None
        found, sheet, _rows = best
        return Shape(
            kind=self.kind,
            confidence=min(MOST_CERTAIN, 30 + 8 * len(found.fields)),
            sheet=sheet.index,
            header_row=0 if found.index is None else sheet.rows[found.index].row,
            columns=found.columns,
        )

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        return ExpertReader(shape)

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        return in_words(WORDS, rule, params)

    def headline(self, row: ImportRow) -> tuple[str, str]:
        return row.values.get("employer", ""), row.values.get("name", "")

    def is_current(self, batch: ImportBatch) -> bool:
        return TABLE.is_current(batch)

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        return TABLE.changed_since(batch)

    def options(self, membership: Membership) -> Sequence[Option]:
        return (
            Option(
                name="experts",
                label=_("The experts of the list are"),
                choices=[
                    ("", _("Recommended, to be admitted one by one")),
                    (str(ExpertState.ADMITTED), _("Admitted to the pool with this list")),
                ],
                hint=_("Who is in the pool already stays in it."),
            ),
        )

    def next_act(self, batch: ImportBatch) -> tuple[str, str]:
        return gettext("Experts"), reverse("evaluation:expert-list")

    def shown(self, field_name: str, value: Any) -> str:
        if field_name == "state":
            return str(dict(ExpertState.choices).get(value, value or ""))
        return super().shown(field_name, value)

    def reason_words(self, reason: str) -> str:
        return str(REASONS.get(reason, ""))
