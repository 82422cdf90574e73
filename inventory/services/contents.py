"""Writing the contents of many dossiers in sets, for imports and bulk edits: UPDATE, marks, trail, steps, facts.

What becomes of a dossier is worked out once, as a plan in plain JSON, and written from it by SQL. A bulk edit hands its
plans over with the statements; an import keeps them with its staged rows from the preview on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final

from django.db import connection

from inventory import rules
from inventory.choices import DossierState, StepAct
from inventory.models import Dossier
from inventory.services.dossiers import ALL_FIELDS, derive, trail_of
from inventory.services.facts import DOSSIER, record_facts
from portal import audit, clock, crypto
from portal.choices import AuditAction
from portal.json_text import encode
from portal.models import Membership

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


#: Columns of a mark, with their types.
_STATUS_COLUMNS: Final = {
    "level1": "text",
    "level2": "text",
    "wording": "text",
    "amount": "numeric",
    "product_name": "text",
    "report_result": "text",
    "remark": "text",
}
_INTENT_COLUMNS: Final = {"level1": "text", "level2": "text", "wording": "text", "fee": "numeric"}
_MARKS: Final = (
    ("statuses", "inventory_statusmark", _STATUS_COLUMNS),
    ("intents", "inventory_intentmark", _INTENT_COLUMNS),
)


# dossiers that nobody began say the same; not to be changed
_parts = attrgetter(*ALL_FIELDS)
_trail_before = lru_cache(maxsize=64)(trail_of)


@dataclass(frozen=True)
class Writing:
    """One dossier and what becomes of it."""

    dossier: Dossier
    before: rules.Content
    after: rules.Content
    maturity_raw: str
    unit_id: int | None
    responsible_id: int | None

    @cached_property
    def changing(self) -> tuple[str, ...]:
        """The parts of the content that change."""
        if self.before is self.after:
            return ()
        pairs = zip(ALL_FIELDS, _parts(self.before), _parts(self.after), strict=True)
        return tuple(name for name, was, will in pairs if was != will)

    @cached_property
    def changes(self) -> dict[str, list[Any]]:
        """{field: [before, after]} as the trail keeps it."""
        was = {"unit": self.dossier.unit_id, "responsible": self.dossier.responsible_id}
        will = {"unit": self.unit_id, "responsible": self.responsible_id}
        contents = trail_of(self.after, self.changing)
        if contents:
            contents = audit.changes_of(_trail_before(self.before), contents)
        return {**contents, **audit.changes_of(was, will)}

    @property
    def starts(self) -> bool:
        """Whether it is the first content of an unfiled dossier, which becomes a draft by it."""
        return self.dossier.state == DossierState.UNFILED and bool(self.changing)

    @property
    def plan(self) -> dict[str, Any]:
        """What `write_plans` takes: columns to set, marks to replace, the trail, what was before; telephones sealed."""
        found: dict[str, Any] = {
            "set": _columns_of(self),
            "trail": self.changes,
            "before": crypto.seal(said_before(self)),
            "starts": self.starts,
        }
        for name, _table, _columns in _MARKS:
            if name in self.changing:
                found[name] = _plain(getattr(self.after, name))
        return found


@dataclass(frozen=True)
class Plans:
    """Plans to be written: SQL of a relation ``t(id, plan)`` with its parameters, and the keys of the dossiers."""

    relation: str
    params: Mapping[str, Any]
    ids: Sequence[int]


def write_contents(writings: Sequence[Writing], *, actor: Membership, reason: str = "") -> None:
    """Write dossiers that `moves.lock_dossiers` holds, in the caller's transaction; every writing changes something.

    The dossiers in memory follow, so that the caller may go on from their version.
    """
    if not writings:
        return
    given = [{"id": one.dossier.pk, "plan": one.plan} for one in writings]
    plans = Plans(
        "jsonb_to_recordset(%(plans)s::jsonb) AS t(id bigint, plan jsonb)",
        {"plans": encode(given)},
        [one.dossier.pk for one in writings],
    )
    write_plans(plans, actor=actor, reason=reason)
    now = clock.now()
    for one in writings:
        dossier = one.dossier
        starts = one.starts
        dossier.unit_id, dossier.responsible_id = one.unit_id, one.responsible_id
        dossier.version += 2 if starts else 1
        dossier.updated_at = now
        if starts:
            dossier.state = DossierState.DRAFT


#: The plans of one call with their parts apart, and what the dossiers say before: read out of the JSON and looked up
#: once, not for every column of every statement.
_PARTS: Final = """
    CREATE TEMP TABLE IF NOT EXISTS dossier_plan (
        id bigint NOT NULL, institution_id bigint NOT NULL, version int NOT NULL, state text NOT NULL,
        starts boolean NOT NULL, given jsonb NOT NULL, trail jsonb NOT NULL, statuses jsonb, intents jsonb)
        ON COMMIT DELETE ROWS;
    DELETE FROM dossier_plan;
