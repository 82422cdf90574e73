"""Whoever follows an invitation's link: a password for the account kept ready, or one's own account instead of it."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit, clock, handing_over
from portal.choices import ADMIN_ROLES, AuditAction
from portal.errors import DomainError, InvalidTransition
from portal.models import Invitation, Membership, StaffMember, User
from portal.services import accounts
from portal.services.invitations import digest_of


def invitation_of(token: str) -> Invitation | None:
    """The invitation a link belongs to; None for a used, revoked, expired or made-up one."""
    found: Invitation | None = (
        Invitation.objects.pending()
        .with_names()
        .filter(
            token_digest=digest_of(token),
            expires_at__gte=clock.now(),
            organisation__is_active=True,
            user__is_active=True,
        )
        .first()
    )
    return found


@transaction.atomic
def take_account(*, invitation: Invitation, password: str) -> User:
    """The invited person sets the password of the account kept ready; the link is used up."""
    held = _still_pending(invitation)
    person = User.objects.select_for_update(of=("self",)).get(pk=held.user_id)
    if person.has_usable_password():
        raise InvalidTransition(_("This account has a password already: sign in with it."))
    person = accounts.change_password(person=person, password=password)
    _close(held, person)
    return person


@transaction.atomic
def join_with_account(*, invitation: Invitation, person: User) -> Membership:
    """Somebody who has an account joins with it: role and work of the account kept ready become theirs."""
    held = _still_pending(invitation)
    ready = held.user
    if (
        ready.pk != person.pk
        and Membership.objects.filter(user=person, is_active=True, role__in=ADMIN_ROLES).exists()
    ):
        raise DomainError(
            _("An administrator's account holds no other role: use a second account.")
        )
    role, _made = Membership.objects.get_or_create(
        user=person, organisation_id=held.organisation_id, unit=held.unit, role=held.role
    )
    if not role.is_active:
        role.is_active = True
        role.version += 1
        role.save(update_fields=["is_active", "version"])
    if ready.pk != person.pk:
        _replace(ready, person, role)
    _close(held, person)
    return role


def _replace(ready: User, person: User, role: Membership) -> None:
    """The account kept ready gives way: work, line of the list and role go to the one that joined."""
    if ready.has_usable_password():
        raise InvalidTransition(_("This account has a password already: sign in with it."))
    for work in handing_over.kinds():
        work.follow(ready, person, role)
    own = StaffMember.objects.filter(organisation=role.organisation_id, user=person)
    lines = StaffMember.objects.filter(organisation=role.organisation_id, user=ready)
    if own.exists():
        lines.update(user=None)
    else:
        lines.update(user=person)
    Membership.objects.filter(user=ready, organisation=role.organisation_id).update(is_active=False)
    User.objects.filter(pk=ready.pk).update(is_active=False)
    audit.record(
        actor=role,
        action=AuditAction.CREATE,
        target=role,
        changes=audit.changes_of(
            {}, {"user": person.pk, "role": role.role, "unit": role.unit_id, "instead_of": ready.pk}
        ),
    )


def _still_pending(invitation: Invitation) -> Invitation:
    held = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("user", "organisation", "unit")
        .get(pk=invitation.pk)
    )
    if not held.is_pending or held.token_digest != invitation.token_digest:
        raise InvalidTransition(_("This link was used already."))
    return held


def _close(held: Invitation, person: User) -> None:
    held.accepted_at = clock.now()
    held.accepted_by = person
    held.token_digest = None
    held.version += 1
    held.save(update_fields=["accepted_at", "accepted_by", "token_digest", "version"])
    for work in handing_over.kinds():
        work.welcome(person, held.organisation_id)
    audit.record(
        actor=person,
        action=AuditAction.STATE,
        target=held,
        owner=held.organisation_id,
        changes={"accepted": [False, True]},
    )
