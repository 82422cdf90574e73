"""Writing confirmed base-list rows: sets of INSERT … ON CONFLICT from the staged rows, trail and facts with them.

Locks are taken in the order of the numbers, so that two overlapping imports wait for each other and never deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from inventory.importing import base_images, dual_filings, register
from inventory.importing.base_checks import campaign_of
from inventory.importing.holders import organisations_in
from inventory.importing.register import Registered
from inventory.models import Patent
from inventory.services import assignments, base_lists, rolling
from inventory.services.patents import derived_days, search_key
from portal import audit, clock
from portal.choices import AuditAction, RowOutcome
from portal.intake import staging
from portal.intake.registry import FoundIssue, Step
from portal.json_text import encode
from portal.models import ImportBatch, ImportRow, Unit

# columns of inventory_patent and their types as jsonb_to_record reads them
_COLUMNS: Final = {
    "kind": "text",
    "is_pct": "boolean",
    "title": "text",
    "abstract": "text",
    "first_claim": "text",
    "claims": "text",
    "full_text_url": "text",
    "drawings_url": "text",
    "classes": "text[]",
    "filed_on": "date",
    "granted_on": "date",
    "published_on": "date",
    "publication_number": "text",
    "simple_status": "text",
    "expires_on": "date",
    "next_fee_on": "date",
    "next_fee_yuan": "numeric",
    "search_key": "text",
}
_BLANK: Final = {"text": "''", "boolean": "false", "text[]": "'{}'::text[]"}
#: What the trail keeps of a new patent.
_TOLD: Final = ("title", "kind", "filed_on", "granted_on", "simple_status", "holders")


# a registered patent, what to change, what the file says
Plan = tuple[Registered, dict[str, list[Any]], dict[str, Any]]


def write_patents(batch: ImportBatch, first_line: int, limit: int) -> int | None:
    """Write the next good rows: new patents, changed ones, their people, events, list entries and trail."""
    rows = list(
        batch.rows.filter(
            line__gte=first_line,
            is_applied=False,
            outcome__in=(RowOutcome.ADDED, RowOutcome.CHANGED),
        ).order_by("line")[:limit]
    )
    if not rows:
        return None
    now = register.load([row.key for row in rows], is_locked=True)
    new = [row for row in rows if row.key not in now]
    inserted = _insert(batch, new)
    overtaken = [row.key for row in new if row.key not in inserted]
    if overtaken:
        now |= register.load(overtaken, is_locked=True)
    before = base_images.standing(now)
    written = _update(batch, [row for row in rows if row.key in now], now)
    _record_added(batch, new, inserted)
    targets = inserted | written
    _list(batch, rows, targets, inserted)
    rolling.take_imported(batch=batch, patent_ids=list(targets.values()))
    _place(batch, rows, targets)
    reordered = [written[r.key] for r in rows if r.key in written and "holders" in r.changes]
    base_lists.follow_order(patent_ids=reordered, actor=batch.membership)
    images = base_images.images(before, targets, made=inserted.keys())
    staging.mark_applied(
        batch,
        [
            staging.Written(row.line, targets[row.key], *images[row.key])
            for row in rows
            if row.key in targets
        ],
    )
    return rows[-1].line + 1


# --- new patents ------------------------------------------------------------------------------------


def _insert(batch: ImportBatch, rows: Sequence[ImportRow]) -> dict[str, int]:
    """Insert from the staged rows; returns {number: id} of those that were not there already."""
    if not rows:
        return {}
    names = ", ".join(_COLUMNS)
    given = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    values = ", ".join(
        "coalesce(v.simple_status, 'unknown')"
        if name == "simple_status"
        else f"coalesce(v.{name}, {_BLANK[kind]})"
        if kind in _BLANK
        else f"v.{name}"
        for name, kind in _COLUMNS.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO inventory_patent (application_number, {names}, status_confirmed_on, source_batch_id,
                                          created_at, updated_at, version)
            SELECT r.key, {values}, CASE WHEN v.simple_status IS NOT NULL THEN %s::date END, %s, %s, %s, 1
            FROM portal_importrow r CROSS JOIN LATERAL jsonb_to_record(r.values) AS v({given})
            WHERE r.batch_id = %s AND r.line = ANY(%s)
            ORDER BY r.key
            ON CONFLICT (application_number) DO NOTHING
            RETURNING application_number, id
            """,  # noqa: S608 - names come from the constants above
            [
                clock.today(),
                batch.pk,
                clock.now(),
                clock.now(),
                batch.pk,
                [row.line for row in rows],
            ],
        )
        inserted = dict(cursor.fetchall())
    _insert_people(batch, [row.line for row in rows if row.key in inserted])
    return inserted