"""


def write_plans(plans: Plans, *, actor: Membership, reason: str = "") -> None:
    """Write plans for dossiers under lock that are as they were when planned, in the caller's transaction.

    1. trail; 2. first steps of those that start; 3. one UPDATE; 4. marks; 5. facts. A dossier that starts goes on by
    two versions, as if its content had been saved and the step made after it.
    """
    params: dict[str, Any] = {"draft": str(DossierState.DRAFT), "now": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(_PARTS)
        cursor.execute(
            f"""
            INSERT INTO dossier_plan
            SELECT d.id, p.institution_id, d.version, d.state, (t.plan->>'starts')::boolean, t.plan->'set',
                   t.plan->'trail', t.plan->'statuses', t.plan->'intents'
            FROM {plans.relation} JOIN inventory_dossier d USING (id)
            JOIN inventory_campaigninstitution p ON p.id = d.participation_id
            """,  # noqa: S608 - our words
            plans.params,
        )
    _tell(params, actor, reason)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO inventory_dossierstep (dossier_id, act, from_state, to_state, actor_id, at, reason, version)
            SELECT id, %(start)s, state, %(draft)s, %(actor)s, %(now)s, '', version + 2
            FROM dossier_plan WHERE starts ORDER BY id
            """,
            {**params, "start": str(StepAct.START), "actor": actor.pk},
        )
    # a temporary table has no statistics: the keys tell the planner how few dossiers of how many these are
    params["ids"] = list(plans.ids)
    _update_contents(params)
    _replace_marks(params)
    record_facts(DOSSIER, plans.ids)


def _tell(params: dict[str, Any], actor: Membership, reason: str) -> None:
    """What changed goes into the trail, and after it the first step of those that start."""
    audit.record_set(
        "SELECT id, institution_id, trail, version + 1 FROM dossier_plan ORDER BY id",
        params,
        actor=actor,
        action=AuditAction.CHANGE,
        model=Dossier,
        reason=reason,
    )
    audit.record_set(
        """
        SELECT id, institution_id, jsonb_build_object('state', jsonb_build_array(state, %(draft)s::text)), version + 2
        FROM dossier_plan WHERE starts ORDER BY id
        """,
        params,
        actor=actor,
        action=AuditAction.STATE,
        model=Dossier,
    )


def _update_contents(params: dict[str, Any]) -> None:
    """One UPDATE for all. Only columns that change in one of them are set: others would start triggers for nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT jsonb_object_keys(given) FROM dossier_plan")
        changing = {name for (name,) in cursor.fetchall()}
        names = [name for name in _COLUMNS if name in changing]
        given = ", ".join(f"{name} {_COLUMNS[name]}" for name in names) or "nothing text"
        sets = "".join(
            f", {name} = CASE WHEN t.given ? '{name}' THEN v.{name} ELSE d.{name} END"
            for name in names
        )
        cursor.execute(
            f"""
            UPDATE inventory_dossier d
            SET version = d.version + CASE WHEN t.starts THEN 2 ELSE 1 END, updated_at = %(now)s,
                state = CASE WHEN t.starts THEN %(draft)s ELSE d.state END{sets}
            FROM dossier_plan t CROSS JOIN LATERAL jsonb_to_record(t.given) AS v({given})
            WHERE d.id = t.id AND d.id = ANY(%(ids)s)
            """,  # noqa: S608 - names come from the constants above
            params,
        )


def _columns_of(writing: Writing) -> dict[str, Any]:
    """The columns that change; marks derive two of them."""
    dossier, after = writing.dossier, writing.after
    found = {name: getattr(after, name) for name in writing.changing if name in _COLUMNS}
    if found.get("contact_phone"):
        found["contact_phone"] = crypto.encrypt(found["contact_phone"])
    derived = {
        **derive(after.statuses),
        "maturity_raw": writing.maturity_raw,
        "unit_id": writing.unit_id,
        "responsible_id": writing.responsible_id,
    }
    found |= {name: value for name, value in derived.items() if value != getattr(dossier, name)}
    return found


def _replace_marks(params: dict[str, Any]) -> None:
    """Lists that are given anew take the place of the old ones."""
    with connection.cursor() as cursor:
        for name, table, columns in _MARKS:
            given = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            cursor.execute(
                f"""
                DELETE FROM {table} m USING dossier_plan t
                WHERE m.dossier_id = t.id AND m.dossier_id = ANY(%(ids)s) AND t.{name} IS NOT NULL
                """,  # noqa: S608 - names come from the constants above
                params,
            )
            cursor.execute(
                f"""
                INSERT INTO {table} (dossier_id, position, {", ".join(columns)})
                SELECT t.id, m.position, {", ".join(f"v.{column}" for column in columns)}
                FROM dossier_plan t
                CROSS JOIN LATERAL jsonb_array_elements(t.{name}) WITH ORDINALITY AS m(value, position)
                CROSS JOIN LATERAL jsonb_to_record(m.value) AS v({given})
                """  # noqa: S608 - names come from the constants above
            )


def said_before(writing: Writing) -> dict[str, Any]:
    """What the changed fields said before, as plain JSON: what `edits.restore_dossiers` takes."""
    dossier = writing.dossier
    found = {**_parts_before(writing.before, writing.changing)}
    if writing.unit_id != dossier.unit_id:
        found["unit"] = dossier.unit_id
    if writing.responsible_id != dossier.responsible_id:
        found["responsible"] = dossier.responsible_id
    if writing.maturity_raw != dossier.maturity_raw:
        found["maturity_raw"] = dossier.maturity_raw
    return found


@lru_cache(maxsize=256)
def _parts_before(content: rules.Content, names: tuple[str, ...]) -> dict[str, Any]:
    """These parts as plain JSON. Dossiers that nobody began say the same; not to be changed."""
    return {name: _plain(getattr(content, name)) for name in names}


def _plain(value: Any) -> Any:
    """Text, number, list; a mark as its fields."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, rules.Status | rules.Intent):
        return _plain_mark(value)
    return audit.plain(value)


@lru_cache(maxsize=4096)
def _plain_mark(mark: rules.Status | rules.Intent) -> dict[str, Any]:
    """A mark as its fields. The same few stand in thousands of dossiers; not to be changed."""
    return {name: audit.plain(getattr(mark, name)) for name in mark.__dataclass_fields__}
