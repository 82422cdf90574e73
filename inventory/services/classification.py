"""Loaded classification tables: putting an edition in force, and the industries it gives the patents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from inventory.choices import ClassState, TableKind
from inventory.classification.concordance import Concordance, Found, Rule
from inventory.classification.symbols import parse_pattern
from inventory.models import ClassificationTable, Patent, PatentIndustry
from inventory.services.priorities import rank_patents
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.jobs import queue
from portal.json_text import encode
from portal.models import Membership

KIND = "inventory.classify"


@transaction.atomic
def put_in_force(
    *, table: ClassificationTable, seen_version: int, actor: Membership
) -> ClassificationTable:
    """Let this edition count instead of the one before; a concordance is then applied to every patent by a job."""
    editions = ClassificationTable.objects.filter(kind=table.kind, scheme=table.scheme)
    held = list(editions.select_for_update(of=("self",)).order_by("pk"))
    stored = next(one for one in held if one.pk == table.pk)
    if stored.is_current:
        raise InvalidTransition(_("This edition is in force already."))
    check_version(seen_version, stored.version)
    for one in [one for one in held if one.is_current] + [stored]:
        one.is_current = one is stored
        one.version += 1
        one.applied_at = None
        one.save(update_fields=["is_current", "version", "applied_at"])
        audit.record(
            actor=actor,
            action=AuditAction.STATE,
            target=one,
            changes={"is_current": [not one.is_current, one.is_current]},
        )
    if stored.kind == TableKind.CONCORDANCE:
        ask_to_classify(stored, actor)
    return stored


def ask_to_classify(table: ClassificationTable, actor: Membership | None = None) -> None:
    """Ask for the job that applies a concordance; patents changed since the last time only, after the first."""
    since = table.applied_at.isoformat() if table.applied_at else ""
    queue.ask(KIND, actor=actor, params={"table": table.pk, "since": since})


def concordance_of(table: ClassificationTable) -> Concordance:
    """The rules of a loaded table, ready for many patents (one query)."""
    rows = table.rules.values_list("code", "pattern", "is_exclusion", "keyword")
    return Concordance(
        Rule(code, parse_pattern(pattern), is_exclusion=barred, keyword=keyword)
        for code, pattern, barred, keyword in rows
    )


@transaction.atomic
def classify_patents(
    *, table: ClassificationTable, after: int, limit: int, since: datetime | None = None
) -> int | None:
    """Give up to `limit` patents beyond the key `after` their industries by the table; the last key, None at the end.

    What a person confirmed or rejected stays. Derived from a loaded table, whose putting in force is in the trail.
    """
    patents = Patent.objects.filter(pk__gt=after).order_by("pk")
    if since is not None:
        patents = patents.filter(updated_at__gte=since)
    rows = list(patents.values_list("pk", "classes", "title", "abstract")[:limit])
    rules = concordance_of(table)
    found = {
        pk: rules.match(classes, f"{title} {abstract}") for pk, classes, title, abstract in rows
    }
    changed = _write(table, found)
    if changed:
        rank_patents(changed)
    return rows[-1][0] if len(rows) == limit else None


def _write(table: ClassificationTable, found: dict[int, list[Found]]) -> list[int]:
    """Bring the stored industries of these patents to what was found; the patents that changed, in order."""
    wanted = [
        {
            "patent": patent,
            "code": one.code,
            "pattern": one.pattern,
            "state": str(ClassState.CANDIDATE if one.is_candidate else ClassState.CERTAIN),
        }
        for patent, industries in found.items()
        for one in industries
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "wanted": encode(wanted),
                "patents": sorted(found),
                "scheme": table.scheme,
                "table": table.pk,
            },
        )
        return [row[0] for row in cursor.fetchall()]


# what no table says any more goes, what is new comes, what a person decided stays
_WRITE = """
    WITH wanted AS (
        SELECT * FROM jsonb_to_recordset(%(wanted)s::jsonb)
                 AS w(patent bigint, code text, pattern text, state text)
    ),
    gone AS (
        DELETE FROM inventory_patentindustry i
        WHERE i.patent_id = ANY(%(patents)s) AND i.scheme = %(scheme)s AND i.state IN ('certain', 'candidate')
          AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.patent = i.patent_id AND w.code = i.code)
        RETURNING i.patent_id
    ),
    written AS (
        INSERT INTO inventory_patentindustry AS i
            (patent_id, scheme, code, state, table_id, pattern, version)
        SELECT w.patent, %(scheme)s, w.code, w.state, %(table)s, w.pattern, 1 FROM wanted w
        ON CONFLICT (patent_id, scheme, code) DO UPDATE
            SET state = excluded.state, table_id = excluded.table_id, pattern = excluded.pattern,
                version = i.version + 1
            WHERE i.state IN ('certain', 'candidate')
              AND (i.state, i.table_id, i.pattern)
                  IS DISTINCT FROM (excluded.state, excluded.table_id, excluded.pattern)
        RETURNING i.patent_id
    )
    SELECT patent_id FROM gone UNION SELECT patent_id FROM written ORDER BY 1
"""


@transaction.atomic
def decide_industry(
    *, industry: PatentIndustry, is_confirmed: bool, seen_version: int, actor: Membership
) -> PatentIndustry:
    """Confirm or reject an industry of a patent; saying the same again changes nothing."""
    stored = PatentIndustry.objects.select_for_update(of=("self",)).get(pk=industry.pk)
    wanted = ClassState.CONFIRMED if is_confirmed else ClassState.REJECTED
    if stored.state == wanted:
        return stored
    check_version(seen_version, stored.version)
    before, stored.state = stored.state, wanted
    stored.decided_by = actor
    stored.version += 1
    stored.save(update_fields=["state", "decided_by", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=stored,
        changes={"state": [before, str(wanted)], "code": [stored.code, stored.code]},
    )
    rank_patents([stored.patent_id])
    return stored


def changed_since(table: ClassificationTable) -> bool:
    """Whether the register changed after the table was applied last."""
    if table.applied_at is None:
        return True
    return Patent.objects.filter(updated_at__gt=table.applied_at).exists()


def current_concordances() -> Sequence[ClassificationTable]:
    return list(ClassificationTable.objects.filter(kind=TableKind.CONCORDANCE, is_current=True))
