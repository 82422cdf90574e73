"""What the pages of an import show: steps, figures, rules, rows and issues in words. No request here."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.choices import ImportState, RowOutcome, UndoOutcome
from portal.intake import preview, recognition, undoing
from portal.intake.registry import Importer
from portal.intake.sheets import same_sheet
from portal.intake.wording import did, words_of, would_do
from portal.models import ImportBatch, Membership

_ORDER = (
    {ImportState.READING, ImportState.UNREADABLE},
    {ImportState.MAPPING},
    {ImportState.PREVIEW, ImportState.DISCARDED},
    {ImportState.APPLYING, ImportState.APPLIED, ImportState.UNDOING, ImportState.TAKEN_BACK},
)


def steps(batch: ImportBatch) -> list[dict[str, Any]]:
    """Where an upload stands on its way."""
    labels = (_("Read"), _("Columns recognised"), _("Check and confirm"), _("Written"))
    here = next(at for at, states in enumerate(_ORDER) if batch.state in states)
    is_over = batch.state in (ImportState.APPLIED, ImportState.UNDOING, ImportState.TAKEN_BACK)
    return [
        {"label": label, "is_done": at < here or is_over, "is_current": at == here and not is_over}
        for at, label in enumerate(labels)
    ]


def consequences(batch: ImportBatch, importer: Importer) -> list[dict[str, Any]]:
    """What confirming does, in counts; each opens its rows."""
    counts = batch.counts
    words = {
        RowOutcome.ADDED: (_("rows are added"), "success"),
        RowOutcome.CHANGED: (_("rows change what is there"), "info"),
        RowOutcome.UNCHANGED: (_("rows change nothing"), "neutral"),
        RowOutcome.REFUSED: (_("rows cannot be taken and stay out"), "danger"),
    }
    lines = [
        {
            "count": counts[name],
            "text": text,
            "tone": tone if counts[name] else "neutral",
            "url": rows_url(batch, outcome=str(name)),
        }
        for name, (text, tone) in words.items()
    ]
    tallies = [
        {"count": counts[name], "text": str(label), "tone": "info"}
        for name, label in importer.tallies.items()
        if counts.get(name)
    ]
    return [*lines[:-1], *tallies, lines[-1]]


def sentence(batch: ImportBatch) -> str:
    """The consequences in one sentence: of a preview what would happen, of an import what did."""
    if batch.state == ImportState.PREVIEW:
        return would_do(batch.counts)
    return did(batch.counts)


def rows_url(batch: ImportBatch, **filters: str) -> str:
    """The rows of an import, narrowed."""
    return _list_url("portal:import-rows", batch, filters)


def issues_url(batch: ImportBatch, **filters: str) -> str:
    """What was found in an import, narrowed."""
    return _list_url("portal:import-issues", batch, filters)


def _list_url(name: str, batch: ImportBatch, filters: dict[str, str]) -> str:
    return f"{reverse(name)}?{urlencode({'batch': batch.pk, **filters})}"


def undo_consequences(batch: ImportBatch, why_not: str) -> list[dict[str, Any]]:
    """What taking back does, in counts; nothing where it cannot be."""
    if why_not:
        return []
    forecast = undoing.forecast(batch)
    changed = forecast["changed"]
    return [
        {"count": forecast["taken_back"], "text": _("rows are taken back"), "tone": "info"},
        {
            "count": changed,
            "text": _("rows were changed since: what was changed stays"),
            "tone": "warning" if changed else "neutral",
        },
    ]


def undone(batch: ImportBatch) -> list[dict[str, Any]]:
    """What became of the rows of an import that was taken back, in counts."""
    counts = batch.counts.get("undone", {})
    words = {
        UndoOutcome.TAKEN_BACK: (_("rows were taken back"), "success"),
        UndoOutcome.PARTLY: (_("rows were taken back in part"), "warning"),
        UndoOutcome.KEPT: (_("rows stay, as they were changed since"), "warning"),
    }
    return [
        {
            "count": counts.get(name, 0),
            "text": text,
            "tone": tone if counts.get(name) else "neutral",
            "url": f"?undone={name}",
        }
        for name, (text, tone) in words.items()
    ]


def looks_like(batch: ImportBatch, membership: Membership) -> dict[str, Any]:
    """What a file seems to be that was read as none, and whether this person may import it; {} where nobody knows."""
    importer = recognition.looks_like(batch)
    if importer is None:
        return {}
    return {"label": importer.label, "is_yours": importer.may_import(membership)}


def same_file_before(batch: ImportBatch, membership: Membership) -> ImportBatch | None:
    """The last import of the very same sheet that this person may see and that still stands.

    The rows that stayed out of an import are of the same sheet, which is said elsewhere.
    """
    if batch.state != ImportState.PREVIEW or batch.continues_id:
        return None
    same = ImportBatch.objects.visible_to(membership).filter(
        organisation=batch.organisation_id,
        state=ImportState.APPLIED,
        **same_sheet(batch),
    )
    found = same.exclude(pk=batch.pk).select_related("membership__user").order_by("-applied_at")
    return found.first()


def corrected_later(batch: ImportBatch) -> list[ImportBatch]:
    """Imports that wrote rows which had stayed out of this one: they stay when it is taken back."""
    found, last = [], batch
    over = (ImportState.DISCARDED, ImportState.UNREADABLE)
    while (further := last.continued_by.exclude(state__in=over).first()) is not None:
        if further.state == ImportState.APPLIED:
            found.append(further)
        last = further
    return found


def before_and_after(
    batch: ImportBatch, importer: Importer, membership: Membership
) -> dict[str, Any]:
    """Whether the same file came before, and what people who may do next once it is written."""
    found: dict[str, Any] = {"same_before": same_file_before(batch, membership)}
    if batch.state == ImportState.APPLIED and importer.may_import(membership):
        found["next_label"], found["next_url"] = importer.next_act(batch)
    return found


def rules(batch: ImportBatch, importer: Importer) -> list[dict[str, Any]]:
    """Every rule that found something: title, count, first place and what to do there (two queries)."""
    found = preview.issues_by_rule(batch)
    firsts = {one.rule: one for one in batch.issues.order_by("rule", "line").distinct("rule")}
    return [
        {
            **one,
            "title": words_of(importer, one["rule"], {}).title,
            "first": firsts[one["rule"]],
            "text": words_of(importer, one["rule"], firsts[one["rule"]].params).text,
            "url": issues_url(batch, rule=one["rule"], level=one["level"]),
            "rows_url": rows_url(batch, rule=one["rule"]),
        }
        for one in found
    ]


def found_so_far(batch: ImportBatch) -> list[dict[str, Any]]:
    """What the chunks committed so far found, while a file is read and checked: the first stands there at once."""
    if batch.state != ImportState.READING or not batch.kind:
        return []
    return rules(batch, recognition.importer_of(batch))


def tabs(batch: ImportBatch, here: str = "") -> list[dict[str, Any]]:
    """The page of an import, its rows, and its issues where there are any; `here` is the name of a list."""
    issues, rows = batch.counts.get("issues"), batch.counts.get("rows")
    detail = reverse("portal:import-detail", kwargs={"pk": batch.pk})
    found = [
        {"label": _("Overview"), "url": detail, "is_current": not here},
        {
            "label": _("Rows"),
            "url": rows_url(batch),
            "count": rows,
            "is_current": here == "portal.import_rows",
        },
        {
            "label": _("Issues"),
            "url": issues_url(batch),
            "count": issues,
            "is_current": here == "portal.import_issues",
        },
    ]
    return [
        tab for tab in found if tab["label"] != _("Issues") or issues or here.endswith("issues")
    ]


def not_read(batch: ImportBatch) -> dict[str, Any]:
    """Columns that are not imported, as Excel names them, those nobody knows apart, and sheets that are not read."""
    columns = [column for column in recognition.columns_of(batch) if not column.field]
    names: dict[bool, list[str]] = {True: [], False: []}
    for column in columns:
        is_known = column.is_known and column.reason != recognition.UNKNOWN
        names[is_known].append(f"{column.letter} {column.header}")
    return {
        "unknown": names[False],
        "unused": names[True],
        "other_sheets": batch.counts.get("other_sheets", ()),
    }
