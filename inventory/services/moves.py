"""The one way a dossier changes its state, singly or many at once: table, step, audit, facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from inventory.choices import NEEDS_APPROVED_VERSION, TRANSITIONS, DossierState, StepAct
from inventory.models import Dossier, DossierStep, IntentMark, StatusMark
from inventory.models.dossiers import LOADED, MARKS, DossierQuerySet
from inventory.services import approvals
from inventory.services.facts import DOSSIER, record_facts
from inventory.services.notices import tell_moved
from portal import audit, clock
from portal.choices import AuditAction
from portal.copying import insert_many
from portal.errors import InvalidTransition
from portal.models import AuditEntry, Membership


def dossiers_with_content(ids: Iterable[int]) -> DossierQuerySet:
    """The dossiers with all that rules and permissions read, in the order of their keys."""
    return with_neighbours(Dossier.objects.filter(pk__in=set(ids))).with_marks()


def with_neighbours(dossiers: DossierQuerySet) -> DossierQuerySet:
    """With patent, unit and filing institution, as rules and permissions read them, in the order of their keys."""
    return (
        dossiers.select_related("patent", "unit")
        # no rule looks into them, and they are long
        .defer("patent__abstract", "patent__first_claim", "patent__claims", "patent__search_key")
        # a thousand dossiers share few filing institutions, each with enciphered telephones
        .prefetch_related("participation")
        .order_by("pk")
    )


def load_marks(dossiers: Sequence[Dossier]) -> None:
    """Read the marks of those that were begun (two queries), as plain rows; an unfiled dossier has none."""
    begun = [one.pk for one in dossiers if one.state != DossierState.UNFILED]
    for name, model in zip(MARKS, (StatusMark, IntentMark), strict=True):
        found = defaultdict(list)
        if begun:
            marks = model._default_manager.filter(dossier__in=begun).order_by("position")
            for mark in marks.values_list(named=True):
                found[mark.dossier_id].append(mark)
        for one in dossiers:
            one.__dict__[f"{LOADED}{name}"] = found.get(one.pk, [])


def lock_dossiers(ids: Iterable[int]) -> list[Dossier]:
    """The dossiers under lock; one order of keys, so that two bulk acts cannot deadlock."""
    return list(dossiers_with_content(ids).select_for_update(of=("self",)))


def allows(dossier: Dossier, to_state: str, act: StepAct | None = None) -> bool:
    """Whether the table of the filing institution has this step; back to complete only by withdrawing a revision."""
    if (dossier.state, to_state) in NEEDS_APPROVED_VERSION and act != StepAct.WITHDRAW:
        return False
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
    4. record the facts; 5. remember or forget the confirmation of their list entries;
    6. tell whose turn it is.
    """
    for dossier in dossiers:
        if not allows(dossier, to_state, act):
            raise InvalidTransition(
                _("“%(title)s” is in the state “%(state)s”; this step is not possible from there.")
                % {"title": dossier.patent.title, "state": dossier.get_state_display()}
            )
    insert_many(_step(dossier, to_state, act, actor, reason) for dossier in dossiers)
    audit.record_many(_entry(dossier, to_state, actor, reason) for dossier in dossiers)
    withdrawn = [
        dossier.pk
        for dossier in dossiers
        if dossier.state == DossierState.COMPLETED and act == StepAct.RETURN
    ]
    unchanged = {dossier.pk for dossier in dossiers if dossier.is_confirming}
    _set_state(dossiers, to_state, act)
    record_facts(DOSSIER, [d.pk for d in dossiers if d.pk not in set(withdrawn)])
    # a reviewer's return of a complete dossier withdraws the approval; a revision keeps it
    record_facts(DOSSIER, withdrawn, keeps_approval=False)
    approvals.withdraw_entries(withdrawn)
    if to_state == DossierState.COMPLETED and act == StepAct.APPROVE:
        approvals.confirm_entries(dossiers, unchanged=unchanged)
    tell_moved(dossiers, to_state, act=act, actor=actor, reason=reason)


@transaction.atomic
def confirm(dossiers: Sequence[Dossier], *, actor: Membership, reason: str = "") -> None:
    """Confirm locked complete dossiers for their campaigns as they stand: a step that leaves the state as it is."""
    complete = DossierState.COMPLETED
    insert_many(_step(dossier, complete, StepAct.CONFIRM, actor, reason) for dossier in dossiers)
    audit.record_many(_entry(dossier, complete, actor, reason) for dossier in dossiers)
    _set_state(dossiers, complete, StepAct.APPROVE)
    approvals.confirm_entries(dossiers, unchanged={dossier.pk for dossier in dossiers})


@transaction.atomic
def unconfirm(dossiers: Sequence[Dossier], *, actor: Membership, reason: str) -> None:
    """Take back that locked complete dossiers were confirmed as they stand: a step again, which leaves the state.

    Which entries wait again is the caller's to say (approvals.forget_confirmations).
    """
    complete = DossierState.COMPLETED
    insert_many(_step(dossier, complete, StepAct.WITHDRAW, actor, reason) for dossier in dossiers)
    audit.record_many(_entry(dossier, complete, actor, reason) for dossier in dossiers)
    _set_state(dossiers, complete, StepAct.WITHDRAW)


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


def _set_state(dossiers: Sequence[Dossier], to_state: DossierState, act: StepAct) -> None:
    now = clock.now()
    values = {"state": to_state, "updated_at": now}
    if act == StepAct.CONFIRM:
        values["is_confirming"] = True
    elif to_state in (DossierState.DRAFT, DossierState.COMPLETED):
        values["is_confirming"] = False
    Dossier.objects.filter(pk__in=[dossier.pk for dossier in dossiers]).update(
        version=F("version") + 1, **values
    )
    for dossier in dossiers:
        dossier.version += 1
        for name, value in values.items():
            setattr(dossier, name, value)