def _insert_people(batch: ImportBatch, lines: list[int]) -> None:
    """Holders, inventors and events of new patents, from the staged rows."""
    alone = encode([[batch.organisation.name, batch.organisation_id]])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO inventory_patentholder (patent_id, position, name, organisation_id)
            SELECT p.id, h.position, h.value->>0, (h.value->>1)::bigint
            {_STAGED} CROSS JOIN LATERAL
            jsonb_array_elements(coalesce(r.values->'holders', %s::jsonb)) WITH ORDINALITY AS h(value, position)
            """,
            [batch.pk, lines, alone],
        )
        cursor.execute(
            f"""
            INSERT INTO inventory_patentinventor (patent_id, position, name)
            SELECT p.id, i.position, i.value
            {_STAGED} CROSS JOIN LATERAL
            jsonb_array_elements_text(r.values->'inventors') WITH ORDINALITY AS i(value, position)
            """,
            [batch.pk, lines],
        )
        cursor.execute(_EVENTS, [clock.today(), batch.pk, lines])


# by rows of the file, each with one look-up of its patent: the plan does not depend on statistics
_STAGED: Final = """
    FROM (portal_importrow r JOIN inventory_patent p
          ON r.batch_id = %s AND r.line = ANY(%s) AND p.application_number = r.key)"""
_EVENTS: Final = f"""
    INSERT INTO inventory_legalevent (patent_id, kind, occurred_on, detail, confirmed_on)
    SELECT p.id, e.value->>0, (e.value->>1)::date, e.value->>2, %s
    {_STAGED} CROSS JOIN LATERAL jsonb_array_elements(r.values->'events') AS e(value)
    ON CONFLICT (patent_id, kind, occurred_on) DO UPDATE SET confirmed_on = excluded.confirmed_on
"""


# --- patents that are there already -----------------------------------------------------------------


def _update(
    batch: ImportBatch, rows: Sequence[ImportRow], now: Mapping[str, Registered]
) -> dict[str, int]:
    """Write what the person confirmed, field by field; what changed meanwhile stays and is said."""
    issues: list[FoundIssue] = []
    plans: dict[str, Plan] = {}
    for row in rows:
        one = now[row.key]
        if batch.organisation_id not in organisations_in(one.holders):
            issues.append(FoundIssue(row.line, "holder_conflict", value=row.values["number"]))
            continue
        changes, overtaken = _still_promised(row, one)
        if overtaken:
            issues.append(_overtaken_issue(row, overtaken))
        plans[row.key] = (one, changes, row.values)
    staging.refuse(batch, issues)
    changed = {key: plan for key, plan in plans.items() if plan[1]}
    write_facts([merged(key, *plan) for key, plan in sorted(changed.items())])
    _replace_people(changed)
    with connection.cursor() as cursor:
        lines = [row.line for row in rows if row.key in plans and "events" in plans[row.key][1]]
        cursor.execute(_EVENTS, [clock.today(), batch.pk, lines])
    audit.record_many(
        audit.entry(
            actor=batch.membership,
            action=AuditAction.CHANGE,
            target=Patent(pk=one.pk),
            owner=batch.organisation_id,
            changes=changes,
        )
        for one, changes, _values in changed.values()
    )
    return {key: plan[0].pk for key, plan in plans.items()}


def _still_promised(
    row: ImportRow, now: Registered
) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Changes to write, and those somebody else overtook: a field must still be as the preview saw it.

    A row that was to be added and is there by now (two imports at once) fills what is blank.
    """
    fresh = register.difference(row.values, now)
    if row.outcome == RowOutcome.ADDED:
        return {
            name: pair for name, pair in fresh.items() if not pair[0] or pair[0] == "unknown"
        }, {}
    same = {name: pair for name, pair in fresh.items() if row.changes.get(name) == pair}
    return same, {name: pair for name, pair in fresh.items() if name not in same}


def _overtaken_issue(row: ImportRow, overtaken: Mapping[str, Any]) -> FoundIssue:
    return FoundIssue(
        row.line,
        "changed_meanwhile",
        "notice",
        value=row.values["number"],
        params={"fields": sorted(overtaken)},
    )


