"""How patents stand with the national platform: kept in a column for lists, derived from items and approvals.

未上传: no batch with it was uploaded. 已上传: the approved content is what was sent last and not returned.
上传后有变更: what was sent differs from what is approved now. 平台退回: the platform returned what was sent last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from inventory.models import Dossier, UploadFact
from inventory.services.facts import UPLOAD, record_facts
from inventory.services.upload_content import digest_of
from portal import clock

# The latest item that went to the platform decides. `{ids}` limits the dossiers.
_DERIVED = """
    SELECT d.id,
           CASE WHEN last.outcome IS NULL THEN 'not_sent'
                WHEN last.outcome = 'returned' THEN 'returned'
                WHEN last.digest = d.approved_digest THEN 'sent'
                ELSE 'changed' END AS standing
    FROM inventory_dossier d
    LEFT JOIN LATERAL (
        SELECT i.outcome, i.digest FROM inventory_uploaditem i
        JOIN inventory_uploadbatch b ON b.id = i.batch_id AND b.state IN ('uploaded', 'answered')
        WHERE i.dossier_id = d.id AND i.outcome IN ('sent', 'accepted', 'returned')
        ORDER BY i.id DESC LIMIT 1
    ) last ON true
    WHERE d.id = ANY(%(ids)s)
"""


@transaction.atomic
def refresh_standing(ids: Iterable[int], *, on: date | None = None) -> int:
    """Bring the column and the facts up to what items and approvals say, as of a day (today); returns how many changed.

    A fact never begins before the one it follows.
    """
    params: dict[str, Any] = {"ids": sorted(set(ids))}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE inventory_dossier d SET upload_standing = now.standing
            FROM ({_DERIVED}) now
            WHERE d.id = now.id AND d.upload_standing <> now.standing RETURNING d.id
            """,  # noqa: S608 - put together from the constant above
            params,
        )
        changed = [pk for (pk,) in cursor.fetchall()]
    _record(changed, on or clock.today())
    return len(changed)


def derived_standing(ids: Collection[int]) -> dict[int, str]:
    """{dossier: standing} as derived now: what the column must say."""
    with connection.cursor() as cursor:
        cursor.execute(_DERIVED, {"ids": sorted(ids)})
        return dict(cursor.fetchall())


@transaction.atomic
def note_approval(dossiers: Sequence[Dossier], contents: Sequence[Any]) -> None:
    """Remember the digests of contents just approved; what was uploaded otherwise has changed since."""
    for dossier, content in zip(dossiers, contents, strict=True):
        dossier.approved_digest = digest_of(content)
    Dossier.objects.bulk_update(dossiers, ["approved_digest"], batch_size=1000)
    refresh_standing(dossier.pk for dossier in dossiers)


@transaction.atomic
def note_withdrawal(ids: Collection[int]) -> None:
    """A reviewer withdrew the approval of these: nothing of them is approved now."""
    Dossier.objects.filter(pk__in=ids).update(approved_digest="")
    refresh_standing(ids)


def _record(ids: Sequence[int], day: date) -> None:
    """Facts from the day on, or from the later day on which the fact before began."""
    later = dict(
        UploadFact.objects.current()
        .filter(dossier__in=ids, valid_from__gt=day)
        .values_list("dossier_id", "valid_from")
    )
    for start in {day, *later.values()}:
        of_day = [pk for pk in ids if later.get(pk, day) == start]
        if of_day:
            record_facts(UPLOAD, of_day, valid_from=start)
