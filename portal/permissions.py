"""Who may act on people, organisations and the audit. Pure: role and organisation only, state is for services.

GB/T 22239-2019 8.1.4.2 d): no single account can make a user and give it a role and read the audit of both.
"""

from __future__ import annotations

from collections.abc import Iterable

from portal.choices import ADMIN_ROLES, INSTITUTION_ROLES, ROLES_BY_KIND, Role
from portal.models import BulkRun, Invitation, Membership, Organisation, Unit, User
from portal.models.outbox import SENDERS

# what the manager of an institution may hand out alone
MANAGER_GIVES = frozenset({Role.UNIT_MANAGER, Role.INVENTOR})


def can_count_people(membership: Membership) -> bool:
    """Figures of accounts and organisations on the start page."""
    return membership.role in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}


def can_list_people(membership: Membership) -> bool:
    return membership.role in {
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.INSTITUTION_MANAGER,
        Role.UNIT_MANAGER,
    }


def can_create_account(membership: Membership) -> bool:
    """System administrators everywhere, managers for their own institution."""
    return membership.role in {Role.SYSTEM_ADMIN, Role.INSTITUTION_MANAGER}


def can_edit_account(membership: Membership, person: User) -> bool:
    """One's own contact details; others' unless they are administrators; a manager only wholly own people.

    Whoever may change a mail address could take the account over by a password reset, so nobody may change an
    administrator's, and a manager may not change that of a person who acts elsewhere, too.
    """
    if person.pk == membership.user_id:
        return True
    held = list(person.memberships.all())
    if any(each.role in ADMIN_ROLES for each in held):
        return False
    if membership.role == Role.SYSTEM_ADMIN:
        return True
    return membership.role == Role.INSTITUTION_MANAGER and _are_all_inside(membership, held)


def can_deactivate_account(membership: Membership, person: User) -> bool:
    """System administrators anybody but themselves; a manager wholly own people."""
    if person.pk == membership.user_id:
        return False
    if membership.role == Role.SYSTEM_ADMIN:
        return True
    return can_edit_account(membership, person)


def can_reset_password(membership: Membership, person: User) -> bool:
    """Give a new initial password: like changing the account, never one's own."""
    return person.pk != membership.user_id and can_edit_account(membership, person)


def can_unlock_account(membership: Membership) -> bool:
    return membership.role == Role.SECURITY_ADMIN


def can_assign_memberships(membership: Membership) -> bool:
    """Whether this membership gives any roles at all."""
    return membership.role in {Role.SECURITY_ADMIN, Role.INSTITUTION_MANAGER}


def can_assign_membership(
    membership: Membership, person: User, organisation: Organisation, role: str
) -> bool:
    """Nobody gives a role to oneself; a role must fit the kind of organisation."""
    if person.pk == membership.user_id or role not in ROLES_BY_KIND[organisation.kind]:
        return False
    if membership.role == Role.SECURITY_ADMIN:
        return True
    is_own = membership.organisation_id == organisation.pk
    return membership.role == Role.INSTITUTION_MANAGER and is_own and role in MANAGER_GIVES


def can_end_membership(membership: Membership, target: Membership) -> bool:
    """Who may give a role may end it."""
    return can_assign_membership(membership, target.user, target.organisation, target.role)


def can_list_organisations(membership: Membership) -> bool:
    """Officials and administrators; others open their own organisation only."""
    return membership.is_official or membership.role in {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}


def can_edit_organisations(membership: Membership) -> bool:
    return membership.role == Role.SYSTEM_ADMIN


def can_import_organisations(membership: Membership) -> bool:
    """Lists of organisations: the lead bureau, which says who takes part."""
    return membership.role == Role.CITY_OFFICIAL


def can_edit_units(membership: Membership, organisation: Organisation) -> bool:
    if membership.role == Role.SYSTEM_ADMIN:
        return True
    is_own = membership.organisation_id == organisation.pk
    return membership.role == Role.INSTITUTION_MANAGER and is_own


def can_read_audit(membership: Membership) -> bool:
    """The audit administrator everything; auditors and managers what AuditEntry.visible_to leaves them."""
    return membership.role in {Role.AUDIT_ADMIN, Role.AUDITOR, Role.INSTITUTION_MANAGER}


def can_read_audit_of_all(membership: Membership) -> bool:
    """Whose trail is not that of one organisation."""
    return membership.role == Role.AUDIT_ADMIN


def can_reveal_contact(membership: Membership, person: User) -> bool:
    """Who has to reach people: system administrators and the managers of institution or unit; oneself."""
    reaching = {Role.SYSTEM_ADMIN, Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER}
    return person.pk == membership.user_id or membership.role in reaching


def can_forget_person(membership: Membership) -> bool:
    """Requests to be forgotten come to the system administrator."""
    return membership.role == Role.SYSTEM_ADMIN


def can_send_to_many(membership: Membership) -> bool:
    """Officials and managers: who urges, invites, announces. They see such mail before it goes."""
    return membership.role in SENDERS


def _are_all_inside(membership: Membership, held: Iterable[Membership]) -> bool:
    return all(
        each.organisation_id == membership.organisation_id and each.role in INSTITUTION_ROLES
        for each in held
    )


def can_undo_run(membership: Membership, run: BulkRun) -> bool:
    """Whoever asked for it, or the manager of the institution."""
    is_of_organisation = membership.organisation_id == run.organisation_id
    return is_of_organisation and (
        run.membership_id == membership.pk or membership.role == Role.INSTITUTION_MANAGER
    )


# --- personnel list, invitations, leavers -------------------------------------------------------------


def can_keep_staff(membership: Membership) -> bool:
    """The personnel list and the invitations: an institution's manager, and a unit's for the own branch."""
    return (
        membership.role in {Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER}
        and membership.organisation.is_institution
    )


def can_invite(membership: Membership, role: str, unit: Unit | None) -> bool:
    """A manager whom a manager may give a role; a unit's manager inventors of the own branch."""
    if not can_keep_staff(membership):
        return False
    if membership.role == Role.INSTITUTION_MANAGER:
        return role in MANAGER_GIVES
    return (
        role == Role.INVENTOR
        and unit is not None
        and membership.unit is not None
        and unit.path.startswith(membership.unit.path)
    )


def can_accept(person: User, held: Iterable[Membership], invitation: Invitation) -> bool:
    """Nobody accepts what he wrote himself, and an administrator's account holds no other role."""
    is_own = invitation.created_by.user_id == person.pk
    return not is_own and not any(each.role in ADMIN_ROLES for each in held)


def can_record_departure(membership: Membership, person: User | None = None) -> bool:
    """An institution's manager, about others of the institution."""
    is_manager = (
        membership.role == Role.INSTITUTION_MANAGER and membership.organisation.is_institution
    )
    return is_manager and (person is None or person.pk != membership.user_id)
