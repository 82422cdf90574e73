"""The personnel list of an institution: who is on it, and whether two lines of one name are one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal import access, audit, crypto
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.models import AuditEntry, Membership, StaffMember, User
from portal.same_person import Line
from portal.text import pinyin_key

#: what a list may say about a person
FIELDS = ("name", "staff_number", "unit_id", "title", "category", "email", "phone")
_DERIVED = ("name_key", "email_lookup", "phone_lookup")


def name_key(name: str) -> str:
    """The key under which a person is found: the same for 张三, 张 三 and Zhang San."""
    return pinyin_key(name, person=True)


def line_of(member: StaffMember) -> Line:
    """A person of the list as portal.same_person compares it; key “s12”."""
    return Line(
        key=f"s{member.pk}",
        name=member.name,
        unit=member.unit_id,
        staff_number=member.staff_number,
        phone=member.phone_lookup,
        email=member.email_lookup,
    )


def known_people(
    organisation_id: int, names: Iterable[str], numbers: Iterable[str]
) -> tuple[list[StaffMember], list[tuple[User, int | None]]]:
    """Everybody of these names or staff numbers: the list, and (account, unit) of accounts that are not on it."""
    keys = {name_key(name) for name in names}
    members = StaffMember.objects.filter(organisation=organisation_id).select_related("unit")
    listed = list(members.filter(name_key__in=keys).order_by("pk"))
    seen = {member.pk for member in listed}
    wanted = [number for number in numbers if number]
    listed += [m for m in members.filter(staff_number__in=wanted) if m.pk not in seen]
    roles = (
        Membership.objects.filter(organisation=organisation_id, user__name_key__in=keys)
        .exclude(user__staff_entries__organisation=organisation_id)
        .select_related("user")
        .order_by("user", "-is_active", "pk")
    )
    accounts: dict[int, tuple[User, int | None]] = {}
    for role in roles:
        accounts.setdefault(role.user_id, (role.user, role.unit_id))
    return listed, list(accounts.values())


def line_of_account(person: User, unit: int | None) -> Line:
    """An account that is not on the list; key “u34”."""
    return Line(
        key=f"u{person.pk}",
        name=person.name,
        unit=unit,
        phone=person.phone_lookup,
        email=person.email_lookup,
    )


def fill(member: StaffMember, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what is given, with what follows from it; the changes as the trail keeps them (contact masked)."""
    before = {name: getattr(member, name) for name in values}
    for name, value in values.items():
        setattr(member, name, value)
    member.name_key = name_key(member.name)
    member.email_lookup = crypto.lookup(member.email)
    member.phone_lookup = crypto.lookup(member.phone)
    return audit.changes_of(_told(before), _told(values))


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values under the names the trail uses: unit, not unit_id."""
    return {name.removesuffix("_id"): value for name, value in values.items()}


@transaction.atomic
def add_staff(*, rows: Sequence[Mapping[str, Any]], actor: Membership) -> list[StaffMember]:
    """Put people on the list of the actor's institution; each row holds FIELDS, and user_id or is_doubtful."""
    made, entries = [], []
    for row in rows:
        member = StaffMember(organisation_id=actor.organisation_id)
        fill(member, row)
        made.append(member)
    StaffMember.objects.bulk_create(made, batch_size=1000)
    for member, row in zip(made, rows, strict=True):
        entries.append(_entry(actor, AuditAction.CREATE, member, audit.changes_of({}, _told(row))))
    audit.record_many(entries)
    return made


@transaction.atomic
def change_staff(
    *,
    changed: Sequence[tuple[StaffMember, Mapping[str, Any]]],
    actor: Membership,
    reason: str = "",
) -> int:
    """Change people of the list that the caller has locked; those whom nothing changes are passed over."""
    written, entries = [], []
    for member, values in changed:
        if changes := fill(member, values):
            member.version += 1
            written.append(member)
            entries.append(_entry(actor, AuditAction.CHANGE, member, changes, reason))
    StaffMember.objects.bulk_update(
        written, [*FIELDS, *_DERIVED, "user_id", "is_doubtful", "version"], batch_size=1000
    )
    audit.record_many(entries)
    return len(written)


@transaction.atomic
def remove_staff(*, members: Sequence[StaffMember], actor: Membership, reason: str) -> None:
    """Take people off the list whom the caller has locked and whom nothing names: they came on it by mistake."""
    entries = []
    for member in members:
        gone = {name: getattr(member, name) for name in FIELDS}
        changes = audit.changes_of(_told(gone), _told(dict.fromkeys(gone)))
        entries.append(_entry(actor, AuditAction.DEACTIVATE, member, changes, reason))
    audit.record_many(entries)
    StaffMember.objects.filter(pk__in=[member.pk for member in members]).delete()


@transaction.atomic
def settle_doubt(
    *, member: StaffMember, same_as: int | None, seen_version: int, actor: Membership
) -> StaffMember:
    """Say that a doubtful line is a person of its own (None), or the one whose key is given.

    The same: what the doubtful line says fills the blanks of the other, and the line goes.
    """
    keys = sorted({member.pk, same_as or member.pk})
    held = {
        one.pk: one
        for one in StaffMember.objects.select_for_update(of=("self",))
        .filter(pk__in=keys, organisation=actor.organisation_id)
        .order_by("pk")
    }
    if member.pk not in held:
        raise DomainError(_("This line was settled already."))
    doubtful = held[member.pk]
    access.check_version(seen_version, doubtful.version)
    if not doubtful.is_doubtful:
        raise DomainError(_("This line was settled already."))
    if same_as is None:
        return _stand_alone(doubtful, actor)
    other = held.get(same_as)
    if other is None or other.pk == doubtful.pk:
        raise DomainError(_("The other person is not on the list any more."))
    return _merge(doubtful, other, actor)


def _stand_alone(doubtful: StaffMember, actor: Membership) -> StaffMember:
    doubtful.is_doubtful = False
    doubtful.version += 1
    doubtful.save(update_fields=["is_doubtful", "version", "updated_at"])
    _entry(actor, AuditAction.CHANGE, doubtful, {"is_doubtful": [True, False]}).save()
    return doubtful


def _merge(doubtful: StaffMember, other: StaffMember, actor: Membership) -> StaffMember:
    if doubtful.user_id and other.user_id and doubtful.user_id != other.user_id:
        raise DomainError(_("Both have an account: they cannot be made one here."))
    if doubtful.staff_number and other.staff_number:
        raise DomainError(_("Two staff numbers are two people."))
    values = {
        name: getattr(doubtful, name)
        for name in (*FIELDS, "user_id")
        if getattr(doubtful, name) and not getattr(other, name)
    }
    gone = {name: getattr(doubtful, name) for name in FIELDS}
    _entry(
        actor,
        AuditAction.DEACTIVATE,
        doubtful,
        {**audit.changes_of(_told(gone), _told(dict.fromkeys(gone))), "same_as": [None, other.pk]},
    ).save()
    doubtful.delete()
    change_staff(changed=[(other, values)], actor=actor)
    return other


def _entry(
    actor: Membership,
    action: AuditAction,
    member: StaffMember,
    changes: dict[str, list[Any]],
    reason: str = "",
) -> AuditEntry:
    return audit.entry(
        actor=actor,
        action=action,
        target=member,
        owner=member.organisation_id,
        changes=changes,
        reason=reason,
    )
