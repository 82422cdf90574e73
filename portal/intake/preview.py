"""The preview: counts, the digest a person confirms, and the rows and issues of the page."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, F, Min

from portal.choices import IssueLevel, RowOutcome
from portal.models import ImportBatch


def counts(batch: ImportBatch) -> dict[str, Any]:
    """Rows by outcome, and issues by level."""
    found: dict[str, Any] = dict.fromkeys(RowOutcome.values, 0)
    found |= dict(batch.rows.values_list("outcome").annotate(Count("pk")).order_by())
    found |= {f"{level}s": 0 for level in IssueLevel.values}
    by_level = batch.issues.values_list("level").annotate(Count("pk")).order_by()
    found |= {f"{level}s": count for level, count in by_level}
    found["issues"] = sum(found[f"{level}s"] for level in IssueLevel.values)
    found["rows"] = sum(found[outcome] for outcome in RowOutcome.values)
    return found


def digest(batch: ImportBatch) -> str:
    """Fingerprint of what the preview promises: outcome, target and changes of every row.

    It tells two previews apart within one release of the database: JSON is hashed as it is kept, not as text.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT encode(sha256(convert_to(coalesce(string_agg(
                       md5(concat_ws('|', line, key, outcome, target_id, target_version,
                                     jsonb_hash_extended(changes, 0), jsonb_hash_extended("values", 0))),
                       '' ORDER BY line), ''), 'UTF8')), 'hex')
            FROM portal_importrow WHERE batch_id = %s
            """,
            [batch.pk],
        )
        return str(cursor.fetchone()[0])


def issues_by_rule(batch: ImportBatch) -> list[Any]:
    """Every rule that found something: errors first, the most frequent first, with its first place."""
    found = (
        batch.issues.values("rule", "level")
        .annotate(count=Count("pk"), first_line=Min("line"))
        .order_by("level", F("count").desc(), "rule")
    )
    return list(found)
