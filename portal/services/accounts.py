"""Accounts of people: made, changed, deactivated, never deleted; passwords and their reset by mail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from portal import access, audit, crypto
from portal.choices import ADMIN_ROLES, AuditAction, OrganisationKind, Role
from portal.errors import DomainError, InvalidTransition
from portal.jobs import queue
from portal.models import Job, Membership, Organisation, Unit, User
from portal.services import memberships, organisations, outbox, sign_in
from portal.text import clean, mask_name, pinyin_key

# no characters that look alike when read from paper
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"
# kept masked in the trail
NAME_FIELDS = frozenset({"name", "username"})
PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a job kind


@dataclass(frozen=True)
class NewAccount:
    """A fresh account with the initial password, which is shown once and must be changed at first sign-in."""

    person: User
    initial_password: str


@dataclass(frozen=True)
class FirstRole:
    """The role a new account begins with."""

    organisation: Organisation
    role: str
    unit: Unit | None = None


def make_password() -> str:
    """An initial password that passes the rules and can be read out."""
    parts = [_CAPITALS, *[_LETTERS] * 5, "-", *[_DIGITS] * 5]
    return "".join(part if part == "-" else secrets.choice(part) for part in parts)


@transaction.atomic
def create_account(
    *,
    actor: Membership | None,
    username: str,
    name: str,
    contact: dict[str, str],
    first_role: FirstRole | None = None,
) -> NewAccount:
    """Make an account with an initial password; a manager gives the first role in the same step."""
    password = make_password()
    person = User.objects.create_user(
        username=username,
        password=password,
        name=clean(name),
        must_change_password=True,
        **contact,
    )
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=person,
        changes=_shown_changes({}, {"username": username, "name": person.name, **contact}),
    )
    if first_role is not None:
        memberships.assign_membership(
            person=person,
            organisation=first_role.organisation,
            role=first_role.role,
            unit=first_role.unit,
            actor=actor,
        )
    return NewAccount(person, password)


@transaction.atomic
def create_administrator(
    *,
    username: str,
    name: str,
    role: str,
    organisation: Organisation | None,
    operator_name: str,
) -> NewAccount:
    """Make an administrator from the command line, and the operating body if there is none yet."""
    if organisation is None:
        organisation = organisations.create_organisation(
            values={"name": operator_name, "code": "operator", "kind": OrganisationKind.OPERATOR},
            names=[],
            supervisors=[],
            actor=None,
        )
    return create_account(
        actor=None,
        username=username,
        name=name,
        contact={},
        first_role=FirstRole(organisation, role),
    )


@transaction.atomic
def change_account(
    *, person: User, values: dict[str, Any], seen_version: int, actor: Membership
) -> User:
    """Change name and contact details."""
    person = _locked(person, seen_version)
    before = {field: getattr(person, field) for field in values}
    for field, value in values.items():
        setattr(person, field, value)
    changes = _shown_changes(before, values)
    if not changes:
        return person
    person.name_key = pinyin_key(person.name, person=True)
    person.email_lookup = crypto.lookup(person.email)
    person.phone_lookup = crypto.lookup(person.phone)
    person.version += 1
    person.save(
        update_fields=[*values, "name_key", "email_lookup", "phone_lookup", "version"],
    )
    audit.record(actor=actor, action=AuditAction.CHANGE, target=person, changes=changes)
    return person


@transaction.atomic
def set_account_active(
    *, person: User, is_active: bool, reason: str, seen_version: int, actor: Membership
) -> User:
    """Deactivate (the sessions end with the next request) or take back a deactivation."""
    person = _locked(person, seen_version)
    if person.is_active == is_active:
        raise InvalidTransition(
            _("This account is active already.")
            if is_active
            else _("This account is deactivated already.")
        )
    if not is_active:
        _keep_one_administrator(person)
    person.is_active = is_active
    person.version += 1
    person.save(update_fields=["is_active", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE if is_active else AuditAction.DEACTIVATE,
        target=person,
        changes={"is_active": [not is_active, is_active]},
        reason=reason,
    )
    return person


@transaction.atomic
def issue_initial_password(*, person: User, seen_version: int, actor: Membership) -> NewAccount:
    """Replace a forgotten password by an initial one; sessions under the old one end."""
    person = _locked(person, seen_version)
    password = make_password()
    person.set_password(password)
    person.must_change_password = True
    person.version += 1
    person.save(update_fields=["password", "must_change_password", "version"])
    audit.record(actor=actor, action=AuditAction.PASSWORD, target=person)
    return NewAccount(person, password)


@transaction.atomic
def change_password(*, person: User, password: str) -> User:
    """Set the password a person chose; sessions under the old one end."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    person.set_password(password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    audit.record(actor=person, action=AuditAction.PASSWORD, target=person)
    return person


# --- reset by mail -------------------------------------------------------------------------------


@transaction.atomic
def request_password_reset(*, email: str, site: str, language: str, address: str) -> None:
    """Ask the worker to look for the address; the same work here whether it exists or not.

    At most five requests per quarter of an hour for one mail address from one network address.
    """
    if sign_in.take_try(f"reset:{email.strip().casefold()}", address) is None:
        return
    params = {"lookup": crypto.lookup(email), "site": site, "language": language}
    queue.ask(PASSWORD_RESET, actor=None, params=params)


@transaction.atomic
def send_reset_links(*, job: Job) -> int:
    """Write a mail with a link for every active account of the address; returns how many."""
    people = list(User.objects.active().filter(email_lookup=job.params["lookup"]))
    for person in people:
        token = default_token_generator.make_token(person)
        path = reverse(
            "portal:password-reset-confirm",
            kwargs={"uid": urlsafe_base64_encode(force_bytes(person.pk)), "token": token},
        )
        outbox.write_mail(
            recipient=person,
            template="password_reset",
            context={"person": person, "link": job.params["site"] + path},
            language=job.params["language"],
        )
    return len(people)


def person_of_link(uid: str, token: str) -> User | None:
    """The account a reset link belongs to; None for a used, old or forged link."""
    try:
        pk = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    person: User | None = User.objects.active().filter(pk=pk).first()
    if person is None or not default_token_generator.check_token(person, token):
        return None
    return person


@transaction.atomic
def reset_password(*, person: User, password: str) -> User:
    """Set the password chosen through a mailed link and clear the locks of the account."""
    person = change_password(person=person, password=password)
    sign_in.unlock_account(person=person, actor=person)
    return person


def _shown_changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """What differs, with names masked: the trail cannot be changed when a person is to be forgotten."""
    changes = audit.changes_of(before, after)
    for field in NAME_FIELDS & set(changes):
        changes[field] = [in_trail(field, value) for value in changes[field]]
    return changes


def in_trail(field: str, value: Any) -> Any:
    """A value of an account as the trail keeps it."""
    return mask_name(value or "") if field in NAME_FIELDS else audit.shown(field, value)


def _locked(person: User, seen_version: int) -> User:
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    access.check_version(seen_version, person.version)
    return person


def _keep_one_administrator(person: User) -> None:
    """Refuse to lock everybody out: one active account stays for each administrator role."""
    for role in Role.values:
        if role not in ADMIN_ROLES:
            continue
        holders = Membership.objects.active().filter(role=role)
        if holders.filter(user=person).exists() and not holders.exclude(user=person).exists():
            raise DomainError(
                _("This is the last administrator of its kind: appoint another first.")
            )
