"""Writing what the preview of a national template promised: contents, marks, states, trail and facts in sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from inventory import permissions
from inventory.choices import DossierState, StepAct
from inventory.dossier_fields import CONTENT_FIELDS
from inventory.importing.national_plan import Plan, plan
from inventory.models import Dossier, IntentMark, StatusMark
from inventory.services import moves
from inventory.services.dossiers import derive, trail_of
from inventory.services.facts import DOSSIER, record_facts
from portal import audit, clock, crypto
from portal.choices import AuditAction, RowOutcome
from portal.intake import staging
from portal.intake.registry import FoundIssue, Step
from portal.models import AuditEntry, ImportBatch, ImportRow

#: Columns of a dossier that a file writes, with their types.
_COLUMNS: Final = {
    "combination_name": "text",
    "combination_numbers": "text[]",
    "combination_note": "text",
    "is_publicly_funded": "boolean",
    "partner_cities": "text[]",
    "partner_firms": "text[]",
    "price_band": "text",
    "uses_default_contact": "boolean",
    "contact_name": "text",
    "contact_phone": "text",
    "maturity": "text",
    "maturity_raw": "text",
    "stars": "smallint",
    "advantages": "text",
    "industry": "text",
    "industry_division": "text",
    "prospects": "text",
    "strategic_codes": "text[]",
    "is_unsuitable": "boolean",
    "is_transformed": "boolean",
    "unit_id": "bigint",
}


@dataclass(frozen=True)
class _Writing:
    """One dossier under lock and what becomes of it."""

    row: ImportRow
    dossier: Dossier
    plan: Plan


def write_dossiers(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Fill in the dossiers of the next rows; one that changed since the preview is left alone and named."""
    rows = list(
        batch.rows.filter(
            line__gte=first_line,
            outcome__in=[RowOutcome.ADDED, RowOutcome.CHANGED],
            is_applied=False,
        ).order_by("line")[:limit]
    )
    if not rows:
        return None
    locked = {one.pk: one for one in moves.lock_dossiers(row.target_id or 0 for row in rows)}
    writings, issues = [], []
    for row in rows:
        dossier = locked.get(row.target_id or 0)
        if dossier is None or not _is_as_seen(batch, row, dossier):
            issues.append(FoundIssue(row.line, "dossier_changed", value=row.values["number"]))
            continue
        writings.append(_Writing(row, dossier, plan(row.values, dossier)))
    staging.refuse(batch, issues)
    _write(batch, writings)
    batch.rows.filter(pk__in=[one.row.pk for one in writings]).update(is_applied=True)
    return rows[-1].line + 1


def _is_as_seen(batch: ImportBatch, row: ImportRow, dossier: Dossier) -> bool:
    return (
        dossier.version == row.target_version
        and dossier.is_editable
        and permissions.can_edit_dossier(batch.membership, dossier)
    )


def _write(batch: ImportBatch, writings: Sequence[_Writing]) -> None:
    """Contents, marks, trail, then the first step of the unfiled ones, then the facts of the others."""
    _update_contents(writings)
    _replace_marks(writings)
    audit.record_many(_entry(batch, one) for one in writings)
    unfiled = [one.dossier for one in writings if one.dossier.state == DossierState.UNFILED]
    started = {dossier.pk for dossier in unfiled}
    if unfiled:
        moves.move(unfiled, DossierState.DRAFT, act=StepAct.START, actor=batch.membership)
    record_facts(DOSSIER, [one.dossier.pk for one in writings if one.dossier.pk not in started])


def _update_contents(writings: Sequence[_Writing]) -> None:
    """One UPDATE for all; the dossiers in memory follow, because the state moves from their version."""
    now = clock.now()
    given = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    sets = ", ".join(f"{name} = v.{name}" for name in _COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE inventory_dossier d SET {sets}, version = d.version + 1, updated_at = %s
            FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, {given})
            WHERE d.id = v.id
            """,  # noqa: S608 - names come from the constants above
            [now, staging.encode([_columns_of(one) for one in writings])],
        )
    for one in writings:
        one.dossier.version += 1
        one.dossier.updated_at = now


def _columns_of(writing: _Writing) -> dict[str, Any]:
    after = writing.plan.after
    values = {name: getattr(after, name) for name in CONTENT_FIELDS if name in _COLUMNS}
    phone = after.contact_phone
    return {
        **values,
        **derive(after.statuses),
        "id": writing.dossier.pk,
        "contact_phone": crypto.encrypt(phone) if phone else "",
        "maturity_raw": writing.plan.maturity_raw,
        "unit_id": writing.plan.unit_id or writing.dossier.unit_id,
    }


def _replace_marks(writings: Sequence[_Writing]) -> None:
    """Lists that the file gives anew take the place of the old ones."""
    statuses = [one for one in writings if one.plan.after.statuses != one.plan.before.statuses]
    intents = [one for one in writings if one.plan.after.intents != one.plan.before.intents]
    StatusMark.objects.filter(dossier__in=[one.dossier.pk for one in statuses]).delete()
    StatusMark.objects.bulk_create(
        (
            StatusMark(dossier=one.dossier, position=place, **asdict(status))
            for one in statuses
            for place, status in enumerate(one.plan.after.statuses, 1)
        ),
        batch_size=1000,
    )
    IntentMark.objects.filter(dossier__in=[one.dossier.pk for one in intents]).delete()
    IntentMark.objects.bulk_create(
        (
            IntentMark(dossier=one.dossier, position=place, **asdict(intent))
            for one in intents
            for place, intent in enumerate(one.plan.after.intents, 1)
        ),
        batch_size=1000,
    )


def _entry(batch: ImportBatch, writing: _Writing) -> AuditEntry:
    changes = audit.changes_of(trail_of(writing.plan.before), trail_of(writing.plan.after))
    if writing.plan.unit_id is not None:
        changes["unit"] = [None, writing.plan.unit_id]
    return audit.entry(
        actor=batch.membership,
        action=AuditAction.CHANGE,
        target=writing.dossier,
        owner=writing.dossier.participation.institution_id,
        changes=changes,
    )


APPLICATIONS: Final = (Step(_("Filling in dossiers"), write_dossiers),)
