"""Who looks after which dossier: unit and responsible person, for many at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from inventory.models import Dossier
from inventory.services import moves
from inventory.services.notices import tell_assigned
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import Membership, Unit, User


@transaction.atomic
def assign_dossiers(
    *,
    ids: Iterable[int],
    actor: Membership,
    unit: Unit | None = None,
    responsible: User | None = None,
    reason: str = "",
) -> int:
    """Give dossiers of the actor's institution a unit, a responsible person, or both; returns how many changed.

    The person must have an active membership in the institution (ValidationError otherwise).
    """
    if responsible is not None and not _belongs(responsible, actor):
        raise ValidationError(
            _("%(name)s has no active role in this institution.") % {"name": responsible.name}
        )
    changed, entries = [], []
    for dossier in moves.lock_dossiers(ids):
        if dossier.participation.institution_id != actor.organisation_id:
            continue
        if changes := _reassign(dossier, unit, responsible):
            changed.append(dossier)
            entries.append(
                audit.entry(
                    actor=actor,
                    action=AuditAction.CHANGE,
                    target=dossier,
                    changes=changes,
                    reason=reason,
                )
            )
    Dossier.objects.bulk_update(
        changed, ["unit", "responsible", "version", "updated_at"], batch_size=1000
    )
    audit.record_many(entries)
    if responsible is not None:
        tell_assigned(changed, actor=actor, reason=reason)
    return len(changed)


def _reassign(
    dossier: Dossier, unit: Unit | None, responsible: User | None
) -> dict[str, list[Any]]:
    """Set what is given on the locked dossier; the changes, empty when there are none."""
    before = {"unit": dossier.unit_id, "responsible": dossier.responsible_id}
    after = {
        "unit": unit.pk if unit else dossier.unit_id,
        "responsible": responsible.pk if responsible else dossier.responsible_id,
    }
    changes = audit.changes_of(before, after)
    if changes:
        dossier.unit_id, dossier.responsible_id = after["unit"], after["responsible"]
        dossier.version += 1
        dossier.updated_at = clock.now()
    return changes


def _belongs(person: User, actor: Membership) -> bool:
    return (
        Membership.objects.active().filter(user=person, organisation=actor.organisation_id).exists()
    )
