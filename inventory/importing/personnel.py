"""The importer of personnel lists: who works where, and who needs an account (批量导入用户模板)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.importing import personnel_words
from inventory.importing.personnel_apply import APPLICATIONS, CHECKS
from inventory.importing.personnel_heads import PERSONNEL
from inventory.importing.personnel_plan import FOR_ALL, FOR_INVENTORS, LIST_ONLY
from inventory.importing.personnel_rows import PersonnelReader
from inventory.importing.personnel_undo import UNDOES, changed_since
from inventory.importing.tables import REASONS, best_sheet
from inventory.importing.unit_names import unit_names
from inventory.permissions import can_import_personnel
from portal.choices import StaffCategory
from portal.intake.registry import (
    Importer,
    IssueWords,
    Option,
    Shape,
    SheetSample,
    SubjectReader,
)
from portal.models import ImportBatch, ImportRow, Membership, StaffMember

MOST_CERTAIN = 75


class PersonnelImporter(Importer):
    """One row, one person of the institution."""

    kind = "personnel"
    label = _("Personnel list")
    hint = _(
        "One row per person: 姓名, 工号, 学院/部门, 职称, 人员类别, 手机号, 邮箱. 性别 may be in the file; it is not "
        "stored."
    )
    not_found = _(
        "No list of people was recognised. The head must name at least 姓名 and one more column, for example 工号 or "
        "学院/部门."
    )
    fields: Mapping[str, Any] = {
        "name": _("Full name"),
        "staff_number": _("Staff number"),
        "unit": _("School or unit"),
        "title": _("Professional title"),
        "category": _("Category of person"),
        "phone": _("Phone"),
        "email": _("Mail address"),
    }
    required = frozenset({"name"})
    headline_heads = (_("Staff number"), _("Full name"))
    personal: Mapping[str, str] = {"phone": "phone", "email": "email"}
    holds_people = True
    change_labels: Mapping[str, Any] = {"username": _("User name")}
    tallies: Mapping[str, Any] = {
        "accounts": _("accounts are kept ready, each with an invitation"),
        "doubtful": _("persons have a namesake: to be told apart after the import"),
        "repeated": _("rows repeat a person of the file and are taken with it"),
    }
    checks = CHECKS
    applications = APPLICATIONS
    undoes = UNDOES
    undo_hint = _(
        "People whom the import put on the list leave it, with the account that was kept ready, unless they were "
        "invited or are responsible for something by now; changed people are as before."
    )

    def may_import(self, membership: Membership) -> bool:
        return can_import_personnel(membership) and membership.organisation.is_institution

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """The visible sheet whose head names most wins."""
        best = best_sheet(PERSONNEL, sheets)
        if best is None:
            return None
        found, sheet, _rows = best
        return Shape(
            kind=self.kind,
            confidence=min(MOST_CERTAIN, 20 + 10 * len(found.fields)),
            sheet=sheet.index,
            header_row=0 if found.index is None else sheet.rows[found.index].row,
            columns=found.columns,
        )

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        return PersonnelReader(shape, unit_names(batch.membership))

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        return personnel_words.words(rule, params)

    def headline(self, row: ImportRow) -> tuple[str, str]:
        return row.values.get("staff_number", ""), row.values.get("name", "")

    def is_current(self, batch: ImportBatch) -> bool:
        """Whether every person the preview compared with still is as it was."""
        left = batch.rows.filter(target_id__isnull=False, is_applied=False)
        seen = left.values_list("target_id", "target_version")
        now = StaffMember.objects.filter(organisation=batch.organisation_id).values_list(
            "pk", "version"
        )
        return set(seen) <= set(now)

    def changed_since(self, batch: ImportBatch) -> QuerySet[ImportRow]:
        return changed_since(batch)

    def tally(self, batch: ImportBatch) -> dict[str, int]:
        good = batch.rows.exclude(outcome="refused")
        return {
            "accounts": good.filter(values__has_key="username").count(),
            "doubtful": batch.issues.filter(rule="name_collision").count(),
            "repeated": good.filter(values__has_key="merged_into").count(),
        }

    def options(self, membership: Membership) -> Sequence[Option]:
        return (
            Option(
                name="accounts",
                label=_("Accounts for the persons of a personnel list"),
                choices=[
                    (LIST_ONLY, _("None: the list only")),
                    (FOR_INVENTORS, _("For teachers named as inventor of a patent of ours")),
                    (FOR_ALL, _("For everybody on the list, with or without a patent")),
                ],
                hint=_(
                    "Usually a person without a patent gets no account (无专利者无法开通账号). Choose “everybody” only "
                    "where others fill in, for example for project leaders. Each account comes with an invitation."
                ),
            ),
        )

    def next_act(self, batch: ImportBatch) -> tuple[str, str]:
        if batch.options.get("accounts", LIST_ONLY) == LIST_ONLY:
            return "", ""
        return gettext("Invitations"), reverse("portal:invitation-list")

    def shown(self, field_name: str, value: Any) -> str:
        if field_name == "category":
            return str(dict(StaffCategory.choices).get(value, value or ""))
        return super().shown(field_name, value)

    def reason_words(self, reason: str) -> str:
        return str(REASONS.get(reason, ""))
