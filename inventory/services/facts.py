"""Writing facts with validity in time: the only place that touches the fact tables, in sets or singly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from portal import clock


@dataclass(frozen=True)
class FactTable:
    """Names of one fact table for the set-based statement."""

    table: str
    subject: str
    columns: tuple[str, ...]


ENTRY = FactTable(
    "inventory_entryfact",
    "entry_id",
    ("campaign_id", "institution_id", "patent_id", "is_included"),
)
CONFIRMATION = FactTable(
    "inventory_confirmationfact",
    "entry_id",
    ("campaign_id", "patent_id", "is_confirmed", "is_transformed", "stars"),
)
DOSSIER = FactTable(
    "inventory_dossierfact",
    "dossier_id",
    ("patent_id", "state", "is_covered", "is_transformed", "is_unsuitable", "stars"),
)
UPLOAD = FactTable("inventory_uploadfact", "dossier_id", ("patent_id", "standing"))
POOL = FactTable("inventory_poolfact", "pool_entry_id", ("patent_id", "institution_id", "state"))

# A subquery per table that says, from the business rows, what holds now. `{ids}` is a list of subject ids.
_NOW: dict[str, str] = {
    ENTRY.table: """
        SELECT e.id AS entry_id, e.campaign_id, e.institution_id, e.patent_id, e.is_included
        FROM inventory_baselistentry e WHERE e.id = ANY(%(ids)s)""",
    # What the approved version says is in the dossier's fact, which is recorded first.
    CONFIRMATION.table: """
        SELECT e.id AS entry_id, e.campaign_id, e.patent_id, e.confirmed_on IS NOT NULL AS is_confirmed,
               e.confirmed_on IS NOT NULL AND coalesce(f.is_transformed, false) AS is_transformed,
               CASE WHEN e.confirmed_on IS NOT NULL THEN f.stars END AS stars
        FROM inventory_baselistentry e
        LEFT JOIN inventory_dossierfact f
               ON f.dossier_id = e.dossier_id AND f.superseded_at IS NULL AND f.valid_to IS NULL AND f.is_covered
        WHERE e.id = ANY(%(ids)s) AND (e.confirmed_on IS NOT NULL OR EXISTS (
            SELECT 1 FROM inventory_confirmationfact c
            WHERE c.entry_id = e.id AND c.superseded_at IS NULL AND c.valid_to IS NULL))""",
    # An approved version counts also while a revision is being written: what it said stays.
    DOSSIER.table: """
        SELECT d.id AS dossier_id, d.patent_id, d.state,
               (d.state = 'completed' OR keep.id IS NOT NULL) AS is_covered,
               CASE WHEN d.state = 'completed' THEN d.is_transformed
                    ELSE coalesce(keep.is_transformed, false) END AS is_transformed,
               CASE WHEN d.state = 'completed' OR keep.id IS NULL THEN d.is_unsuitable
                    ELSE keep.is_unsuitable END AS is_unsuitable,
               CASE WHEN d.state = 'completed' OR keep.id IS NULL THEN d.stars
                    ELSE keep.stars END AS stars
        FROM inventory_dossier d
        LEFT JOIN inventory_dossierfact keep
               ON keep.dossier_id = d.id AND keep.superseded_at IS NULL AND keep.valid_to IS NULL
              AND keep.is_covered AND %(keeps)s
        WHERE d.id = ANY(%(ids)s) AND d.state <> 'unfiled'""",
    POOL.table: """
        SELECT p.id AS pool_entry_id, p.patent_id, p.institution_id, p.state
        FROM inventory_poolentry p WHERE p.id = ANY(%(ids)s)""",
    UPLOAD.table: """
        SELECT d.id AS dossier_id, d.patent_id, d.upload_standing AS standing
        FROM inventory_dossier d WHERE d.id = ANY(%(ids)s) AND d.upload_standing <> 'not_sent'""",
}


@transaction.atomic
def record_facts(
    table: FactTable,
    ids: Iterable[int],
    *,
    valid_from: date | None = None,
    keeps_approval: bool = True,
) -> int:
    """Bring the facts of these subjects up to what their rows say now; returns how many changed.

    1. lock the open rows of the subjects and compare them with the business rows;
    2. mark the differing ones superseded;
    3. write their closed copies, valid up to `valid_from` (today by default), unless of zero length;
    4. write the new open rows.
    `keeps_approval=False` ends an approval (returned by a reviewer); a revision keeps it.
    """
    params: dict[str, Any] = {
        "ids": sorted(set(ids)),
        "day": valid_from or clock.today(),
        "now": clock.now(),
        "keeps": keeps_approval,
    }
    with connection.cursor() as cursor:
        cursor.execute(_statement(table), params)
        return int(cursor.fetchone()[0])


@transaction.atomic
def retract_facts(table: FactTable, ids: Iterable[int]) -> int:
    """Say that what was recorded of these subjects never held; returns how many facts were believed until now.

    For what was written by mistake. What was believed is only superseded, so a figure of a past moment stays what it
    was; the retraction itself is recorded as a fact that holds on no day, so that figures know of something new.
    """
    columns = ", ".join(table.columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH gone AS (
                UPDATE {table.table} SET superseded_at = %(now)s
                WHERE {table.subject} = ANY(%(ids)s) AND superseded_at IS NULL
                RETURNING *
            ),
            told AS (
                INSERT INTO {table.table} ({table.subject}, {columns}, valid_from, valid_to, recorded_at)
                SELECT DISTINCT ON ({table.subject}) {table.subject}, {columns}, valid_from, valid_from, %(now)s
                FROM gone ORDER BY {table.subject}, valid_from
            )
            SELECT count(*) FROM gone
            """,  # noqa: S608 - names come from the constants above
            {"ids": sorted(set(ids)), "now": clock.now()},
        )
        return int(cursor.fetchone()[0])


def _statement(fact: FactTable) -> str:
    columns = ", ".join(fact.columns)
    of_now = ", ".join(f"n.{name}" for name in fact.columns)
    of_old = ", ".join(f"o.{name}" for name in fact.columns)
    return f"""
        WITH now_rows AS ({_NOW[fact.table]}),
        open_rows AS (
            SELECT * FROM {fact.table}
            WHERE {fact.subject} = ANY(%(ids)s) AND superseded_at IS NULL AND valid_to IS NULL
            ORDER BY {fact.subject} FOR UPDATE
        ),
        changed AS (
            SELECT n.{fact.subject}, o.id AS old_id
            FROM now_rows n LEFT JOIN open_rows o USING ({fact.subject})
            WHERE o.id IS NULL OR ({of_now}) IS DISTINCT FROM ({of_old})
        ),
        ended AS (
            UPDATE {fact.table} f SET superseded_at = %(now)s
            FROM changed c WHERE f.id = c.old_id RETURNING f.*
        ),
        closed AS (
            INSERT INTO {fact.table}
                ({fact.subject}, {columns}, valid_from, valid_to, recorded_at)
            SELECT {fact.subject}, {columns}, valid_from, %(day)s, %(now)s
            FROM ended WHERE valid_from < %(day)s
        ),
        opened AS (
            INSERT INTO {fact.table} ({fact.subject}, {columns}, valid_from, recorded_at)
            SELECT n.{fact.subject}, {of_now}, %(day)s, %(now)s
            FROM now_rows n JOIN changed c USING ({fact.subject})
            WHERE (SELECT count(*) FROM ended) >= 0  -- first end, then open: one open row at a time
        )
        SELECT count(*) FROM changed
    """  # noqa: S608 - names come from the constants above
