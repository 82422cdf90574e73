"""The first step of an installation: three administrators, who then make everybody else."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from portal import audit
from portal.choices import ADMIN_ROLES, AuditAction, OrganisationKind, Role
from portal.errors import DomainError
from portal.models import Membership, Organisation, User
from portal.services.accounts import make_password
from portal.text import pinyin_key


@transaction.atomic
def create_first_administrators(*, operator: str, usernames: dict[Role, str]) -> dict[Role, str]:
    """Make the operator's organisation and one account per administrator role; returns initial passwords by role.

    Refused once there is any administrator. Each password must be changed at the first sign-in.
    """
    if Membership.objects.filter(role__in=ADMIN_ROLES).exists():
        raise DomainError(_("There are administrators already; they make further accounts."))
    organisation = Organisation.objects.create(
        code="operator",
        name=operator,
        name_key=pinyin_key(operator),
        kind=OrganisationKind.OPERATOR,
    )
    audit.record(actor=None, action=AuditAction.CREATE, target=organisation, owner=organisation)
    passwords = {}
    for role, username in usernames.items():
        passwords[role] = make_password()
        person = User.objects.create_user(
            username, passwords[role], name=username, must_change_password=True
        )
        held = Membership.objects.create(user=person, organisation=organisation, role=role)
        for target in (person, held):
            audit.record(actor=None, action=AuditAction.CREATE, target=target, owner=organisation)
    return passwords
