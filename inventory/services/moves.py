"""The one way a dossier changes its state, singly or many at once: table, step, audit, facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from inventory.choices import TRANSITIONS, DossierState, StepAct
from inventory.models import BaseListEntry, Dossier, DossierStep
from inventory.services.facts import DOSSIER, record_facts
from inventory.services.notices import tell_moved
from portal import audit, clock
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.models import AuditEntry, Membership


def dossiers_with_content(ids: Iterable[int]) -> QuerySet[Dossier]:
    """The dossiers with all that rules and permissions read, in the order of their keys."""
    return (
        Dossier.objects.filter(pk__in=set(ids))
        .select_related("participation", "patent", "unit")
        .prefetch_related("status_marks", "intent_marks")
        .order_by("pk")
    )


def lock_dossiers(ids: Iterable[int]) -> list[Dossier]:
    """The dossiers under lock; one order of keys, so that two bulk acts cannot deadlock."""
    return list(dossiers_with_content(ids).select_for_update(of=("self",)))


def allows(dossier: Dossier, to_state: str) -> bool:
    """Whether the table of the filing institution has this step."""
    return to_state in TRANSITIONS[dossier.participation.review_steps][dossier.state]


@transaction.atomic
def move(
    dossiers: Sequence[Dossier],
    to_state: DossierState,
    *,
    act: StepAct,
    actor: Membership,
    reason: str = "",
) -> None:
    """Move locked dossiers to one state; InvalidTransition if any may not, and then none has moved.

    1. check all against the table; 2. write steps and trail; 3. one UPDATE (the trigger checks it again);
    4. remember or forget the confirmation of their list entries; 5. record the facts;
    6. tell whose turn it is.
    """
    for dossier in dossiers:
        if not allows(dossier, to_state):
            raise InvalidTransition(
                _("“%(title)s” is in the state “%(state)s”; this step is not possible from there.")
                % {"title": dossier.patent.title, "state": dossier.get_state_display()}
            )
    DossierStep.objects.bulk_create(
        [_step(dossier, to_state, act, actor, reason) for dossier in dossiers], batch_size=1000
    )
    audit.record_many(_entry(dossier, to_state, actor, reason) for dossier in dossiers)
    withdrawn = [
        dossier.pk
        for dossier in dossiers
        if dossier.state == DossierState.COMPLETED and act == StepAct.RETURN
    ]
    _set_state(dossiers, to_state)
    _confirm_entries(dossiers, to_state, withdrawn)
    record_facts(DOSSIER, [d.pk for d in dossiers if d.pk not in set(withdrawn)])
    # a reviewer's return of a complete dossier withdraws the approval; a revision keeps it
    record_facts(DOSSIER, withdrawn, keeps_approval=False)
    tell_moved(dossiers, to_state, act=act, actor=actor, reason=reason)


def _step(
    dossier: Dossier, to_state: DossierState, act: StepAct, actor: Membership, reason: str
) -> DossierStep:
    return DossierStep(
        dossier=dossier,
        act=act,
        from_state=dossier.state,
        to_state=to_state,
        actor=actor,
        at=clock.now(),
        reason=reason,
        version=dossier.version + 1,
    )


def _entry(dossier: Dossier, to_state: DossierState, actor: Membership, reason: str) -> AuditEntry:
    return audit.entry(
        actor=actor,
        action=AuditAction.STATE,
        target=dossier,
        owner=dossier.participation.institution_id,
        changes={"state": [dossier.state, str(to_state)]},
        reason=reason,
        version=dossier.version + 1,
    )


def _set_state(dossiers: Sequence[Dossier], to_state: DossierState) -> None:
    now = clock.now()
    Dossier.objects.filter(pk__in=[dossier.pk for dossier in dossiers]).update(
        state=to_state, version=F("version") + 1, updated_at=now
    )
    for dossier in dossiers:
        dossier.state = to_state
        dossier.version += 1
        dossier.updated_at = now


def _confirm_entries(
    dossiers: Sequence[Dossier], to_state: DossierState, withdrawn: list[int]
) -> None:
    """Approval counts for every holder's entry: remember day and version; forget them when withdrawn."""
    BaseListEntry.objects.filter(dossier__in=withdrawn).update(
        confirmed_on=None, confirmed_version=None
    )
    if to_state != DossierState.COMPLETED:
        return
    entries = list(
        BaseListEntry.objects.filter(dossier__in=[d.pk for d in dossiers])
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    versions = {dossier.pk: dossier.version for dossier in dossiers}
    for entry in entries:
        entry.confirmed_on = clock.today()
        entry.confirmed_version = versions[entry.dossier_id]
    BaseListEntry.objects.bulk_update(
        entries, ["confirmed_on", "confirmed_version"], batch_size=1000
    )
