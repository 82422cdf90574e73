"""Who changed a record since, and when, as a reason beside a row."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Model
from django.utils.translation import gettext as _

from portal import clock
from portal.models import AuditEntry


def changed_by(model: type[Model], keys: Collection[int]) -> dict[int, str]:
    """{key: sentence} from the last entry of the trail about each record (one query)."""
    if not keys:
        return {}
    last = (
        AuditEntry.objects.filter(object_type=model._meta.label_lower, object_id__in=keys)
        .order_by("object_id", "-at", "-pk")
        .distinct("object_id")
        .select_related("user")
    )
    return {
        entry.object_id: _("%(person)s changed it since, on %(moment)s.")
        % {
            "person": entry.user.name if entry.user else _("System"),
            "moment": f"{entry.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        }
        for entry in last
        if entry.object_id is not None
    }
