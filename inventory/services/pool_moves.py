"""The one way a patent comes into the pool, is decided on and leaves it: table, step, trail, facts; in sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from inventory import permissions
from inventory.choices import POOL_TRANSITIONS, PoolState
from inventory.models import PoolEntry, PoolStep
from inventory.services.facts import POOL, record_facts
from inventory.services.notices import tell_pool_decided
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import Membership


@dataclass
class PoolOutcome:
    """What an act on many entries did: the moved ones, and each refused one with the reason in words."""

    done: list[PoolEntry] = field(default_factory=list)
    refused: list[tuple[PoolEntry, str]] = field(default_factory=list)


@transaction.atomic
def decide_nominations(
    *, versions: Mapping[int, int], to_state: PoolState, reason: str, actor: Membership
) -> PoolOutcome:
    """Admit or decline nominations; `versions` maps entries to the version seen. A decline needs a reason.

    Refused: decided already, changed meanwhile, and the admission of a patent whose right has ended.
    """
    outcome = PoolOutcome()
    for entry in _locked(versions, outcome):
        if why := why_not_decide(entry, to_state, actor):
            outcome.refused.append((entry, why))
        else:
            outcome.done.append(entry)
    now = clock.now()
    PoolEntry.objects.filter(pk__in=[entry.pk for entry in outcome.done]).update(
        decided_by=actor, decided_at=now, decision_note=reason
    )
    _move(outcome.done, to_state, reason=reason, actor=actor)
    tell_pool_decided(outcome.done, to_state, reason=reason, actor=actor)
    return outcome


def why_not_decide(entry: PoolEntry, to_state: PoolState, actor: Membership) -> str:
    """Why this membership cannot decide so now, in words; empty when it can."""
    if not permissions.can_decide_nominations(actor):
        return _("The lead bureau decides on nominations.")
    if to_state not in POOL_TRANSITIONS[entry.state]:
        return _wrong_state(entry)
    if to_state == PoolState.ADMITTED and entry.is_over:
        return _("The right has ended; decline it or take it out.")
    return ""


def why_not_take_out(entry: PoolEntry, actor: Membership) -> str:
    """Why this membership cannot take it out now, in words; empty when it can."""
    if not permissions.can_remove_from_pool(actor, entry.institution_id):
        return _("It is not yours to take out.")
    return "" if PoolState.REMOVED in POOL_TRANSITIONS[entry.state] else _wrong_state(entry)


@transaction.atomic
def take_out(*, versions: Mapping[int, int], reason: str, actor: Membership) -> PoolOutcome:
    """Take patents out of the pool with a reason: the lead bureau any, an institution its own."""
    outcome = PoolOutcome()
    for entry in _locked(versions, outcome):
        if why := why_not_take_out(entry, actor):
            outcome.refused.append((entry, why))
        else:
            outcome.done.append(entry)
    PoolEntry.objects.filter(pk__in=[entry.pk for entry in outcome.done]).update(
        removed_reason=reason
    )
    _move(outcome.done, PoolState.REMOVED, reason=reason, actor=actor)
    tell_pool_decided(outcome.done, PoolState.REMOVED, reason=reason, actor=actor)
    return outcome


def steps_of(
    moves: Iterable[tuple[PoolEntry, str, str]], to_state: PoolState, actor: Membership
) -> list[PoolStep]:
    """Unsaved steps, one for each (entry, state before, reason)."""
    now = clock.now()
    return [
        PoolStep(
            entry=entry, from_state=before, to_state=to_state, actor=actor, at=now, reason=reason
        )
        for entry, before, reason in moves
    ]


def _locked(versions: Mapping[int, int], outcome: PoolOutcome) -> list[PoolEntry]:
    """Entries under lock in the order of their keys; those of another version are refused."""
    found = list(
        PoolEntry.objects.filter(pk__in=versions)
        .select_related("patent")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    fresh = [entry for entry in found if versions[entry.pk] == entry.version]
    outcome.refused += [
        (entry, _("Somebody changed it meanwhile; look at it again first."))
        for entry in found
        if versions[entry.pk] != entry.version
    ]
    return fresh


def _move(
    entries: Sequence[PoolEntry], to_state: PoolState, *, reason: str, actor: Membership
) -> None:
    """Steps, trail, one UPDATE (the trigger checks the table again), facts."""
    steps = steps_of([(entry, entry.state, reason) for entry in entries], to_state, actor)
    PoolStep.objects.bulk_create(steps, batch_size=1000)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.STATE,
            target=entry,
            owner=entry.institution_id,
            changes={"state": [entry.state, to_state.value]},
            reason=reason,
        )
        for entry in entries
    )
    ids = [entry.pk for entry in entries]
    PoolEntry.objects.filter(pk__in=ids).update(state=to_state, version=F("version") + 1)
    for entry in entries:
        entry.state = to_state
        entry.version += 1
    record_facts(POOL, ids)


def _wrong_state(entry: PoolEntry) -> str:
    return _("It is in the state “%(state)s”.") % {"state": entry.get_state_display()}
