"""“Not ours”: a unit passes a dossier on; the other takes it or refuses; after two refusals the manager decides."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import MOST_REFUSALS, DossierState, TransferState
from inventory.models import Dossier, UnitTransfer
from inventory.services import moves
from inventory.services.notices import tell_answered, tell_offered
from portal import access, audit, clock
from portal.choices import AuditAction
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import Membership, Unit

#: states of a dossier in which it can be passed on
MOVABLE = frozenset({DossierState.UNFILED, DossierState.DRAFT, DossierState.UNIT_REVIEW})


@transaction.atomic
def pass_on(
    *,
    dossier_id: int,
    seen_version: int,
    to_unit: Unit | None,
    reason: str,
    actor: Membership,
) -> UnitTransfer:
    """Offer a dossier to another unit, or lay it before the manager where no unit is named or two have refused."""
    found = moves.lock_dossiers([dossier_id])
    if not found:
        raise DomainError(_("This dossier is gone."))
    dossier = found[0]
    if dossier.version != seen_version:
        raise StaleVersion(seen_version, dossier.version)
    if dossier.state not in MOVABLE:
        raise InvalidTransition(
            _("The dossier is in the state “%(state)s” and cannot be passed on now.")
            % {"state": dossier.get_state_display()}
        )
    if UnitTransfer.objects.filter(dossier=dossier).open().exists():
        raise InvalidTransition(_("This dossier is being passed on already."))
    if to_unit is not None:
        _check_unit(dossier, to_unit)
    is_disputed = refusals_of(dossier) >= MOST_REFUSALS
    state = TransferState.AT_UNIT if to_unit and not is_disputed else TransferState.AT_MANAGER
    made = UnitTransfer.objects.create(
        dossier=dossier,
        institution_id=dossier.participation.institution_id,
        from_unit_id=dossier.unit_id,
        to_unit=to_unit,
        reason=reason,
        state=state,
        asked_by=actor,
    )
    _record(dossier, actor, {"transfer": [None, str(state)], "to_unit": [None, to_unit]}, reason)
    tell_offered(made, dossier, actor=actor)
    return made


@transaction.atomic
def answer_transfer(
    *, transfer: UnitTransfer, accepts: bool, answer: str, seen_version: int, actor: Membership
) -> UnitTransfer:
    """The other unit takes the dossier over, or refuses with a reason; the second refusal goes to the manager."""
    held, dossier = _held(transfer, seen_version, TransferState.AT_UNIT)
    if accepts:
        return _accept(held, dossier, held.to_unit, answer, actor)
    is_last = refusals_of(dossier) + 1 >= MOST_REFUSALS
    state = TransferState.AT_MANAGER if is_last else TransferState.REFUSED
    return _close(held, dossier, state, answer, actor)


@transaction.atomic
def decide_transfer(
    *,
    transfer: UnitTransfer,
    unit: Unit | None,
    answer: str,
    seen_version: int,
    actor: Membership,
) -> UnitTransfer:
    """The manager says which unit it is; None leaves it where it is."""
    held, dossier = _held(transfer, seen_version, TransferState.AT_MANAGER)
    if unit is None or unit.pk == dossier.unit_id:
        return _close(held, dossier, TransferState.REFUSED, answer, actor)
    _check_unit(dossier, unit)
    held.to_unit = unit
    return _accept(held, dossier, unit, answer, actor)


@transaction.atomic
def withdraw_transfer(
    *, transfer: UnitTransfer, seen_version: int, actor: Membership
) -> UnitTransfer:
    """Whoever passed it on takes it back while nobody has answered."""
    held, dossier = _held(transfer, seen_version, None)
    return _close(held, dossier, TransferState.WITHDRAWN, "", actor)


def open_transfer(dossier: Dossier) -> UnitTransfer | None:
    """The transfer of a dossier that waits for an answer."""
    found: UnitTransfer | None = (
        UnitTransfer.objects.filter(dossier=dossier)
        .open()
        .select_related("from_unit", "to_unit")
        .first()
    )
    return found


def refusals_of(dossier: Dossier) -> int:
    """Refusals since the dossier last changed its unit by a transfer."""
    transfers = UnitTransfer.objects.filter(dossier=dossier)
    last = (
        transfers.filter(state=TransferState.ACCEPTED)
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )
    return transfers.filter(state=TransferState.REFUSED, pk__gt=last or 0).count()


def _held(
    transfer: UnitTransfer, seen_version: int, state: TransferState | None
) -> tuple[UnitTransfer, Dossier]:
    """Dossier and transfer under lock, in this order everywhere; still open, and in the state asked for."""
    (dossier,) = moves.lock_dossiers([transfer.dossier_id])
    held = (
        UnitTransfer.objects.select_for_update(of=("self",))
        .select_related("to_unit", "asked_by__user")
        .get(pk=transfer.pk)
    )
    access.check_version(seen_version, held.version)
    if not held.is_open or (state is not None and held.state != state):
        raise InvalidTransition(_("This was answered already."))
    return held, dossier


def _accept(
    held: UnitTransfer, dossier: Dossier, unit: Unit | None, answer: str, actor: Membership
) -> UnitTransfer:
    """The unit changes; the responsible person stays only where that person belongs to the new unit."""
    if unit is None or dossier.state not in MOVABLE:
        raise InvalidTransition(_("The dossier has gone on meanwhile and cannot change its unit."))
    stays = (
        dossier.responsible_id is not None
        and Membership.objects.active()
        .filter(
            user=dossier.responsible_id,
            organisation=held.institution_id,
            unit__path__startswith=unit.path,
        )
        .exists()
    )
    before = {"unit": dossier.unit_id, "responsible": dossier.responsible_id}
    dossier.unit = unit
    dossier.responsible_id = dossier.responsible_id if stays else None
    dossier.version += 1
    dossier.updated_at = clock.now()
    dossier.save(update_fields=["unit", "responsible", "version", "updated_at"])
    after = {"unit": dossier.unit_id, "responsible": dossier.responsible_id}
    return _close(
        held, dossier, TransferState.ACCEPTED, answer, actor, audit.changes_of(before, after)
    )


def _close(
    held: UnitTransfer,
    dossier: Dossier,
    state: TransferState,
    answer: str,
    actor: Membership,
    changes: dict[str, list[Any]] | None = None,
) -> UnitTransfer:
    before = held.state
    held.state = state
    held.answer = answer
    held.decided_by = actor
    held.decided_at = clock.now()
    held.version += 1
    held.save(update_fields=["state", "answer", "to_unit", "decided_by", "decided_at", "version"])
    _record(dossier, actor, {"transfer": [before, str(state)], **(changes or {})}, answer)
    tell = tell_offered if held.is_open else tell_answered
    tell(held, dossier, actor=actor)
    return held


def _check_unit(dossier: Dossier, unit: Unit) -> None:
    is_other = unit.organisation_id == dossier.participation.institution_id
    if not is_other or not unit.is_active or unit.pk == dossier.unit_id:
        raise ValidationError({"to_unit": _("Choose another unit of the institution.")})


def _record(
    dossier: Dossier, actor: Membership, changes: dict[str, list[Any]], reason: str
) -> None:
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=dossier,
        owner=dossier.participation.institution_id,
        changes={name: [audit.plain(value) for value in pair] for name, pair in changes.items()},
        reason=reason,
    )
