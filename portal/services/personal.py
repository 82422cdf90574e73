"""Looking at full contacts: counted, and in the trail with masked values."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from portal import audit
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.models import Membership
from portal.text import mask_contact, mask_name

# whoever needs more in an hour exports them
MOST_AN_HOUR = 60

# one statement counts, so that parallel requests cannot all see "59 so far"
_COUNT = """
INSERT INTO portal_revealcount AS c (user_id, hour, count) VALUES (%s, date_trunc('hour', now()), 1)
ON CONFLICT (user_id) DO UPDATE SET
    count = CASE WHEN c.hour = excluded.hour THEN c.count + 1 ELSE 1 END, hour = excluded.hour
RETURNING count
"""


@transaction.atomic
def record_reveal(
    *,
    target: Model,
    values: Mapping[str, str],
    actor: Membership,
    owner: int | None = None,
) -> None:
    """Write to the trail that a person looked at the contact of a record; DomainError when it is too often."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [actor.user_id])
        if cursor.fetchone()[0] > MOST_AN_HOUR:
            raise DomainError(
                _("You have looked at %(count)s contacts within an hour. Wait for the next hour.")
                % {"count": MOST_AN_HOUR}
            )
    audit.record(
        actor=actor,
        action=AuditAction.VIEW,
        target=target,
        owner=owner,
        changes={
            name: [None, mask_name(value) if name == "contact_name" else mask_contact(value)]
            for name, value in values.items()
            if value
        },
    )
