"""Who files a patent's one dossier: by the order of the holders, until filing is handed over."""

from __future__ import annotations

from collections.abc import Sequence

from inventory.choices import DossierState, StepAct
from inventory.models import CampaignInstitution, Dossier, DossierStep
from inventory.services import moves
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import AuditEntry, Membership

_WAITING = frozenset({DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW})
Handing = tuple[Dossier, CampaignInstitution]


def hand_over(pairs: Sequence[Handing], *, actor: Membership, reason: str) -> None:
    """Give locked dossiers to another institution to file; part of the caller's transaction.

    1. what waits for review goes back to draft (nobody of the new institution handed it in); drafts and complete ones
       stay as they are, and an approval goes on counting;
    2. the unit and the responsible person are cleared: they are of the former institution;
    3. both institutions find it in their trail, the steps say it in the history.
    """
    waiting = [dossier for dossier, _to in pairs if dossier.state in _WAITING]
    if waiting:
        moves.move(waiting, DossierState.DRAFT, act=StepAct.HANDOVER, actor=actor, reason=reason)
    moved = {dossier.pk for dossier in waiting}
    DossierStep.objects.bulk_create(
        [_step(d, actor, reason) for d, _to in pairs if d.pk not in moved], batch_size=1000
    )
    audit.record_many(
        entry for dossier, to in pairs for entry in _told(dossier, to, actor=actor, reason=reason)
    )
    now = clock.now()
    for dossier, to in pairs:
        dossier.participation = to
        dossier.unit = dossier.responsible = None
        dossier.version += 1
        dossier.updated_at = now
    Dossier.objects.bulk_update(
        [dossier for dossier, _to in pairs],
        ["participation", "unit", "responsible", "version", "updated_at"],
        batch_size=1000,
    )


def _step(dossier: Dossier, actor: Membership, reason: str) -> DossierStep:
    """The state stays; the history says that somebody else files from here on."""
    return DossierStep(
        dossier=dossier,
        act=StepAct.HANDOVER,
        from_state=dossier.state,
        to_state=dossier.state,
        actor=actor,
        at=clock.now(),
        reason=reason,
        version=dossier.version + 1,
    )


def _told(
    dossier: Dossier, to: CampaignInstitution, *, actor: Membership, reason: str
) -> list[AuditEntry]:
    """One entry for each side: the trail of the former and of the new institution."""
    before = {
        "participation": str(dossier.participation.institution),
        "unit": dossier.unit_id,
        "responsible": dossier.responsible_id,
    }
    after = {"participation": str(to.institution), "unit": None, "responsible": None}
    return [
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=dossier,
            owner=owner,
            changes=audit.changes_of(before, after),
            reason=reason,
        )
        for owner in (dossier.participation.institution_id, to.institution_id)
    ]
