"""What is in an uploaded file: its rows with what they change, what was found in them, what became of them.

All three are lists of one import, which the address names (`?batch=`); without one they are empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from operator import eq
from typing import Any

from django.db.models import QuerySet
from django.utils.html import conditional_escape
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portal.choices import ImportState, IssueLevel
from portal.import_filters import IssueFilter, RowFilter, UndoneFilter
from portal.intake import recognition, undoing
from portal.intake.registry import Importer, IssueWords, may_read
from portal.intake.wording import words_of
from portal.lists import cells
from portal.lists.cells import Badge, Cell
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.models import ImportBatch, ImportIssue, ImportRow
from portal.templatetags.portal_tags import DASH

#: characters of a value in a table; the whole stands in its tooltip and in the file
SHOWN = 40
#: of two long values that begin alike, so much of what they have in common stands before the difference
KEPT_BEFORE = 8
#: changes of a row that stand there at once; the others open with a click
SHOWN_CHANGES = 8
BY_LINE = Ordering(_("Row"), ("line",))


@dataclass(frozen=True)
class Change:
    """One cell of a row: what stands there, and what the file says."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class RowLine:
    """A staged row in words; `findings` are titles of what was found in it, errors first."""

    row: ImportRow
    number: str
    title: str
    changes: Sequence[Change] = ()
    findings: Sequence[str] = ()


@dataclass(frozen=True)
class IssueLine:
    """An issue in words, with the record it is about."""

    issue: ImportIssue
    place: str
    words: IssueWords
    headline: tuple[str, str]


def batch_asked(asked: Asked) -> ImportBatch | None:
    """The import that the address names, where this person may see it."""
    if not asked.number("batch"):
        return None
    visible = ImportBatch.objects.visible_to(asked.membership).select_related("file")
    return visible.filter(pk=asked.number("batch")).first()


def _rows(asked: Asked) -> QuerySet[ImportRow]:
    batch = batch_asked(asked)
    return batch.rows.all() if batch and batch.kind else ImportRow.objects.none()


def _issues(asked: Asked) -> QuerySet[ImportIssue]:
    batch = batch_asked(asked)
    return batch.issues.all() if batch and batch.kind else ImportIssue.objects.none()


def _undone(asked: Asked) -> QuerySet[ImportRow]:
    """What became of each row; before it was taken back, the rows that were changed since and stay."""
    batch = batch_asked(asked)
    if batch is None or not batch.kind:
        return ImportRow.objects.none()
    if batch.state == ImportState.TAKEN_BACK:
        return batch.rows.exclude(undo_outcome="")
    if undoing.why_not(batch):
        return batch.rows.none()
    return recognition.importer_of(batch).changed_since(batch)


def _gone(asked: Asked) -> str:
    batch = batch_asked(asked)
    if batch is None:
        return gettext("Open this list from its import.")
    if batch.state == ImportState.DISCARDED:
        return gettext("This upload was discarded: its rows are not kept.")
    return ""


def _empty(asked: Asked) -> Empty:
    if gone := _gone(asked):
        return Empty("file-import", gone)
    return Empty("file-search", gettext("No row here"))


def _file(asked: Asked) -> str:
    batch = batch_asked(asked)
    return batch.file.name.rpartition(".")[0] or batch.file.name if batch else ""


# --- in words ---------------------------------------------------------------------------------------------


def _row_lines(rows: list[ImportRow], asked: Asked) -> list[RowLine]:
    """Rows with what they change and what was found in them (two queries, and one where numbers are unreadable)."""
    batch = batch_asked(asked)
    if batch is None or not rows:
        return []
    importer = recognition.importer_of(batch)
    found = _findings(batch, importer, rows)
    headlines = {row.line: importer.headline(row) for row in rows}
    nameless = [line for line, (number, _name) in headlines.items() if not number]
    said = _said_for_number(batch, importer, nameless)
    return [
        RowLine(
            row,
            headlines[row.line][0] or said.get(row.line, ""),
            headlines[row.line][1],
            _changes(importer, row),
            found[row.line],
        )
        for row in rows
    ]


