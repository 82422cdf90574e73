"""Who looks after which dossier: unit and responsible person, for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    wanted = ((dossier, unit, responsible) for dossier in moves.lock_dossiers(ids))
    changed = _assign(wanted, actor, reason)
    if responsible is not None:
        tell_assigned(changed, actor=actor, reason=reason)
    return len(changed)


@transaction.atomic
def place_dossiers(*, units: Mapping[int, Unit], actor: Membership) -> int:
    """Give dossiers that have no unit yet the one named for their patent, as {patent: unit}; returns how many."""
    without = Dossier.objects.filter(patent__in=units, unit__isnull=True)
    locked = moves.lock_dossiers(without.values_list("pk", flat=True))
    return len(
        _assign(((each, units[each.patent_id], None) for each in locked if not each.unit_id), actor)
    )


def _assign(
    wanted: Iterable[tuple[Dossier, Unit | None, User | None]], actor: Membership, reason: str = ""
) -> list[Dossier]:
    """Write what is wanted for locked dossiers of the actor's institution, with the trail; those that changed."""
    changed, entries = [], []
    for dossier, unit, responsible in wanted:
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
    return changed


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
