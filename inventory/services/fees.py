"""The next annual fee of each patent moves on when its day has passed (专利法实施细则 第115条)."""

from __future__ import annotations

from datetime import date

from inventory.choices import SimpleStatus
from inventory.models import Patent
from inventory.services.patents import derived_days


def move_fees_on(*, after: int, limit: int, on_day: date) -> int | None:
    """Recompute the next fee of up to `limit` patents whose fee day has passed, by primary key beyond `after`.

    Returns the last key done, None at the end. Derived from days already in the trail: not audited itself.
    """
    passed = list(
        Patent.objects.filter(pk__gt=after, next_fee_on__lt=on_day)
        .exclude(simple_status=SimpleStatus.ENDED)
        .only("kind", "filed_on", "granted_on")
        .order_by("pk")[:limit]
    )
    for patent in passed:
        days = derived_days(patent.kind, patent.filed_on, patent.granted_on, on_day)
        patent.next_fee_on = days["next_fee_on"]
        patent.next_fee_yuan = days["next_fee_yuan"]
    Patent.objects.bulk_update(passed, ["next_fee_on", "next_fee_yuan"], batch_size=1000)
    return passed[-1].pk if len(passed) == limit else None
