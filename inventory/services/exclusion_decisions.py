"""What the lead bureau decides about exclusions, and what the institution may do about a decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import ExclusionReason, ExclusionState
from inventory.holder_choices import EXCLUSION_TRANSITIONS, Verdict
from inventory.models import Exclusion
from inventory.services import exclusion_effects
from inventory.services.exclusions import write_steps
from portal import audit, clock
from portal.access import check_version
from portal.choices import AuditAction, Role
from portal.errors import InvalidTransition
from portal.models import Membership, StoredFile

_S = ExclusionState


@dataclass
class Decided:
    """What became of requests: those decided, and for each refused one the reason in words."""

    done: list[Exclusion] = field(default_factory=list)
    refused: list[tuple[Exclusion, str]] = field(default_factory=list)


@transaction.atomic
def decide_exclusion(
    *, exclusion: Exclusion, is_approved: bool, note: str, seen_version: int, actor: Membership
) -> Exclusion:
    """Approve (the entry, or every holder's entry of the patent, stops counting) or refuse with a note.

    A refusal may be appealed once; an appeal is decided by somebody else where there is one, and finally.
    """
    stored = _locked(exclusion.pk)
    to_state = _decision(stored, is_approved)
    if to_state is None:
        raise InvalidTransition(_("This request was decided already."))
    check_version(seen_version, stored.version)
    if why := why_not_decide(stored, actor):
        raise InvalidTransition(why)
    _decide([stored], {stored.pk: to_state}, note, actor)
    return stored


@transaction.atomic
def decide_exclusions(
    *, versions: Mapping[int, int], is_approved: bool, note: str, actor: Membership
) -> Decided:
    """Decide many in sets: approve those the register bears out, or refuse with one reason.

    `versions` maps requests to the version seen. Named as refused: doubtful or contradicted ones of an approval (a
    person looks at each), decided or changed meanwhile, appeals of one's own decisions.
    """
    found = list(
        Exclusion.objects.filter(pk__in=versions)
        .select_related("entry__patent", "entry__campaign", "entry__institution")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    has_colleague = _has_colleague(actor)
    outcome = Decided()
    states: dict[int, ExclusionState] = {}
    for one in found:
        to_state = _decision(one, is_approved)
        why = _why_not(one, is_approved, actor, has_colleague=has_colleague)
        if versions[one.pk] != one.version:
            why = why or _("Somebody changed it meanwhile; look at it again first.")
        if why or to_state is None:
            outcome.refused.append((one, why))
        else:
            states[one.pk] = to_state
            outcome.done.append(one)
    _decide(outcome.done, states, note, actor)
    return outcome


def judge_decisions(
    exclusions: Iterable[Exclusion], *, is_approved: bool, actor: Membership
) -> list[tuple[Exclusion, str]]:
    """Each request with the reason in words why it cannot be decided so among many; empty where it can."""
    has_colleague = _has_colleague(actor)
    return [
        (one, _why_not(one, is_approved, actor, has_colleague=has_colleague)) for one in exclusions
    ]


def _why_not(
    exclusion: Exclusion, is_approved: bool, actor: Membership, *, has_colleague: bool
) -> str:
    if _decision(exclusion, is_approved) is None:
        return _("This request was decided already.")
    if is_approved and exclusion.verdict != Verdict.CLEAR:
        return _("Doubtful: decide it on its own page.")
    if has_colleague and _decided_himself(exclusion, actor):
        return _("An appeal is decided by another person than the one who refused.")
    return ""


def why_not_decide(exclusion: Exclusion, actor: Membership) -> str:
    """Why this person does not decide the appeal, in words; empty when he may."""
    if _decided_himself(exclusion, actor) and _has_colleague(actor):
        return _("An appeal is decided by another person than the one who refused.")
    return ""


def _decided_himself(exclusion: Exclusion, actor: Membership) -> bool:
    return (
        exclusion.state == _S.APPEALED
        and exclusion.decided_by is not None
        and exclusion.decided_by.user_id == actor.user_id
    )


def _has_colleague(actor: Membership) -> bool:
    """Whether another person could decide: an active official of the lead bureau."""
    officials = Membership.objects.active().filter(role=Role.CITY_OFFICIAL)
    return officials.exclude(user=actor.user_id).exists()


def _decision(exclusion: Exclusion, is_approved: bool) -> ExclusionState | None:
    """The state a decision leads to; None where there is nothing to decide."""
    refused = _S.DISMISSED if exclusion.state == _S.APPEALED else _S.REFUSED
    to_state = _S.APPROVED if is_approved else refused
    return to_state if to_state in EXCLUSION_TRANSITIONS[exclusion.state] else None


def _decide(
    exclusions: list[Exclusion], states: Mapping[int, ExclusionState], note: str, actor: Membership
) -> None:
    for one in exclusions:
        one.decided_by, one.decided_at, one.decision_note = actor, clock.now(), note
    _move(exclusions, states, note, actor)
    exclusion_effects.take_off([e for e in exclusions if e.state == _S.APPROVED], actor=actor)


@transaction.atomic
def withdraw_exclusion(
    *, exclusion: Exclusion, note: str, seen_version: int, actor: Membership
) -> Exclusion:
    """The institution takes back a request that is not decided yet."""
    stored = _to(exclusion, _S.WITHDRAWN, seen_version)
    _move([stored], {stored.pk: _S.WITHDRAWN}, note, actor)
    return stored


@transaction.atomic
def withdraw_exclusions(
    *, ids: Collection[int], note: str, actor: Membership
) -> list[tuple[Exclusion, str]]:
    """Take back many requests of the own institution; each with the reason why it stands, empty where withdrawn."""
    found = list(
        Exclusion.objects.filter(pk__in=ids, entry__institution=actor.organisation_id)
        .select_related("entry__patent", "entry__campaign", "entry__institution")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    judged = [(one, _why_not_withdrawn(one)) for one in found]
    free = [one for one, why in judged if not why]
    _move(free, {one.pk: _S.WITHDRAWN for one in free}, note, actor)
    return judged


def _why_not_withdrawn(exclusion: Exclusion) -> str:
    if _S.WITHDRAWN in EXCLUSION_TRANSITIONS[exclusion.state]:
        return ""
    return _("The request is in the state “%(state)s”.") % {"state": exclusion.get_state_display()}


@transaction.atomic
def appeal_exclusion(
    *,
    exclusion: Exclusion,
    text: str,
    evidence: StoredFile | None,
    seen_version: int,
    actor: Membership,
) -> Exclusion:
    """Appeal once against a refusal, with new evidence, within the campaign's days."""
    stored = _to(exclusion, _S.APPEALED, seen_version)
    until = exclusion_until(stored)
    if until is None or clock.today() > until:
        shown = until.isoformat() if until else "—"
        raise InvalidTransition(_("The period for an appeal ended on %(day)s.") % {"day": shown})
    _move([stored], {stored.pk: _S.APPEALED}, text, actor, evidence)
    return stored


def exclusion_until(exclusion: Exclusion) -> date | None:
    """Last day for an appeal; entry.campaign is loaded."""
    return exclusion.appeal_until


@transaction.atomic
def revoke_exclusion(
    *, exclusion: Exclusion, reason: str, counts_from: date, seen_version: int, actor: Membership
) -> Exclusion:
    """The entries count again from a day on, e.g. because the right was restored (权利恢复)."""
    stored = _to(exclusion, _S.REVOKED, seen_version)
    if stored.reason == ExclusionReason.TRANSFERRED_WITHIN:
        raise InvalidTransition(_("The entry moved on: only its new holder can transfer it back."))
    if counts_from < stored.effective_on:
        raise ValidationError(
            {"counts_from": _("It cannot count again before the exclusion took effect.")}
        )
    _move([stored], {stored.pk: _S.REVOKED}, reason, actor)
    exclusion_effects.put_back(stored, counts_from=counts_from, reason=reason, actor=actor)
    return stored


def _locked(pk: int) -> Exclusion:
    return (
        Exclusion.objects.select_for_update(of=("self",))
        .select_related("entry__patent", "entry__campaign", "entry__institution", "decided_by")
        .get(pk=pk)
    )


def _to(exclusion: Exclusion, to_state: ExclusionState, seen_version: int) -> Exclusion:
    """The request under lock, if it may take this step."""
    stored = _locked(exclusion.pk)
    if to_state not in EXCLUSION_TRANSITIONS[stored.state]:
        raise InvalidTransition(
            _("The request is in the state “%(state)s”.") % {"state": stored.get_state_display()}
        )
    check_version(seen_version, stored.version)
    return stored


def _move(
    exclusions: list[Exclusion],
    states: Mapping[int, ExclusionState],
    note: str,
    actor: Membership,
    evidence: StoredFile | None = None,
) -> None:
    """State, version, step and trail of locked requests."""
    before = {one.pk: one.state for one in exclusions}
    for one in exclusions:
        one.state = states[one.pk]
        one.version += 1
    Exclusion.objects.bulk_update(
        exclusions,
        ["state", "version", "decided_by", "decided_at", "decision_note"],
        batch_size=1000,
    )
    write_steps(exclusions, actor, note, evidence)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.STATE,
            target=one,
            owner=one.entry.institution_id,
            changes={"state": [before[one.pk], str(one.state)]},
            reason=note,
        )
        for one in exclusions
    )
