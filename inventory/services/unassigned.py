"""Giving dossiers that nobody looks after to people, and saying that a patent is somebody else's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import DossierState
from inventory.models import Dossier, NotMine, PatentInventor
from inventory.proposals import Candidate, Proposal
from inventory.queries.unassigned import proposals_for, unassigned, with_rows
from inventory.services import moves
from inventory.services.notices import tell_assigned
from portal import audit, clock
from portal.bulk.registry import RowResult, refused
from portal.choices import AuditAction, BulkOutcome
from portal.errors import DomainError, InvalidTransition, StaleVersion
from portal.models import Membership, StaffMember, User
from portal.services import invitations

STAFF, ACCOUNT = "s", "u"


@dataclass
class Assigned:
    """What became of a choice for many: dossiers given, accounts opened, dossiers somebody else changed meanwhile."""

    done: list[int] = field(default_factory=list)
    opened: int = 0
    stale: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Forecast:
    """What accepting the clear proposals of some dossiers would do."""

    clear: dict[int, str]
    without: frozenset[int]


def forecast(dossiers: Sequence[Dossier], actor: Membership) -> Forecast:
    """Consequences of accepting every clear proposal whose person the actor may ask."""
    found = proposals_for(dossiers, actor)
    allowed = branch_of(actor)
    clear = {
        pk: proposal.best.person.key
        for pk, proposal in found.items()
        if is_clear_for(proposal, allowed) and proposal.best
    }
    without = frozenset(pk for pk, proposal in found.items() if proposal.best is None)
    return Forecast(clear, without)


def branch_of(actor: Membership) -> Collection[int] | None:
    """Units whose people a unit's manager may ask; None for a manager, who may ask everybody."""
    if actor.unit is None or actor.role == "institution_manager":
        return None
    below = type(actor.unit).objects.below(actor.unit)
    return frozenset(below.values_list("pk", flat=True))


def may_ask(candidate: Candidate, allowed: Collection[int] | None) -> bool:
    """Whether a candidate belongs to the branch of the one who asks."""
    return allowed is None or candidate.person.unit_id in allowed


def is_clear_for(proposal: Proposal, allowed: Collection[int] | None) -> bool:
    """Clear, and the person may be asked by this actor."""
    return proposal.is_clear and proposal.best is not None and may_ask(proposal.best, allowed)


@transaction.atomic
def assign_people(
    *, chosen: Mapping[int, tuple[int, str]], actor: Membership, reason: str = ""
) -> Assigned:
    """Give each dossier to the person of its key (s<list> or u<account>): {dossier: (version seen, key)}.

    Who has no account gets one, with an invitation. A dossier changed meanwhile, or with a person by now, is left
    and named; ValidationError for a person who is not of the institution or may not be asked.
    """
    outcome = Assigned()
    people = _resolve({key for _version, key in chosen.values()}, actor, outcome)
    changed, entries = [], []
    for dossier in moves.lock_dossiers(chosen):
        seen, key = chosen[dossier.pk]
        if dossier.participation.institution_id != actor.organisation_id:
            continue
        if dossier.version != seen:
            outcome.stale.append(dossier.pk)
            continue
        person, unit_id = people[key]
        changes = give(dossier, person.pk, unit_id)
        if changes:
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
    store(changed)
    audit.record_many(entries)
    tell_assigned(changed, actor=actor, reason=reason)
    outcome.done = [dossier.pk for dossier in changed]
    return outcome


def give(
    dossier: Dossier, responsible: int | None, unit_id: int | None = None
) -> dict[str, list[Any]]:
    """Set the responsible person on a locked dossier, and the unit where it has none; the changes."""
    before = {"responsible": dossier.responsible_id, "unit": dossier.unit_id}
    after = {"responsible": responsible, "unit": dossier.unit_id or unit_id}
    changes = audit.changes_of(before, after)
    if changes:
        dossier.responsible_id, dossier.unit_id = responsible, after["unit"]
        dossier.version += 1
        dossier.updated_at = clock.now()
    return changes


def store(changed: Sequence[Dossier]) -> None:
    """Write dossiers that `give` changed."""
    Dossier.objects.bulk_update(
        changed, ["unit", "responsible", "version", "updated_at"], batch_size=1000
    )


def _resolve(
    keys: Collection[str], actor: Membership, outcome: Assigned
) -> dict[str, tuple[User, int | None]]:
    """{key: (account, unit)}; opens accounts for people of the list who have none."""
    members = {
        f"{STAFF}{one.pk}": one
        for one in StaffMember.objects.select_for_update(of=("self",))
        .filter(pk__in=_numbers(keys, STAFF), organisation=actor.organisation_id)
        .select_related("user")
        .order_by("pk")
    }
    without = [one for one in members.values() if one.user_id is None]
    outcome.opened = len(invitations.open_accounts(members=without, actor=actor))
    wanted = {one.user_id for one in members.values()} | set(_numbers(keys, ACCOUNT))
    roles = Membership.objects.active().filter(
        user__in=[pk for pk in wanted if pk], organisation=actor.organisation_id
    )
    acting = {role.user_id: role for role in roles.select_related("user").order_by("-pk")}
    found: dict[str, tuple[User, int | None]] = {}
    allowed = branch_of(actor)
    for key in keys:
        member = members.get(key)
        account = member.user_id if member else _number(key, ACCOUNT)
        role = acting.get(account or 0)
        unit_id = (member.unit_id if member else None) or (role.unit_id if role else None)
        if role is None or (allowed is not None and unit_id not in allowed):
            raise ValidationError(
                _("Choose somebody with an active role in your institution or unit.")
            )
        found[key] = (role.user, unit_id)
    return found


