"""Key industries of the city, and bringing the priorities of dossiers up to date after they change.

The columns themselves are filled by the database (migration of priorities): a dossier's rank follows from its patent,
its unit and the key industries, however any of these is written.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from inventory.models import KeyIndustry
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.jobs import queue
from portal.models import Membership

KIND = "inventory.priorities"
FIELDS = ("name", "patterns", "strategic_codes", "is_active")


@transaction.atomic
def create_key_industry(*, values: dict[str, Any], actor: Membership) -> KeyIndustry:
    """Name a key industry (重点产业); a job ranks the dossiers anew."""
    made = KeyIndustry(**values)
    made.save(force_insert=True)
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=made,
        changes=audit.changes_of({}, values),
    )
    queue.ask(KIND, actor=None)
    return made


@transaction.atomic
def change_key_industry(
    *, industry: KeyIndustry, values: dict[str, Any], seen_version: int, actor: Membership
) -> KeyIndustry:
    """Change a key industry or take it out of force; saving what stands changes nothing."""
    stored = KeyIndustry.objects.select_for_update(of=("self",)).get(pk=industry.pk)
    check_version(seen_version, stored.version)
    changes = audit.changes_of({name: getattr(stored, name) for name in values}, values)
    if not changes:
        return stored
    for name, value in values.items():
        setattr(stored, name, value)
    stored.version += 1
    stored.save(update_fields=[*values, "version"])
    audit.record(actor=actor, action=AuditAction.CHANGE, target=stored, changes=changes)
    queue.ask(KIND, actor=None)
    return stored


def rank_patents(patent_ids: list[int]) -> int:
    """Let the database rank the dossiers of these patents anew; returns how many changed. Derived: not audited."""
    return _rank("d.patent_id = ANY(%(ids)s)", {"ids": patent_ids})


def rank_next(*, after: int, limit: int) -> int | None:
    """Rank the next dossiers by key; the last key done, None at the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id) FROM (SELECT id FROM inventory_dossier WHERE id > %s ORDER BY id LIMIT %s) AS part",
            [after, limit],
        )
        last: int | None = cursor.fetchone()[0]
    if last is not None:
        _rank("d.id > %(after)s AND d.id <= %(last)s", {"after": after, "last": last})
    return last


def _rank(condition: str, params: dict[str, Any]) -> int:
    """Touch only rows whose rank differs: the trigger writes what the function says."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE inventory_dossier d SET patent_id = d.patent_id
            WHERE {condition} AND (d.in_key_industry, d.in_strong_discipline)
                  IS DISTINCT FROM (inventory_in_key_industry(d.patent_id, d.strategic_codes),
                                    inventory_in_strong_discipline(d.unit_id))
            """,  # noqa: S608 - the conditions are the two above
            params,
        )
        return int(cursor.rowcount)
