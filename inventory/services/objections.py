"""A co-holder's objection to an approved dossier: it flags and does not block."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import DossierState, StepAct
from inventory.holder_choices import LIVE_OBJECTIONS, OBJECTION_TRANSITIONS, ObjectionState
from inventory.models import BaseListEntry, Dossier, Objection
from inventory.queries.co_owned import objection_period
from inventory.services import moves
from portal import audit, clock
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.models import Membership


def why_no_objection(entry: BaseListEntry) -> str:
    """Why the holder of this entry cannot object now, in words; empty when it can."""
    period = objection_period(entry)
    if period.until is None:
        return _("Nothing is approved yet: objections are possible after the approval.")
    if not period.is_open:
        return _("The period for objections ended on %(day)s.") % {"day": period.until.isoformat()}
    if not entry.is_included:
        return _("The patent does not count on your list.")
    if Objection.objects.live().filter(entry=entry).exists():
        return _("Your institution has objected already.")
    return ""


@transaction.atomic
def raise_objection(
    *, entry: BaseListEntry, text: str, fields: Collection[str], actor: Membership
) -> Objection:
    """Object to the approved version within the campaign's days; figures and pool go on as they are."""
    locked = (
        BaseListEntry.objects.select_for_update(of=("self",))
        .select_related("campaign", "dossier__participation")
        .get(pk=entry.pk)
    )
    if why := why_no_objection(locked):
        raise InvalidTransition(why)
    made = Objection.objects.create(
        entry=locked,
        approved_version=locked.confirmed_version or locked.dossier.version,
        text=text,
        fields=list(fields),
        raised_by=actor,
        raised_at=clock.now(),
    )
    _tell(
        made,
        {"text": [None, text], "fields": [None, list(fields)]},
        actor=actor,
        action=AuditAction.CREATE,
    )
    return made


@transaction.atomic
def answer_objection(
    *, objection: Objection, answer: str, opens_revision: bool, seen_version: int, actor: Membership
) -> Objection:
    """Explain, or reopen the complete dossier for a revision; the approved version counts until the next one."""
    stored = _locked(objection, ObjectionState.ANSWERED, seen_version)
    if opens_revision:
        (dossier,) = moves.lock_dossiers([stored.entry.dossier_id])
        if dossier.state != DossierState.COMPLETED:
            raise InvalidTransition(_("A revision is under way already: explain instead."))
        moves.move([dossier], DossierState.DRAFT, act=StepAct.REVISE, actor=actor, reason=answer)
    stored.answer, stored.opens_revision = answer, opens_revision
    stored.answered_by, stored.answered_at = actor, clock.now()
    _move([stored], ObjectionState.ANSWERED, actor, answer)
    return stored


@transaction.atomic
def end_objection(
    *,
    objection: Objection,
    to_state: ObjectionState,
    note: str,
    seen_version: int,
    actor: Membership,
) -> Objection:
    """Withdraw it, or say that it is settled."""
    stored = _locked(objection, to_state, seen_version)
    _end([stored], to_state, note, actor)
    return stored


@transaction.atomic
def settle_by_approval(*, dossiers: Sequence[Dossier], actor: Membership) -> int:
    """A revision that answered an objection settles it when it is approved; the co-holder may object anew."""
    found = list(
        Objection.objects.filter(
            entry__dossier__in=dossiers, state=ObjectionState.ANSWERED, opens_revision=True
        )
        .select_related("entry__dossier__participation")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    _end(found, ObjectionState.SETTLED, _("Settled by the approval of the revision."), actor)
    return len(found)


def _locked(objection: Objection, to_state: ObjectionState, seen_version: int) -> Objection:
    stored = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("entry__dossier__participation")
        .get(pk=objection.pk)
    )
    if to_state not in OBJECTION_TRANSITIONS[stored.state]:
        raise InvalidTransition(
            _("The objection is in the state “%(state)s”.") % {"state": stored.get_state_display()}
        )
    check_version(seen_version, stored.version)
    return stored


def _end(
    objections: list[Objection], to_state: ObjectionState, note: str, actor: Membership
) -> None:
    for one in objections:
        one.ending_note, one.ended_by, one.ended_at = note, actor, clock.now()
    _move(objections, to_state, actor, note)


_ANSWER = ("answer", "opens_revision", "answered_by", "answered_at")
_ENDING = ("ending_note", "ended_by", "ended_at")


def _move(
    objections: list[Objection], to_state: ObjectionState, actor: Membership, reason: str
) -> None:
    before = {one.pk: one.state for one in objections}
    for one in objections:
        one.state = to_state
        one.version += 1
    fields = ("state", "version", *(_ANSWER if to_state in LIVE_OBJECTIONS else _ENDING))
    Objection.objects.bulk_update(objections, fields, batch_size=1000)
    for one in objections:
        _tell(one, {"state": [before[one.pk], str(to_state)]}, actor=actor, reason=reason)


def _tell(
    objection: Objection,
    changes: dict[str, list[object]],
    *,
    actor: Membership,
    action: AuditAction = AuditAction.STATE,
    reason: str = "",
) -> None:
    """One entry for the objector and one for the filing institution, in the caller's transaction."""
    owners = {
        objection.entry.institution_id,
        objection.entry.dossier.participation.institution_id,
    }
    audit.record_many(
        audit.entry(
            actor=actor,
            action=action,
            target=objection,
            owner=owner,
            changes=changes,
            reason=reason,
        )
        for owner in sorted(owners)
    )
