"""Checks of the platform's answer against the batch it is about, and its application, in sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.choices import ItemOutcome
from inventory.importing import answers_undo, number_offers
from inventory.models import UploadItem
from inventory.services.upload_answers import ANSWERABLE, accept_rest, record_answers
from portal.choices import IssueLevel, RowOutcome
from portal.intake import staging
from portal.intake.registry import FoundIssue, Step
from portal.intake.staging import Verdict
from portal.models import ImportBatch, ImportRow

_SENT: Final = (ItemOutcome.SENT, ItemOutcome.ACCEPTED, ItemOutcome.RETURNED)


def join_repeated(batch: ImportBatch, first_line: int, limit: int) -> None:
    """Several rows about one patent are one answer: messages together, returned if one of them says so."""
    by_key: dict[str, list[ImportRow]] = {}
    for row in batch.rows.exclude(key="").exclude(outcome=RowOutcome.REFUSED).order_by("line"):
        by_key.setdefault(row.key, []).append(row)
    firsts, issues = [], []
    for first, *others in by_key.values():
        if others and not first.values.get("joined"):
            first.values = _joined([first, *others])
            firsts.append(first)
            issues += [
                FoundIssue(row.line, "repeated", level=IssueLevel.NOTICE.value) for row in others
            ]
    ImportRow.objects.bulk_update(firsts, ["values"], batch_size=500)
    staging.add_issues(batch, issues)


def _joined(rows: Sequence[ImportRow]) -> dict[str, Any]:
    messages = dict.fromkeys(row.values["message"] for row in rows if row.values["message"])
    is_returned = any(row.values["outcome"] == ItemOutcome.RETURNED for row in rows)
    return {
        **rows[0].values,
        "message": "；".join(messages),
        "outcome": str(ItemOutcome.RETURNED) if is_returned else rows[0].values["outcome"],
        "joined": [row.line for row in rows[1:]],
    }


def match(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Each answer against the patents that were sent: unknown ones are refused, what is known already is unchanged."""
    rows = list(
        batch.rows.filter(line__gte=first_line)
        .exclude(outcome=RowOutcome.REFUSED)
        .order_by("line")[:limit]
    )
    if not rows:
        return None
    items = items_by_number(batch, rows)
    rule = "not_in_batch" if is_answerable(batch) else "no_batch"
    seen: set[str] = set(
        batch.rows.filter(line__lt=rows[0].line, key__in=[row.key for row in rows]).values_list(
            "key", flat=True
        )
    )
    verdicts, issues = [], []
    for row in rows:
        item = items.get(row.key)
        if item is None:
            issues.append(FoundIssue(row.line, rule, value=row.values.get("title", "")))
        elif row.key not in seen:
            verdicts.append(_verdict(row, item))
        seen.add(row.key)
    _name(rows, items)
    staging.set_verdicts(batch, verdicts)
    staging.refuse(batch, issues)
    return rows[-1].line + 1


def _name(rows: Sequence[ImportRow], items: Mapping[str, UploadItem]) -> None:
    """Lists that give numbers alone are read with the titles of the patents."""
    nameless = [row for row in rows if row.key in items and not row.values.get("title")]
    for row in nameless:
        row.values = {**row.values, "title": items[row.key].dossier.patent.title}
    ImportRow.objects.bulk_update(nameless, ["values"], batch_size=500)


def _verdict(row: ImportRow, item: UploadItem) -> Verdict:
    said = {"outcome": row.values["outcome"], "message": row.values["message"]}
    before = {"outcome": item.outcome, "message": item.message}
    changes = {name: [before[name], said[name]] for name in said if before[name] != said[name]}
    outcome = RowOutcome.CHANGED if changes else RowOutcome.UNCHANGED
    return Verdict(row.line, outcome, changes, target_id=item.pk)


def items_by_number(batch: ImportBatch, rows: Sequence[ImportRow]) -> dict[str, UploadItem]:
    """Patents that were sent in the chosen batch of the same institution, by application number."""
    found = UploadItem.objects.filter(
        batch=batch.options.get("upload") or None,
        batch__institution=batch.organisation_id,
        batch__state__in=ANSWERABLE,
        outcome__in=_SENT,
        dossier__patent__application_number__in=[row.key for row in rows],
    ).select_related("dossier__patent")
    return {item.dossier.patent.application_number: item for item in found}


def is_answerable(batch: ImportBatch) -> bool:
    """Whether a batch of this institution that takes answers was chosen."""
    return UploadItem.objects.filter(
        batch=batch.options.get("upload") or None,
        batch__institution=batch.organisation_id,
        batch__state__in=ANSWERABLE,
    ).exists()


def write_answers(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Outcomes and messages of the next rows."""
    rows = list(
        batch.rows.filter(
            line__gte=first_line, outcome=RowOutcome.CHANGED, is_applied=False
        ).order_by("line")[:limit]
    )
    if not rows:
        return None
    known = {item.pk: item for item in items_by_number(batch, rows).values()}
    answers = {
        row.target_id: (row.values["outcome"], row.values["message"])
        for row in rows
        if row.target_id in known
    }
    record_answers(
        batch_id=int(batch.options["upload"]),
        answers={pk: said for pk, said in answers.items() if pk is not None},
        actor=batch.membership,
    )
    batch.rows.filter(pk__in=[row.pk for row in rows]).update(is_applied=True)
    written = [(row, known[row.target_id]) for row in rows if row.target_id in known]
    staging.mark_applied(batch, [answers_undo.image(row, item) for row, item in written])
    return rows[-1].line + 1


def write_rest(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """The patents that the list does not name, where the person said that it names failures only."""
    if batch.options.get("rest") != "accepted" or not is_answerable(batch):
        return None
    more = accept_rest(batch_id=int(batch.options["upload"]), actor=batch.membership, limit=limit)
    return first_line + 1 if more else None


CHECKS: Final = (
    Step(_("Joining what is said about one patent"), join_repeated),
    Step(_("Comparing with the batch"), match),
    number_offers.STEP,
)
APPLICATIONS: Final = (
    Step(_("Writing the answers"), write_answers),
    Step(_("Patents that are not on the list"), write_rest),
)
