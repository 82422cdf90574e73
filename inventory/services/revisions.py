"""Last year's answers and revisions: confirming unchanged, and withdrawing a revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inventory import permissions
from inventory.choices import CampaignState, DossierState, StepAct
from inventory.dossier_fields import CONTENT_FIELDS
from inventory.models import BaseListEntry, Dossier
from inventory.services import approvals, findings, moves
from inventory.services import dossiers as dossier_services
from inventory.services.reviews import Outcome, locked_as_seen, next_review, wrong_state
from portal.bulk.registry import RowResult, judged
from portal.choices import Role
from portal.errors import InvalidTransition
from portal.models import Membership


def after_confirming(dossier: Dossier, actor: Membership) -> DossierState:
    """Where a confirmation goes: the manager's counts at once, the unit manager's skips the own step."""
    if actor.role == Role.INSTITUTION_MANAGER:
        return DossierState.COMPLETED
    if actor.role == Role.UNIT_MANAGER:
        return DossierState.INSTITUTION_REVIEW
    return next_review(dossier)


@transaction.atomic
def confirm_unchanged(*, versions: Mapping[int, int], actor: Membership, note: str = "") -> Outcome:
    """Confirm for the open campaigns that the approved answers still hold. `versions`: id → version seen.

    Refused: those of others, changed meanwhile, not complete, or with nothing left to confirm. Nobody fills in
    anything and the approved version counts all along; reviewers see it as "unchanged since …".
    """
    outcome = Outcome()
    waiting = _waiting(versions)
    ready = []
    for dossier in locked_as_seen(versions, outcome):
        if why := _why_not(dossier, waiting, actor):
            outcome.refused.append((dossier, why))
        else:
            ready.append(dossier)
    _confirm(ready, actor, note)
    outcome.done += ready
    return outcome


def judge_confirmations(*, ids: Sequence[int], actor: Membership) -> list[RowResult]:
    """What confirming these would do, for the preview of the bulk act."""
    waiting = _waiting(ids)
    return [
        judged(dossier.pk, _why_not(dossier, waiting, actor))
        for dossier in moves.dossiers_with_content(ids)
    ]


@transaction.atomic
def confirm_many(*, ids: Sequence[int], actor: Membership, note: str = "") -> list[RowResult]:
    """Confirm a chunk of a bulk act, whose versions the kernel has checked; keeps which entries waited before."""
    waited: dict[int, list[int]] = defaultdict(list)
    for entry, dossier_id in approvals.to_confirm(list(ids)).values_list("pk", "dossier"):
        waited[dossier_id].append(entry)
    found = [(each, _why_not(each, waited, actor)) for each in moves.lock_dossiers(ids)]
    _confirm([dossier for dossier, why in found if not why], actor, note)
    return [judged(each.pk, why, entries=waited[each.pk]) for each, why in found]


@transaction.atomic
def unconfirm_many(
    *, before: Mapping[int, Mapping[str, Any]], actor: Membership, reason: str
) -> list[RowResult]:
    """Take confirmations back: the same entries wait again, what was handed in is complete as it was.

    Refused where the campaigns it was confirmed for were closed since; what a reviewer decided on since has another
    version and does not come here.
    """
    entries = [key for one in before.values() for key in one["entries"]]
    running = set(
        BaseListEntry.objects.filter(
            pk__in=entries, campaign__state=CampaignState.OPEN
        ).values_list("pk", flat=True)
    )
    found = [
        (each, _why_kept(each, before[each.pk]["entries"], running, actor))
        for each in moves.lock_dossiers(before)
    ]
    free = [dossier for dossier, why in found if not why]
    handed_in = [dossier for dossier in free if dossier.is_confirming]
    counted = [dossier for dossier in free if not dossier.is_confirming]
    if handed_in:
        for to_state in (DossierState.DRAFT, DossierState.COMPLETED):
            moves.move(handed_in, to_state, act=StepAct.WITHDRAW, actor=actor, reason=reason)
    moves.unconfirm(counted, actor=actor, reason=reason)
    approvals.forget_confirmations([key for one in counted for key in before[one.pk]["entries"]])
    findings.refresh_findings([dossier.pk for dossier in free])
    return [judged(dossier.pk, why) for dossier, why in found]


def _why_kept(
    dossier: Dossier, entries: Sequence[int], running: Collection[int], actor: Membership
) -> str:
    """Why a confirmation stands; empty when it can be taken back."""
    if not permissions.can_confirm_dossier(actor, dossier):
        return _("This is not yours to confirm.")
    if dossier.state != DossierState.COMPLETED and not dossier.is_confirming:
        return wrong_state(dossier)
    if not any(entry in running for entry in entries):
        return _("The campaign it was confirmed for is closed.")
    return ""


@transaction.atomic
def close_again(*, ids: Sequence[int], actor: Membership, reason: str) -> list[RowResult]:
    """Complete again what was reopened and not touched since; a bulk act whose versions the kernel has checked."""
    found = [(each, _why_open(each, actor)) for each in moves.lock_dossiers(ids)]
    free = [dossier for dossier, why in found if not why]
    if free:
        moves.move(free, DossierState.COMPLETED, act=StepAct.WITHDRAW, actor=actor, reason=reason)
    return [judged(dossier.pk, why) for dossier, why in found]


def _why_open(dossier: Dossier, actor: Membership) -> str:
    if not permissions.can_revise_dossier(actor, dossier):
        return _("This is not yours to revise.")
    return "" if dossier.state == DossierState.DRAFT else wrong_state(dossier)


def _waiting(ids: Iterable[int]) -> set[int]:
    """Dossiers among these for which an open campaign waits."""
    return set(approvals.to_confirm(list(ids)).values_list("dossier", flat=True).distinct())


def _why_not(dossier: Dossier, waiting: Collection[int], actor: Membership) -> str:
    """Why a dossier cannot be confirmed by this membership now; empty when it can."""
    if not permissions.can_confirm_dossier(actor, dossier):
        return _("This is not yours to confirm.")
    if dossier.state != DossierState.COMPLETED:
        return wrong_state(dossier)
    if dossier.pk not in waiting:
        return _("No open campaign waits for its confirmation.")
    return ""


def _confirm(dossiers: Sequence[Dossier], actor: Membership, note: str) -> None:
    """Move locked ones that may be confirmed, each on its way; reviewers' findings are worked out with it."""
    ready: dict[DossierState, list[Dossier]] = {}
    for dossier in dossiers:
        ready.setdefault(after_confirming(dossier, actor), []).append(dossier)
    for to_state, found in ready.items():
        if to_state == DossierState.COMPLETED:
            moves.confirm(found, actor=actor, reason=note)
        else:
            moves.move(found, to_state, act=StepAct.CONFIRM, actor=actor, reason=note)
    findings.refresh_findings([dossier.pk for dossier in dossiers])


@transaction.atomic
def withdraw_revision(
    *, dossier_id: int, seen_version: int, actor: Membership, reason: str = ""
) -> Dossier:
    """Give up a revision: the dossier says again what its approved version says, and is complete.

    InvalidTransition when it is no draft or no approved version counts; StaleVersion when changed meanwhile.
    """
    stored = Dossier.objects.select_for_update(of=("self",)).get(pk=dossier_id)
    approved = approvals.approved_versions([stored]).get(dossier_id)
    if stored.state != DossierState.DRAFT or approved is None:
        raise InvalidTransition(_("There is no revision to withdraw."))
    content = approvals.content_from(approved, phone=stored.contact_phone)
    values = asdict(content)
    dossier = dossier_services.save_dossier(
        dossier_id=dossier_id,
        seen_version=seen_version,
        values={
            name: list(values[name]) if isinstance(values[name], tuple) else values[name]
            for name in CONTENT_FIELDS
        },
        statuses=content.statuses,
        intents=content.intents,
        actor=actor,
    )
    moves.move([dossier], DossierState.COMPLETED, act=StepAct.WITHDRAW, actor=actor, reason=reason)
    return dossier
