"""The importer of deeper classification tables and of concordances with the IPC: one file, one edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.choices import ClassScheme, TableKind
from inventory.importing.base_rows import plain
from inventory.importing.classification_rows import ClassificationReader, field_of
from inventory.importing.problems import CellProblem
from inventory.models import ClassificationCode, ClassificationTable, ConcordanceRule
from inventory.permissions import can_load_classifications
from portal import audit
from portal.choices import AuditAction, RowOutcome
from portal.intake import staging
from portal.intake.registry import (
    ColumnGuess,
    Importer,
    IssueWords,
    Option,
    Shape,
    SheetSample,
    Step,
    SubjectReader,
)
from portal.intake.staging import Verdict
from portal.models import ImportBatch, ImportRow, Membership

HEAD_ROWS: Final = 12
WORDS: Final[Mapping[str, tuple[Any, Any]]] = {
    "class_code": (
        _("Code not known"),
        _(
            "A code of 战略性新兴产业 such as 1.2 or 1.2.1, or of 国民经济行业 such as C35 or C3599, whose group "
            "or division exists; choose the right classification when uploading."
        ),
    ),
    "class_pattern": (
        _("Class pattern cannot be read"),
        _(
            "IPC symbols such as H01L, H01L21/02 or H01L21/02*, or a range inside one subclass such as "
            "A01B1/00-A01B3/00, separated by semicolons or commas."
        ),
    ),
    "cell_error": (
        _("Cell holds an error of the spreadsheet"),
        _("Correct the formula, or replace it by its value, and upload the file again."),
    ),
    "formula": (
        _("Formula without a result"),
        _("Recalculate the workbook or paste the value, save and upload the file again."),
    ),
    "destroyed": (
        _("Number destroyed by the spreadsheet"),
        _("Format the column as text, enter the code again and upload the file."),
    ),
}


def kind_of(batch: ImportBatch) -> TableKind:
    """A concordance has a column of classes; a table of codes has none."""
    has_patterns = any(column["field"] == "patterns" for column in batch.columns)
    return TableKind.CONCORDANCE if has_patterns else TableKind.CODES


def scheme_of(batch: ImportBatch) -> str:
    """The classification chosen on upload; 战略性新兴产业 where nothing was said."""
    return str(batch.options.get("scheme") or ClassScheme.STRATEGIC)


def rows_of(batch: ImportBatch) -> list[ImportRow]:
    return list(batch.rows.exclude(outcome=RowOutcome.REFUSED).order_by("line"))


def compare(batch: ImportBatch, first_line: int, limit: int) -> None:
    """Each code against the edition in force: new, different or the same."""
    before = _in_force(batch)
    verdicts, seen = [], set()
    for row in rows_of(batch):
        after = _said(row)
        outcome = RowOutcome.UNCHANGED
        changes: dict[str, list[Any]] = {}
        if row.key not in before:
            outcome = RowOutcome.ADDED
        elif before[row.key] != after and row.key not in seen:
            outcome = RowOutcome.CHANGED
            changes = {"rules": [before[row.key], after]}
        seen.add(row.key)
        verdicts.append(Verdict(row.line, outcome, changes))
    staging.set_verdicts(batch, verdicts)


def _in_force(batch: ImportBatch) -> dict[str, list[str]]:
    """{code: what the edition in force says of it}."""
    table = ClassificationTable.objects.filter(
        kind=kind_of(batch), scheme=scheme_of(batch), is_current=True
    ).first()
    found: dict[str, list[str]] = {}
    if table is None:
        return found
    if table.kind == TableKind.CODES:
        return {code: [name] for code, name in table.codes.values_list("code", "name")}
    rules = table.rules.values_list("code", "pattern", "is_exclusion", "keyword")
    for code, pattern, is_exclusion, keyword in rules:
        found.setdefault(code, []).append(_in_words(pattern, is_exclusion, keyword))
    return {code: sorted(rules) for code, rules in found.items()}


def _said(row: ImportRow) -> list[str]:
    rules = row.values["rules"]
    return sorted(_in_words(*rule) for rule in rules) if rules else [row.values["name"]]


def _in_words(pattern: str, is_exclusion: bool, keyword: str) -> str:
    return f"{'−' if is_exclusion else ''}{pattern}{f'[{keyword}]' if keyword else ''}"


def write_edition(batch: ImportBatch, first_line: int, limit: int) -> None:
    """Store the whole file as one edition that is not in force yet; repeating writes nothing twice."""
    table, is_new = ClassificationTable.objects.get_or_create(
        batch=batch,
        defaults={
            "kind": kind_of(batch),
            "scheme": scheme_of(batch),
            "edition": PurePath(batch.file.name).stem[:160],
            "loaded_by": batch.membership,
        },
    )
    rows = rows_of(batch)
    _write_rows(table, rows)
    batch.rows.exclude(outcome=RowOutcome.REFUSED).update(is_applied=True)
    if is_new:
        audit.record(
            actor=batch.membership,
            action=AuditAction.CREATE,
            target=table,
            changes={"edition": [None, table.edition], "rows": [None, len(rows)]},
        )


def _write_rows(table: ClassificationTable, rows: list[ImportRow]) -> None:
    if table.kind == TableKind.CODES:
        ClassificationCode.objects.bulk_create(
            [
                ClassificationCode(table=table, code=row.key, name=row.values["name"])
                for row in rows
            ],
            ignore_conflicts=True,
            batch_size=2000,
        )
    else:
        ConcordanceRule.objects.bulk_create(
            [
                ConcordanceRule(
                    table=table, code=row.key, pattern=pattern, is_exclusion=barred, keyword=word
                )
                for row in rows
                for pattern, barred, word in row.values["rules"]
            ],
            ignore_conflicts=True,
            batch_size=2000,
        )


class ClassificationImporter(Importer):
    """A published table as somebody has it: code and name, or code and classes (参照关系表)."""

    kind = "classes"
    label = _("Classification table or concordance")
    hint = _(
        "The official tables as .xls, .xlsx or .csv: deeper codes with names, or the reference from IPC symbols to "
        "industries."
    )
    fields: Mapping[str, Any] = {
        "code": _("Code"),
        "name": _("Name"),
        "patterns": _("Classes (IPC)"),
        "exclusions": _("Excluded classes"),
        "keywords": _("Keywords"),
    }
    required = frozenset({"code"})
    headline_heads = (_("Code"), _("Name"))
    # an edition is the list as a whole
    takes_rows_apart = False
    change_labels: Mapping[str, Any] = {"rules": _("Rules")}
    checks = (Step(_("Comparing with the edition in force"), compare),)
    applications = (Step(_("Writing the edition"), write_edition),)
    no_undo = _(
        "An imported table is an edition of its own and changes nothing before it is put in force. Leave it, or put "
        "the right edition in force."
    )

    def may_import(self, membership: Membership) -> bool:
        return can_load_classifications(membership)

    def recognise(self, sheets: Sequence[SheetSample]) -> Shape | None:
        """The first row that names a code and a name or classes is the head; the sheet that has it wins."""
        for sheet in sheets:
            for row in sheet.rows[:HEAD_ROWS]:
                heads = [_text(cell) for cell in row.cells]
                fields = [field_of(head) for head in heads]
                if "code" in fields and {"name", "patterns"} & set(fields):
                    return Shape(self.kind, 70, sheet.index, row.row, _columns(heads, fields))
        return None

    def reader(self, batch: ImportBatch, shape: Shape) -> SubjectReader:
        return ClassificationReader(shape, scheme_of(batch))

    def words(self, rule: str, params: Mapping[str, Any]) -> IssueWords:
        title, text = WORDS[rule]
        return IssueWords(str(title), str(text))

    def headline(self, row: ImportRow) -> tuple[str, str]:
        return row.values.get("code", ""), row.values.get("name", "")

    def options(self, membership: Membership) -> Sequence[Option]:
        return (
            Option(
                name="scheme",
                label=_("Classification of the table"),
                choices=ClassScheme.choices,
                initial=ClassScheme.STRATEGIC,
                hint=_("The edition is named after the file and counts once it is put in force."),
            ),
        )


def _columns(heads: list[str], fields: list[str]) -> tuple[ColumnGuess, ...]:
    """Each field once, the first column that names it; other filled heads are not imported."""
    taken: set[str] = set()
    columns = []
    for index, (head, field) in enumerate(zip(heads, fields, strict=True)):
        if not head:
            continue
        is_first = bool(field) and field not in taken
        taken.add(field)
        columns.append(ColumnGuess(index, head, field if is_first else "", is_known=bool(field)))
    return tuple(columns)


def _text(cell: Any) -> str:
    try:
        return plain(cell)
    except CellProblem as problem:
        return problem.value