def _said_for_number(
    batch: ImportBatch, importer: Importer, lines: Sequence[int]
) -> dict[int, str]:
    """What the file says where the number could not be read, so that people find the row in it."""
    letters = [
        column.letter
        for column in recognition.columns_of(batch)
        if importer.number_field and column.field == importer.number_field
    ]
    if not letters or not lines:
        return {}
    issues = batch.issues.filter(line__in=lines, column__in=letters).exclude(value="")
    return {line: _cut(value) for line, value in issues.values_list("line", "value")}


def _findings(
    batch: ImportBatch, importer: Importer, rows: Sequence[ImportRow]
) -> dict[int, list[str]]:
    issues = batch.issues.filter(line__in=[row.line for row in rows])
    found: dict[int, list[str]] = defaultdict(list)
    for line, rule in issues.order_by("line", "level", "pk").values_list("line", "rule"):
        title = words_of(importer, rule, {}).title
        if title not in found[line]:
            found[line].append(title)
    return found


def _changes(importer: Importer, row: ImportRow) -> list[Change]:
    return [
        Change(
            str(importer.fields.get(name, importer.change_labels.get(name, name))),
            importer.shown(name, before),
            importer.shown(name, after),
        )
        for name, (before, after) in row.changes.items()
    ]


def _issue_lines(issues: list[ImportIssue], asked: Asked) -> list[IssueLine]:
    """Issues with their words and the record they are about (two queries)."""
    batch = batch_asked(asked)
    if batch is None or not issues:
        return []
    importer = recognition.importer_of(batch)
    rows = {row.line: row for row in batch.rows.filter(line__in={one.line for one in issues})}
    return [
        IssueLine(
            issue,
            place_of(issue),
            words_of(importer, issue.rule, issue.params),
            importer.headline(rows[issue.line]) if issue.line in rows else ("", ""),
        )
        for issue in issues
    ]


def place_of(issue: ImportIssue) -> str:
    """The cell as Excel names it, else the row, else the file."""
    if issue.column:
        return f"{issue.column}{issue.line}"
    return gettext("Row %(line)s") % {"line": issue.line} if issue.line else gettext("Whole file")


def _cut(text: str, start: int = 0) -> str:
    """So much of a text as a table shows, from a place on."""
    if len(text) <= SHOWN:
        return text
    rest = text[start:]
    shown = rest if len(rest) < SHOWN else rest[: SHOWN - 1] + "…"
    return f"…{shown}" if start else shown


def _from(one: Change) -> int:
    """Where to begin to show two long values: at their beginning, or shortly before they part."""
    alike = sum(takewhile(bool, map(eq, one.before, one.after)))
    return alike - KEPT_BEFORE if alike > SHOWN // 2 else 0


def _show_changes(changes: Sequence[Change]) -> str:
    if not changes:
        return DASH
    first, others = changes[:SHOWN_CHANGES], changes[SHOWN_CHANGES:]
    if len(others) < 2:
        return _show_fields(changes)
    words = ngettext("%(count)s more field", "%(count)s more fields", len(others))
    summary = conditional_escape(words % {"count": len(others)})
    more = f'<details class="more"><summary>{summary}</summary>{_show_fields(others)}</details>'
    return _show_fields(first) + more


def _show_fields(changes: Sequence[Change]) -> str:
    changed_to = conditional_escape(gettext("changed to"))
    written = []
    for one in changes:
        start = _from(one)
        before = (
            f'<del title="{conditional_escape(one.before)}">{conditional_escape(_cut(one.before, start))}'
            f'</del><span class="visually-hidden"> {changed_to} </span> <span aria-hidden="true">→</span> '
        )
        written.append(
            f"<div><dt>{conditional_escape(one.field)}</dt><dd>{before if one.before else ''}"
            f'<ins title="{conditional_escape(one.after)}">{conditional_escape(_cut(one.after, start)) or DASH}'
            "</ins></dd></div>"
        )
    return f'<dl class="changes changes-inline">{"".join(written)}</dl>'


def _plain_changes(changes: Sequence[Change]) -> str:
    return "；".join(f"{one.field}：{one.before or DASH} → {one.after or DASH}" for one in changes)


CHANGED_CELLS = Cell("", _show_changes, _plain_changes)


def _outcome(line: RowLine) -> list[Badge]:
    return [("outcome", line.row.outcome, line.row.get_outcome_display())]


def _undo_outcome(line: RowLine) -> list[Badge]:
    if not line.row.undo_outcome:
        return []
    return [("undo", line.row.undo_outcome, line.row.get_undo_outcome_display())]


