"""Giving and ending roles. A role is ended, never deleted; nobody gives one to oneself."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from portal import access, audit
from portal.choices import ADMIN_ROLES, ROLES_BY_KIND, AuditAction, Role
from portal.errors import DomainError, InvalidTransition
from portal.models import Membership, Organisation, Unit, User


@transaction.atomic
def assign_membership(
    *,
    person: User,
    organisation: Organisation,
    role: str,
    unit: Unit | None,
    actor: Membership | None,
) -> Membership:
    """Give a role (without an actor: by command); an ended one of the same kind is taken up again."""
    # lock: two roles given at once must see each other in the rule about administrators
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if actor is not None and person.pk == actor.user_id:
        raise DomainError(_("Nobody gives a role to oneself."))
    if not person.is_active:
        raise DomainError(_("This account is deactivated."))
    _check_fit(organisation, role, unit)
    held = Membership.objects.filter(
        user=person, organisation=organisation, role=role, unit=unit
    ).first()
    if held is not None and held.is_active:
        raise InvalidTransition(_("This person holds this role here already."))
    _check_separation(person, role)
    if held is None:
        held = Membership(user=person, organisation=organisation, role=role, unit=unit)
    else:
        held.is_active = True
        held.version += 1
    held.validate_constraints()
    held.save()
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=held,
        owner=organisation,
        changes=audit.changes_of({}, {"user": person, "role": role, "unit": unit}),
    )
    return held


@transaction.atomic
def end_membership(
    *, membership: Membership, reason: str, seen_version: int, actor: Membership
) -> Membership:
    """End a role; running jobs of it stop at their next chunk."""
    held = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    access.check_version(seen_version, held.version)
    if not held.is_active:
        raise InvalidTransition(_("This role has ended already."))
    _keep_one(held)
    held.is_active = False
    held.version += 1
    held.save(update_fields=["is_active", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.DEACTIVATE,
        target=held,
        owner=held.organisation_id,
        changes={"is_active": [True, False]},
        reason=reason,
    )
    return held


def _check_fit(organisation: Organisation, role: str, unit: Unit | None) -> None:
    if role not in ROLES_BY_KIND[organisation.kind]:
        raise ValidationError(
            {"role": _("This kind of organisation has no such role.")}, code="role"
        )
    if unit is not None and unit.organisation_id != organisation.pk:
        raise ValidationError({"unit": _("This unit belongs to another organisation.")})
    if role == Role.UNIT_MANAGER and unit is None:
        raise ValidationError({"unit": _("A unit manager needs a unit.")})


def _check_separation(person: User, role: str) -> None:
    """An administrator's account holds that one role and nothing else."""
    held = set(
        Membership.objects.filter(user=person, is_active=True).values_list("role", flat=True)
    )
    if held & ADMIN_ROLES or (role in ADMIN_ROLES and held):
        raise DomainError(
            _("An administrator's account holds no other role: use a second account.")
        )


def _keep_one(held: Membership) -> None:
    if held.role not in ADMIN_ROLES:
        return
    if not Membership.objects.active().filter(role=held.role).exclude(pk=held.pk).exists():
        raise DomainError(_("This is the last administrator of its kind: appoint another first."))
