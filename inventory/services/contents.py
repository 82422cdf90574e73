"""Writing the contents of many dossiers in sets, for imports and bulk edits: UPDATE, marks, trail, steps, facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

from django.db import connection

from inventory import rules
from inventory.choices import DossierState, StepAct
from inventory.dossier_fields import CONTENT_FIELDS
from inventory.models import Dossier, IntentMark, StatusMark
from inventory.services import moves
from inventory.services.dossiers import derive, trail_of
from inventory.services.facts import DOSSIER, record_facts
from portal import audit, clock, crypto
from portal.choices import AuditAction
from portal.copying import insert_many
from portal.intake import staging
from portal.models import AuditEntry, Membership

#: Columns of a dossier that are written, with their types.
_COLUMNS: Final = {
    "combination_name": "text",
    "combination_numbers": "text[]",
    "combination_note": "text",
    "is_publicly_funded": "boolean",
    "funding_kind": "text",
    "funding_name": "text",
    "funding_number": "text",
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
    "responsible_id": "bigint",
}


@dataclass(frozen=True)
class Writing:
    """One dossier under lock and what becomes of it."""

    dossier: Dossier
    before: rules.Content
    after: rules.Content
    maturity_raw: str
    unit_id: int | None
    responsible_id: int | None

    @cached_property
    def changes(self) -> dict[str, list[Any]]:
        """{field: [before, after]} as the trail keeps it."""
        was = {"unit": self.dossier.unit_id, "responsible": self.dossier.responsible_id}
        will = {"unit": self.unit_id, "responsible": self.responsible_id}
        contents = (
            audit.changes_of(trail_of(self.before), trail_of(self.after))
            if self.before != self.after
            else {}
        )
        return {**contents, **audit.changes_of(was, will)}


def write_contents(writings: Sequence[Writing], *, actor: Membership, reason: str = "") -> None:
    """Write dossiers that `moves.lock_dossiers` holds, in the caller's transaction; every writing changes something.

    1. trail; 2. one UPDATE; 3. marks; 4. the first step of unfiled ones whose content is new; 5. facts of the others.
    """
    audit.record_many([_entry(one, actor, reason) for one in writings])
    unfiled = [
        one.dossier
        for one in writings
        if one.dossier.state == DossierState.UNFILED and one.before != one.after
    ]
    _update_contents(writings)
    _replace_marks(writings)
    started = {dossier.pk for dossier in unfiled}
    if unfiled:
        moves.move(unfiled, DossierState.DRAFT, act=StepAct.START, actor=actor)
    record_facts(DOSSIER, [one.dossier.pk for one in writings if one.dossier.pk not in started])


def _entry(writing: Writing, actor: Membership, reason: str) -> AuditEntry:
    return audit.entry(
        actor=actor,
        action=AuditAction.CHANGE,
        target=writing.dossier,
        owner=writing.dossier.participation.institution_id,
        changes=writing.changes,
        reason=reason,
        version=writing.dossier.version + 1,
    )


def _update_contents(writings: Sequence[Writing]) -> None:
    """One UPDATE for all; the dossiers in memory follow, because the state moves from their version.

    Only columns that change in one of them are set: to set unit or classes has the database rank the dossier anew.
    """
    now = clock.now()
    rows = [_columns_of(one) for one in writings]
    names = [name for name in _COLUMNS if any(name in row for row in rows)]
    given = "".join(f", {name} {_COLUMNS[name]}, has_{name} boolean" for name in names)
    sets = "".join(
        f", {name} = CASE WHEN v.has_{name} THEN v.{name} ELSE d.{name} END" for name in names
    )
    told = [{**row, **{f"has_{name}": True for name in names if name in row}} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE inventory_dossier d SET version = d.version + 1, updated_at = %s{sets}
            FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint{given})
            WHERE d.id = v.id
            """,  # noqa: S608 - names come from the constants above
            [now, staging.encode(told)],
        )
    for one in writings:
        one.dossier.unit_id, one.dossier.responsible_id = one.unit_id, one.responsible_id
        one.dossier.version += 1
        one.dossier.updated_at = now


def _columns_of(writing: Writing) -> dict[str, Any]:
    """The key and the columns that change; marks derive two of them."""
    dossier, before, after = writing.dossier, writing.before, writing.after
    found: dict[str, Any] = {"id": dossier.pk}
    for name in CONTENT_FIELDS:
        value = getattr(after, name)
        if name in _COLUMNS and value != getattr(before, name):
            found[name] = crypto.encrypt(value) if name == "contact_phone" and value else value
    derived = {
        **derive(after.statuses),
        "maturity_raw": writing.maturity_raw,
        "unit_id": writing.unit_id,
        "responsible_id": writing.responsible_id,
    }
    found |= {name: value for name, value in derived.items() if value != getattr(dossier, name)}
    return found


def _replace_marks(writings: Sequence[Writing]) -> None:
    """Lists that are given anew take the place of the old ones."""
    statuses = [one for one in writings if one.after.statuses != one.before.statuses]
    intents = [one for one in writings if one.after.intents != one.before.intents]
    if statuses:
        StatusMark.objects.filter(dossier__in=[one.dossier.pk for one in statuses]).delete()
        insert_many(
            StatusMark(dossier=one.dossier, position=place, **asdict(status))
            for one in statuses
            for place, status in enumerate(one.after.statuses, 1)
        )
    if intents:
        IntentMark.objects.filter(dossier__in=[one.dossier.pk for one in intents]).delete()
        insert_many(
            IntentMark(dossier=one.dossier, position=place, **asdict(intent))
            for one in intents
            for place, intent in enumerate(one.after.intents, 1)
        )
