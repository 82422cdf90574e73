"""Submitting, approving, returning, reopening: many at once, each refused one named with its reason."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from inventory import permissions, rules
from inventory.choices import DossierState, StepAct
from inventory.models import Dossier, DossierRevision, FieldComment
from inventory.services import comments, drafts, findings, moves, objections, upload_standing
from inventory.services import dossiers as dossier_services
from portal import clock
from portal.models import Membership


@dataclass
class Outcome:
    """What a bulk act did: dossiers moved, and for each refused one the reason in words."""

    done: list[Dossier] = field(default_factory=list)
    refused: list[tuple[Dossier, str]] = field(default_factory=list)


def next_review(dossier: Dossier) -> DossierState:
    """Where a submitted dossier goes: unit review, or at once to the institution where one step is agreed."""
    if dossier.participation.review_steps == 1:
        return DossierState.INSTITUTION_REVIEW
    return DossierState.UNIT_REVIEW


@transaction.atomic
def submit_dossiers(*, versions: Mapping[int, int], actor: Membership) -> Outcome:
    """Hand drafts in for review. `versions` maps dossier ids to the version the person saw.

    Refused: incomplete ones (rules R1-R9), those of others, changed meanwhile, or not drafts.
    """
    outcome = Outcome()
    ready: dict[DossierState, list[Dossier]] = {}
    drafted = drafts.unconfirmed(versions)
    for dossier in locked_as_seen(versions, outcome):
        if why := why_not_submit(dossier, actor, drafted):
            outcome.refused.append((dossier, why))
        else:
            ready.setdefault(next_review(dossier), []).append(dossier)
    for to_state, found in ready.items():
        moves.move(found, to_state, act=StepAct.SUBMIT, actor=actor)
        outcome.done += found
    findings.refresh_findings([dossier.pk for dossier in outcome.done])
    return outcome


def why_not_submit(dossier: Dossier, actor: Membership, drafted: Collection[int]) -> str:
    """Why a dossier cannot be handed in by this membership now, in words; empty when it can."""
    if not permissions.can_submit_dossier(actor, dossier):
        return _("This is not yours to submit.")
    if dossier.state != DossierState.DRAFT:
        return wrong_state(dossier)
    if lacking := _lacking(dossier):
        return lacking
    if dossier.pk in drafted:
        return _("It holds a draft text that nobody has confirmed yet.")
    return ""


@transaction.atomic
def take_back_submissions(
    *, versions: Mapping[int, int], reason: str, actor: Membership
) -> Outcome:
    """Make drafts again of dossiers that were handed in and that nobody has decided on since."""
    outcome = Outcome()
    ready = []
    for dossier in locked_as_seen(versions, outcome):
        if not permissions.can_submit_dossier(actor, dossier):
            outcome.refused.append((dossier, _("This is not yours to submit.")))
        elif dossier.state != next_review(dossier) or dossier.is_confirming:
            outcome.refused.append((dossier, wrong_state(dossier)))
        else:
            ready.append(dossier)
    if ready:
        moves.move(ready, DossierState.DRAFT, act=StepAct.WITHDRAW, actor=actor, reason=reason)
        outcome.done += ready
    return outcome


def after_approval(dossier: Dossier) -> DossierState | None:
    """Where an approval leads; None where nothing waits for one."""
    if dossier.state == DossierState.UNIT_REVIEW:
        return DossierState.INSTITUTION_REVIEW
    if dossier.state == DossierState.INSTITUTION_REVIEW:
        return DossierState.COMPLETED
    return None


def why_not_approve(dossier: Dossier, actor: Membership) -> str:
    """Why this membership cannot approve it now, in words; empty when it can."""
    if after_approval(dossier) is None:
        return wrong_state(dossier)
    if not permissions.can_review_dossier(actor, dossier, dossier.state):
        return _("This step is reviewed by somebody else.")
    return ""


@transaction.atomic
def approve_dossiers(*, versions: Mapping[int, int], actor: Membership, note: str = "") -> Outcome:
    """Approve at the step each dossier is in; after the last step the version is archived and counts."""
    outcome = Outcome()
    ready: dict[DossierState, list[Dossier]] = {}
    for dossier in locked_as_seen(versions, outcome):
        if why := why_not_approve(dossier, actor):
            outcome.refused.append((dossier, why))
        elif to_state := after_approval(dossier):
            ready.setdefault(to_state, []).append(dossier)
    for to_state, found in ready.items():
        unchanged = {dossier.pk for dossier in found if dossier.is_confirming}
        moves.move(found, to_state, act=StepAct.APPROVE, actor=actor, reason=note)
        if to_state == DossierState.COMPLETED:
            _archive([dossier for dossier in found if dossier.pk not in unchanged], actor)
            comments.settle_all(dossiers=found, actor=actor)
            objections.settle_by_approval(dossiers=found, actor=actor)
        outcome.done += found
    return outcome


@transaction.atomic
def return_dossiers(
    *,
    versions: Mapping[int, int],
    to_state: DossierState,
    reason: str,
    actor: Membership,
    remarks: Mapping[str, str] | None = None,
) -> Outcome:
    """Send dossiers back to an earlier step with a reason; `remarks` maps field names to comments."""
    outcome = Outcome()
    ready = []
    for dossier in locked_as_seen(versions, outcome):
        if why := why_not_return(dossier, to_state, actor):
            outcome.refused.append((dossier, why))
        else:
            ready.append(dossier)
    if ready:
        withdrawn = [dossier.pk for dossier in ready if dossier.state == DossierState.COMPLETED]
        moves.move(ready, to_state, act=StepAct.RETURN, actor=actor, reason=reason)
        upload_standing.note_withdrawal(withdrawn)
        FieldComment.objects.bulk_create(
            FieldComment(dossier=dossier, field=name, text=text, author=actor)
            for dossier in ready
            for name, text in (remarks or {}).items()
        )
        outcome.done += ready
    return outcome


def why_not_return(dossier: Dossier, to_state: DossierState, actor: Membership) -> str:
    """Why this membership cannot send it back to that step, in words; empty when it can."""
    if not permissions.can_review_dossier(actor, dossier, dossier.state):
        return _("This step is reviewed by somebody else.")
    return "" if _is_earlier(dossier, to_state) else wrong_state(dossier)


def why_not_revise(dossier: Dossier, actor: Membership) -> str:
    """Why this membership cannot reopen it now, in words; empty when it can."""
    if not permissions.can_revise_dossier(actor, dossier):
        return _("This is not yours to revise.")
    return "" if dossier.state == DossierState.COMPLETED else wrong_state(dossier)


@transaction.atomic
def revise_dossiers(*, versions: Mapping[int, int], reason: str, actor: Membership) -> Outcome:
    """Reopen complete dossiers as drafts; the approved version counts until the next one is approved."""
    outcome = Outcome()
    ready = []
    for dossier in locked_as_seen(versions, outcome):
        if why := why_not_revise(dossier, actor):
            outcome.refused.append((dossier, why))
        else:
            ready.append(dossier)
    if ready:
        moves.move(ready, DossierState.DRAFT, act=StepAct.REVISE, actor=actor, reason=reason)
        outcome.done += ready
    return outcome


_ORDER = [
    DossierState.DRAFT,
    DossierState.UNIT_REVIEW,
    DossierState.INSTITUTION_REVIEW,
    DossierState.COMPLETED,
]


def _is_earlier(dossier: Dossier, to_state: DossierState) -> bool:
    return (
        dossier.state in _ORDER
        and to_state in _ORDER
        and _ORDER.index(to_state) < _ORDER.index(DossierState(dossier.state))
        and moves.allows(dossier, to_state)
    )


def locked_as_seen(versions: Mapping[int, int], outcome: Outcome) -> list[Dossier]:
    """Locked dossiers whose version is the one seen; the others are refused."""
    fresh = []
    for dossier in moves.lock_dossiers(versions):
        if versions[dossier.pk] == dossier.version:
            fresh.append(dossier)
        else:
            outcome.refused.append(
                (dossier, _("Somebody changed it meanwhile; look at it again first."))
            )
    return fresh


def _lacking(dossier: Dossier) -> str:
    """What a draft lacks, in words; empty when it may be submitted."""
    found = rules.problems(dossier_services.content_of(dossier), dossier.patent.kind)
    return "；".join(problem.text for problem in found if problem.is_error)


def wrong_state(dossier: Dossier) -> str:
    return _("It is in the state “%(state)s”.") % {"state": dossier.get_state_display()}


def _archive(dossiers: list[Dossier], actor: Membership) -> None:
    """Keep the approved content, the contact's phone encrypted beside it, and its digest."""
    revisions = []
    contents = [dossier_services.content_of(dossier) for dossier in dossiers]
    for dossier, said in zip(dossiers, contents, strict=True):
        content = asdict(said)
        phone = content.pop("contact_phone")
        revisions.append(
            DossierRevision(
                dossier=dossier,
                version=dossier.version,
                content=json.loads(json.dumps(content, cls=DjangoJSONEncoder)),
                contact_phone=phone,
                approved_by=actor,
                approved_at=clock.now(),
            )
        )
    DossierRevision.objects.bulk_create(revisions, batch_size=500)
    upload_standing.note_approval(dossiers, contents)