def _numbers(keys: Collection[str], kind: str) -> list[int]:
    return [number for key in keys if (number := _number(key, kind))]


def _number(key: str, kind: str) -> int | None:
    digits = key[1:]
    is_key = key[:1] == kind and digits.isascii() and digits.isdecimal() and len(digits) <= 18
    return int(digits) if is_key else None


# --- many at once: portal.bulk ------------------------------------------------------------------------


def judge_clear(*, ids: Sequence[int], actor: Membership) -> list[RowResult]:
    """What taking the clear proposals would do to each dossier."""
    dossiers = list(with_rows(unassigned(actor).filter(pk__in=ids)))
    found = forecast(dossiers, actor)
    waiting = {dossier.pk for dossier in dossiers}
    return [_judged(pk, waiting, found) for pk in ids]


@transaction.atomic
def take_clear(*, ids: Sequence[int], actor: Membership, reason: str = "") -> list[RowResult]:
    """Take the clear proposals of dossiers that the caller has locked; the others are refused with the reason."""
    dossiers = list(with_rows(unassigned(actor).filter(pk__in=ids)))
    found = forecast(dossiers, actor)
    waiting = {dossier.pk: dossier for dossier in dossiers}
    chosen = {pk: (waiting[pk].version, key) for pk, key in found.clear.items()}
    assign_people(chosen=chosen, actor=actor, reason=reason)
    before = {
        pk: {"responsible": waiting[pk].responsible_id, "unit": waiting[pk].unit_id}
        for pk in found.clear
    }
    results = [_judged(pk, waiting, found) for pk in ids]
    return [replace(one, before=before.get(one.id, {})) for one in results]


@transaction.atomic
def restore_assigned(
    *, before: Mapping[int, Mapping[str, Any]], actor: Membership, reason: str = ""
) -> list[RowResult]:
    """Put unit and responsible person back as they were; accounts that were opened stay."""
    changed, entries = [], []
    for dossier in moves.lock_dossiers(before):
        now = {"responsible": dossier.responsible_id, "unit": dossier.unit_id}
        then = dict(before[dossier.pk])
        dossier.responsible_id, dossier.unit_id = then["responsible"], then["unit"]
        dossier.version += 1
        dossier.updated_at = clock.now()
        changed.append(dossier)
        entries.append(
            audit.entry(
                actor=actor,
                action=AuditAction.CHANGE,
                target=dossier,
                changes=audit.changes_of(now, then),
                reason=reason,
            )
        )
    store(changed)
    audit.record_many(entries)
    return [RowResult(dossier.pk, BulkOutcome.CHANGED) for dossier in changed]


def _judged(pk: int, waiting: Collection[int], found: Forecast) -> RowResult:
    if pk not in waiting:
        return refused(pk, _("Somebody looks after it already."))
    if pk in found.clear:
        return RowResult(pk, BulkOutcome.CHANGED)
    if pk in found.without:
        return refused(pk, _("Nobody can be proposed."))
    return refused(pk, _("Needs a look: a namesake, or another than the first inventor."))


@transaction.atomic
def disown_dossier(
    *, dossier_id: int, seen_version: int, reason: str, actor: Membership
) -> Dossier:
    """“This is not my patent”: the person is no longer responsible nor linked as inventor, and not proposed again."""
    (dossier,) = moves.lock_dossiers([dossier_id])
    if dossier.version != seen_version:
        raise StaleVersion(seen_version, dossier.version)
    if dossier.state not in (DossierState.UNFILED, DossierState.DRAFT):
        raise InvalidTransition(
            _("The dossier is in the state “%(state)s” and takes no changes now.")
            % {"state": dossier.get_state_display()}
        )
    linked = PatentInventor.objects.filter(patent=dossier.patent_id, user=actor.user_id)
    unlinked = linked.update(user=None)
    if not unlinked and dossier.responsible_id != actor.user_id:
        raise DomainError(_("This patent is not yours here."))
    NotMine.objects.get_or_create(
        patent_id=dossier.patent_id, user_id=actor.user_id, defaults={"reason": reason}
    )
    changes = {"not_mine": [None, actor.user_id]}
    if dossier.responsible_id == actor.user_id:
        changes |= give(dossier, None)
        store([dossier])
    audit.record(
        actor=actor, action=AuditAction.CHANGE, target=dossier, changes=changes, reason=reason
    )
    return dossier