def merged(
    key: str, now: Registered, changes: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """All columns of a changed patent as they shall be, with what follows from them."""
    facts = {name: changes[name][1] if name in changes else now.facts[name] for name in now.facts}
    holders = values["holders"] if "holders" in changes else now.holders
    inventors = values["inventors"] if "inventors" in changes else now.inventors
    days = derived_days(now.kind, _day(facts["filed_on"]), _day(facts["granted_on"]), clock.today())
    return {
        "id": now.pk,
        **facts,
        **{name: None if value is None else str(value) for name, value in days.items()},
        "search_key": search_key(key, facts["title"], [str(one[0]) for one in holders], inventors),
        "is_confirmed": bool(values.get("simple_status")),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def write_facts(changed: Sequence[Mapping[str, Any]]) -> None:
    """One UPDATE for all changed patents, each as `merged` gives it."""
    written = {name: kind for name, kind in _COLUMNS.items() if name not in ("kind", "is_pct")}
    given = ", ".join(f"{name} {kind}" for name, kind in written.items())
    sets = ", ".join(f"{name} = v.{name}" for name in written)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE inventory_patent p
            SET {sets}, version = p.version + 1, updated_at = %s,
                status_confirmed_on = CASE WHEN v.is_confirmed THEN %s ELSE p.status_confirmed_on END
            FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, is_confirmed boolean, {given})
            WHERE p.id = v.id
            """,  # noqa: S608 - names come from the constants above
            [clock.now(), clock.today(), encode(list(changed))],
        )


def _replace_people(
    changed: Mapping[str, Plan],
) -> None:
    """Holders and inventors of changed patents anew, in order; accounts stay with the names that have them."""
    holders = [
        [one.pk, at, *holder]
        for one, changes, values in changed.values()
        if "holders" in changes
        for at, holder in enumerate(values["holders"], 1)
    ]
    inventors = [
        [one.pk, at, name]
        for one, changes, values in changed.values()
        if "inventors" in changes
        for at, name in enumerate(values["inventors"], 1)
    ]
    replace_holders(holders)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (DELETE FROM inventory_patentinventor WHERE patent_id = ANY(%s)
                          RETURNING patent_id, name, user_id)
            SELECT patent_id, name, user_id FROM gone WHERE user_id IS NOT NULL
            """,
            [sorted({one[0] for one in inventors})],
        )
        accounts = {(patent, name): user for patent, name, user in cursor.fetchall()}
        cursor.execute(
            "INSERT INTO inventory_patentinventor (patent_id, position, name, user_id) "
            "SELECT (v->>0)::bigint, (v->>1)::int, v->>2, (v->>3)::bigint "
            "FROM jsonb_array_elements(%s::jsonb) v",
            [encode([[*one, accounts.get((one[0], one[2]))] for one in inventors])],
        )


def replace_holders(holders: Sequence[Sequence[Any]]) -> None:
    """Holders of patents anew, each as [patent, position, name, organisation]."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM inventory_patentholder WHERE patent_id = ANY(%s)",
            [sorted({one[0] for one in holders})],
        )
        cursor.execute(
            "INSERT INTO inventory_patentholder (patent_id, position, name, organisation_id) "
            "SELECT (v->>0)::bigint, (v->>1)::int, v->>2, (v->>3)::bigint "
            "FROM jsonb_array_elements(%s::jsonb) v",
            [encode(holders)],
        )


# --- what goes with them ----------------------------------------------------------------------------


def _record_added(
    batch: ImportBatch, rows: Sequence[ImportRow], inserted: Mapping[str, int]
) -> None:
    audit.record_many(
        audit.entry(
            actor=batch.membership,
            action=AuditAction.CREATE,
            target=Patent(pk=inserted[row.key]),
            owner=batch.organisation_id,
            changes={
                "application_number": [None, row.key],
                **{name: [None, row.values[name]] for name in _TOLD if name in row.values},
            },
        )
        for row in rows
        if row.key in inserted
    )


def _list(
    batch: ImportBatch,
    rows: Sequence[ImportRow],
    targets: Mapping[str, int],
    inserted: Mapping[str, int],
) -> None:
    """Put on the base list what the preview said would go there, and what was listed and is new again by now."""
    campaign = campaign_of(batch)
    promised = [
        targets[row.key]
        for row in rows
        if row.key in targets and ("base_list" in row.changes or row.key in inserted)
    ]
    if campaign is not None and promised:
        base_lists.list_patents(
            actor=batch.membership,
            campaign=campaign,
            institution=batch.organisation,
            patent_ids=promised,
            batch=batch,
        )


def _place(batch: ImportBatch, rows: Sequence[ImportRow], targets: Mapping[str, int]) -> None:
    """Assign to units what the preview said, as far as nobody did meanwhile."""
    named = {
        targets[row.key]: row.values["unit"]
        for row in rows
        if row.key in targets and "org_unit" in row.changes
    }
    units = Unit.objects.in_bulk(set(named.values()))
    assignments.place_dossiers(
        units={patent: units[unit] for patent, unit in named.items()}, actor=batch.membership
    )


APPLICATIONS: Final = (
    Step(_("Writing patents"), write_patents),
    Step(_("Linking dual filings"), dual_filings.link),
)