def _severity(line: IssueLine) -> list[Badge]:
    return [("severity", line.issue.level, IssueLevel(line.issue.level).label)]


def _first(line: RowLine) -> int:
    return line.row.line


def _heads(asked: Asked) -> Mapping[str, Any]:
    """Number and name as this kind of table calls them: 申请号 of a patent, 机构 of an organisation."""
    batch = batch_asked(asked)
    if batch is None or not batch.kind:
        return {}
    return dict(zip(("number", "name"), recognition.importer_of(batch).headline_heads, strict=True))


NUMBER = Column("number", _("Number"), lambda line: line.number, cells.CODE)
NAME = Column("name", _("Name"), lambda line: line.title, cells.LONG)

IMPORT_ROWS = ListSpec(
    name="portal.import_rows",
    label=_("Rows of an import"),
    url_name="portal:import-rows",
    rows=_rows,
    filterset=RowFilter,
    orderings={"line": BY_LINE},
    columns=(
        Column("line", _("Row"), _first, cells.NUMBER, "line"),
        Column("outcome", _("Outcome"), _outcome, cells.BADGES, filter="outcome"),
        NUMBER,
        NAME,
        Column("changes", _("Changes"), lambda line: line.changes, CHANGED_CELLS),
        Column(
            "found", _("What was found"), lambda line: line.findings, cells.LINES, filter="rule"
        ),
    ),
    may_open=may_read,
    dress=_row_lines,
    empty=_empty,
    scope=("batch",),
    refusal=_gone,
    title=lambda asked: gettext("Rows of %(file)s") % {"file": _file(asked)},
    heads=_heads,
    is_stacked=True,
)

IMPORT_ISSUES = ListSpec(
    name="portal.import_issues",
    label=_("Issues of an import"),
    url_name="portal:import-issues",
    rows=_issues,
    filterset=IssueFilter,
    orderings={
        # errors before notices: "error" sorts before "notice"
        "level": Ordering(_("Errors first"), ("level", "line")),
        "line": BY_LINE,
    },
    columns=(
        Column("place", _("Cell"), lambda line: line.place, cells.CODE, "line"),
        Column("level", _("Severity"), _severity, cells.BADGES, "level", "level"),
        Column("found", _("What was found"), lambda line: line.words.title, filter="rule"),
        Column("column", _("Column"), lambda line: line.issue.short_header, cells.LONG),
        Column("value", _("Value"), lambda line: line.issue.value, cells.LONG),
        Column("text", _("What was expected and what to do"), lambda line: line.words.text),
        Column("number", _("Number"), lambda line: line.headline[0], cells.CODE),
        Column("name", _("Name"), lambda line: line.headline[1], cells.LONG),
    ),
    may_open=may_read,
    dress=_issue_lines,
    empty=_empty,
    scope=("batch",),
    refusal=_gone,
    title=lambda asked: gettext("Issues of %(file)s") % {"file": _file(asked)},
    heads=_heads,
    is_stacked=True,
)

IMPORT_UNDO = ListSpec(
    name="portal.import_undo",
    label=_("Rows of an import that is taken back"),
    url_name="portal:import-undo-list",
    rows=_undone,
    filterset=UndoneFilter,
    orderings={"line": BY_LINE},
    columns=(
        Column("line", _("Row"), _first, cells.NUMBER, "line"),
        Column("undone", _("What became of it"), _undo_outcome, cells.BADGES, filter="undone"),
        NUMBER,
        NAME,
        Column("why", _("Reason"), lambda line: line.row.undo_note, cells.LONG),
        Column("outcome", _("What the import did"), _outcome, cells.BADGES, filter="outcome"),
        Column("changes", _("Changes"), lambda line: line.changes, CHANGED_CELLS, is_default=False),
    ),
    may_open=may_read,
    dress=_row_lines,
    empty=_empty,
    scope=("batch",),
    refusal=_gone,
    title=lambda asked: gettext("Taking back %(file)s") % {"file": _file(asked)},
    heads=_heads,
    is_stacked=True,
)


def register_lists() -> None:
    """Called once by PortalConfig.ready."""
    register(IMPORT_ROWS, IMPORT_ISSUES, IMPORT_UNDO)
