"""Freezing what was picked: ticked rows with the versions seen, or all that match the list's filter."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, QuerySet

from portal.bulk.registry import BulkAct
from portal.choices import BULK_WRITTEN
from portal.models import BulkRun, Membership

# what one page can send; more are meant by "all that match"
MOST_PICKS = 5000
CHUNK = 2000


@dataclass(frozen=True)
class Selection:
    """What was picked in a list: pairs of key and version seen, or everything under a query string."""

    query: str = ""
    is_everything: bool = False
    picks: tuple[tuple[int, int | None], ...] = ()

    def digest(self, act: str) -> str:
        """The same selection for the same act has the same digest."""
        text = repr((act, self.is_everything, self.query if self.is_everything else "", self.picks))
        return hashlib.sha256(text.encode()).hexdigest()


def read_picks(texts: Sequence[str]) -> tuple[tuple[int, int | None], ...]:
    """`<key>-<version>` or `<key>` of each tick, sorted; what is neither is left out; None for no version."""
    found: dict[int, int | None] = {}
    for text in texts[:MOST_PICKS]:
        key, _dash, version = text.partition("-")
        if _is_number(key):
            found[int(key)] = int(version) if _is_number(version) and len(version) <= 9 else None
    return tuple(sorted(found.items()))


def picked_keys(texts: Sequence[str]) -> list[int]:
    """Keys of the ticked rows of a page that is no list of the registry."""
    return [key for key, _seen in read_picks(texts)]


def _is_number(text: str) -> bool:
    """Plain digits that fit a key column."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


def _statement(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """The query as SQL; Django has none for one that can hold no row (a key list emptied by rights)."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint, NULL::integer WHERE false", ()


def freeze(run: BulkRun, act: BulkAct, selection: Selection, membership: Membership) -> int:
    """Stage the selection as rows of the run, only what the list shows this person; returns how many.

    Done again for the same run it brings the rows up to date and leaves those that are right.
    """
    scope = act.rows(membership, selection.query if selection.is_everything else "")
    columns = [F(act.key), F(act.version)] if act.version else [F(act.key), F(act.key)]
    inner = scope.order_by().values_list(*columns)
    if not selection.is_everything:
        inner = inner.filter(**{f"{act.key}__in": [key for key, _seen in selection.picks]})
    sql, params = _statement(inner)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE TEMPORARY TABLE bulk_picked ON COMMIT DROP AS
            SELECT target, max(version) AS version FROM ({sql}) AS q(target, version) GROUP BY target
            """,  # noqa: S608 - the statement of a queryset
            params,
        )
        if act.version and not selection.is_everything:
            _take_versions_seen(cursor, selection)
        cursor.execute(
            "DELETE FROM portal_bulkrunrow WHERE run_id = %s"
            " AND target_id NOT IN (SELECT target FROM bulk_picked)",
            [run.pk],
        )
        cursor.execute(_INSERT, [run.pk, bool(act.version)])
        cursor.execute("SELECT count(*) FROM bulk_picked")
        count = int(cursor.fetchone()[0])
        cursor.execute("DROP TABLE bulk_picked")
    return count


_INSERT = """
    INSERT INTO portal_bulkrunrow (run_id, position, target_id, version_seen, outcome, note, before)
    SELECT %s, row_number() OVER (ORDER BY target), target,
           CASE WHEN %s THEN version END, 'waiting', '', '{}'
    FROM bulk_picked
    ON CONFLICT (run_id, target_id) DO UPDATE
    SET position = excluded.position, version_seen = excluded.version_seen
    WHERE (portal_bulkrunrow.position, portal_bulkrunrow.version_seen)
          IS DISTINCT FROM (excluded.position, excluded.version_seen)
"""


def _take_versions_seen(cursor: object, selection: Selection) -> None:
    """Ticks carry the version the page showed, which may be older than what stands now; without one they are stale."""
    keys = [key for key, _seen in selection.picks]
    seen = [version for _key, version in selection.picks]
    cursor.execute(  # type: ignore[attr-defined]
        "UPDATE bulk_picked b SET version = coalesce(v.seen, 0)"
        " FROM unnest(%s::bigint[], %s::int[]) AS v(key, seen) WHERE b.target = v.key",
        [keys, seen],
    )


def keep_only(run: BulkRun, act: BulkAct, membership: Membership) -> int:
    """Drop the rows that the act does not keep, and close the gaps; returns how many are left."""
    assert act.keeps is not None  # the caller asks only such acts  # noqa: S101
    keys = list(run.rows.order_by("position").values_list("target_id", flat=True))
    kept: set[int] = set()
    for start in range(0, len(keys), CHUNK):
        kept |= set(act.keeps(membership, keys[start : start + CHUNK]))
    run.rows.exclude(target_id__in=kept).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_bulkrunrow r SET position = n.place
            FROM (SELECT id, row_number() OVER (ORDER BY position) AS place
                  FROM portal_bulkrunrow WHERE run_id = %s) AS n
            WHERE n.id = r.id AND r.position <> n.place
            """,
            [run.pk],
        )
    return len(kept)


def freeze_undo(run: BulkRun, of: BulkRun) -> int:
    """Stage what a run wrote, with the versions it left and what was before; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO portal_bulkrunrow
                (run_id, position, target_id, version_seen, outcome, note, before)
            SELECT %s, row_number() OVER (ORDER BY position), target_id, version_after,
                   'waiting', '', before
            FROM portal_bulkrunrow WHERE run_id = %s AND outcome = ANY(%s)
            """,
            [run.pk, of.pk, [str(outcome) for outcome in BULK_WRITTEN]],
        )
        return int(cursor.rowcount)
