"""People who leave an institution: their roles in it end and all their work goes on in one step, with history."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal import access, audit, clock, handing_over
from portal.choices import AuditAction, Role, StaffCategory
from portal.errors import DomainError, InvalidTransition
from portal.handing_over import TO_SUCCESSOR, HandOver
from portal.models import Departure, Invitation, Membership, Organisation, StaffMember, User
from portal.services import staff


def in_hand(people: Sequence[int], actor: Membership) -> list[tuple[str, int]]:
    """(kind in words, how much) of the work of these people in the actor's institution, roles and invitations too."""
    roles = Membership.objects.active().filter(user__in=people, organisation=actor.organisation_id)
    pending = Invitation.objects.filter(
        user__in=people, organisation=actor.organisation_id
    ).pending()
    found = [
        (str(work.label), work.count(people, actor.organisation_id))
        for work in handing_over.kinds()
    ]
    return [
        (_("roles in this institution end"), roles.count()),
        *found,
        (_("pending invitations are revoked"), pending.count()),
    ]


@transaction.atomic
def record_departure(
    *,
    person: User,
    seen_version: int,
    actor: Membership,
    reason: str,
    how: str,
    successor: User | None,
) -> Departure:
    """End every role of a person in the actor's institution and hand the work over: all or nothing.

    Memberships in other institutions are not touched. The account is deactivated where no role is left. Refused for
    the last manager of the institution, and for work handed to somebody without an active role in it.
    """
    Organisation.objects.select_for_update(of=("self",)).get(pk=actor.organisation_id)
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    access.check_version(seen_version, person.version)
    roles = list(
        Membership.objects.select_for_update(of=("self",))
        .filter(user=person, organisation=actor.organisation_id, is_active=True)
        .order_by("pk")
    )
    if not roles:
        raise InvalidTransition(_("%(name)s holds no role here any more.") % {"name": person.name})
    _keep_a_manager(roles, person, actor)
    to = successor if how == TO_SUCCESSOR else None
    step = HandOver(person=person, actor=actor, reason=reason, how=how, successor=to)
    _check_successor(step)
    done = {work.name: work.hand_over(step) for work in handing_over.kinds()}
    _end_roles(roles, actor, reason)
    _revoke_pending(person, actor)
    ended = _end_account(person, actor, reason)
    _mark_on_list(person, actor)
    return _remember(step, roles, done, account_ended=ended)


def _remember(
    step: HandOver, roles: Sequence[Membership], done: dict[str, int], *, account_ended: bool
) -> Departure:
    made = Departure.objects.create(
        organisation_id=step.actor.organisation_id,
        user=step.person,
        reason=step.reason,
        memberships=[role.pk for role in roles],
        handed_over=done,
        successor=step.successor,
        account_ended=account_ended,
        recorded_by=step.actor,
    )
    changes = {"user": step.person.pk, **done, "how": step.how}
    audit.record(
        actor=step.actor,
        action=AuditAction.DEACTIVATE,
        target=made,
        changes={name: [None, value] for name, value in changes.items()},
        reason=step.reason,
    )
    return made


def why_not_leave(*, people: Sequence[int], actor: Membership) -> dict[int, str]:
    """{person: why the departure cannot be recorded now, in words}, for those it cannot."""
    active = Membership.objects.active().filter(organisation=actor.organisation_id)
    roles = dict.fromkeys(active.filter(user__in=people).values_list("user", flat=True))
    managers = set(active.filter(role=Role.INSTITUTION_MANAGER).values_list("user", flat=True))
    why = {key: _("Holds no role here any more.") for key in people if key not in roles}
    if managers <= set(people):
        last = _("This is the last manager of the institution: have another appointed first.")
        why |= dict.fromkeys(managers, last)
    return why


@transaction.atomic
def record_return(*, departure: Departure, seen_version: int, actor: Membership) -> Departure:
    """The person is back: the roles that ended with the departure are held again. Work stays where it went."""
    held = (
        Departure.objects.select_for_update(of=("self",))
        .select_related("user")
        .get(pk=departure.pk)
    )
    access.check_version(seen_version, held.version)
    if held.returned_at is not None:
        raise InvalidTransition(_("This person has come back already."))
    held.returned_at = clock.now()
    held.version += 1
    held.save(update_fields=["returned_at", "version"])
    if held.account_ended:
        User.objects.filter(pk=held.user_id).update(is_active=True)
    _give_back(held, actor)
    lines = StaffMember.objects.select_for_update(of=("self",)).filter(
        organisation=actor.organisation_id, user=held.user_id, category=StaffCategory.LEFT
    )
    staff.change_staff(
        changed=[(line, {"category": StaffCategory.TEACHER}) for line in lines], actor=actor
    )
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=held,
        changes={"returned": [False, True]},
    )
    return held


def _give_back(held: Departure, actor: Membership) -> None:
    """The roles that ended with the departure are held again."""
    roles = Membership.objects.select_for_update(of=("self",)).filter(
        pk__in=held.memberships, organisation=actor.organisation_id, is_active=False
    )
    for role in roles.order_by("pk"):
        role.is_active = True
        role.version += 1
        role.save(update_fields=["is_active", "version"])
        audit.record(
            actor=actor,
            action=AuditAction.CHANGE,
            target=role,
            changes={"is_active": [False, True]},
        )


def _keep_a_manager(roles: Sequence[Membership], person: User, actor: Membership) -> None:
    if not any(role.role == Role.INSTITUTION_MANAGER for role in roles):
        return
    others = Membership.objects.active().filter(
        organisation=actor.organisation_id, role=Role.INSTITUTION_MANAGER
    )
    if not others.exclude(user=person).exists():
        raise DomainError(
            _("This is the last manager of the institution: have another appointed first.")
        )


def _check_successor(step: HandOver) -> None:
    if step.how != TO_SUCCESSOR:
        return
    to = step.successor
    active = Membership.objects.active().filter(organisation=step.actor.organisation_id, user=to)
    if to is None or to.pk == step.person.pk or not active.exists():
        raise ValidationError(
            {"successor": _("Choose somebody else with an active role in this institution.")}
        )


def _end_roles(roles: Sequence[Membership], actor: Membership, reason: str) -> None:
    for role in roles:
        role.is_active = False
        role.version += 1
        role.save(update_fields=["is_active", "version"])
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.DEACTIVATE,
            target=role,
            changes={"is_active": [True, False]},
            reason=reason,
        )
        for role in roles
    )


def _revoke_pending(person: User, actor: Membership) -> None:
    pending = Invitation.objects.filter(user=person, organisation=actor.organisation_id).pending()
    for invitation in pending.select_for_update(of=("self",)):
        invitation.revoked_at = clock.now()
        invitation.token_digest = None
        invitation.version += 1
        invitation.save(update_fields=["revoked_at", "token_digest", "version"])
        audit.record(
            actor=actor,
            action=AuditAction.DEACTIVATE,
            target=invitation,
            changes={"revoked": [False, True]},
        )


def _end_account(person: User, actor: Membership, reason: str) -> bool:
    """Deactivate the account where the person acts nowhere any more; whether that was so."""
    if not person.is_active or Membership.objects.filter(user=person, is_active=True).exists():
        return False
    person.is_active = False
    person.version += 1
    person.save(update_fields=["is_active", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.DEACTIVATE,
        target=person,
        changes={"is_active": [True, False]},
        reason=reason,
    )
    return True


def _mark_on_list(person: User, actor: Membership) -> None:
    """On the personnel list the person counts as left, retired people stay retired."""
    lines = StaffMember.objects.select_for_update(of=("self",)).filter(
        organisation=actor.organisation_id, user=person
    )
    staff.change_staff(
        changed=[
            (line, {"category": StaffCategory.LEFT})
            for line in lines
            if line.category != StaffCategory.RETIRED
        ],
        actor=actor,
    )
