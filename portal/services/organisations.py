"""Organisations, the names they go by, who supervises them, and their unit trees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from portal import access, audit
from portal.choices import AuditAction
from portal.errors import DomainError
from portal.models import Membership, Organisation, OrganisationName, Supervision, Unit
from portal.text import clean, fold, pinyin_key

UNIT_FIELDS = ("name", "is_strong_discipline", "is_active")


@transaction.atomic
def create_organisation(
    *,
    values: dict[str, Any],
    names: Iterable[str],
    supervisors: Iterable[Organisation],
    actor: Membership | None,
    owner: Organisation | None = None,
) -> Organisation:
    """Enter an organisation with its further names and supervising bureaus.

    `owner` is whose trail tells of it, by default its own. What a list brings is told in the trail of who loaded the
    list: nothing names the new organisation then, and one loaded by mistake can leave again (withdraw_organisation).
    """
    made = Organisation.objects.create(**values, name_key=pinyin_key(values["name"]))
    bureaus = sorted(each.pk for each in supervisors)
    _set_names(made, [made.name, *names])
    _set_supervisors(made, bureaus)
    after = {**values, "names": sorted(names), "supervisors": bureaus}
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=made,
        owner=owner or made,
        changes=audit.changes_of({}, after),
    )
    return made


@transaction.atomic
def change_organisation(
    *,
    organisation: Organisation,
    values: dict[str, Any],
    names: Iterable[str],
    supervisors: Iterable[Organisation],
    seen_version: int,
    actor: Membership,
) -> Organisation:
    """Change an organisation; an old name stays among its further names, so that old files still find it."""
    held = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    access.check_version(seen_version, held.version)
    further = {*names, held.name} - {values["name"]}
    after = {**values, "names": sorted(further), "supervisors": sorted(b.pk for b in supervisors)}
    return _change(held, after, actor, "")


@transaction.atomic
def restore_organisation(
    *, organisation: Organisation, before: Mapping[str, Any], actor: Membership, reason: str
) -> Organisation:
    """Let a locked organisation say again what `picture` said of it, its names and bureaus among it.

    A charge that began since never was: it goes, where one that a person ends stays, inactive.
    """
    begun = set(_supervisor_ids(organisation)) - set(before["supervisors"])
    restored = _change(organisation, dict(before), actor, reason)
    restored.supervisions.filter(bureau__in=begun, is_active=False).delete()
    return restored


def picture(organisation: Organisation, fields: Iterable[str]) -> dict[str, Any]:
    """These columns with further names and the keys of bureaus in charge: what restore_organisation takes."""
    return {
        **{field: getattr(organisation, field) for field in fields},
        "names": further_names(organisation),
        "supervisors": sorted(_supervisor_ids(organisation)),
    }


@transaction.atomic
def withdraw_organisation(
    *, organisation: Organisation, owner: Organisation, actor: Membership, reason: str
) -> None:
    """Take an organisation off again that a list brought by mistake and nothing else names; the caller has looked."""
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=organisation,
        owner=owner,
        changes={"name": [organisation.name, None], "code": [organisation.code, None]},
        reason=reason,
    )
    organisation.supervisions.all().delete()
    organisation.names.all().delete()
    with connection.cursor() as cursor:
        # the collector of Django would read the whole trail for entries that act for it
        cursor.execute("DELETE FROM portal_organisation WHERE id = %s", [organisation.pk])


def _change(
    held: Organisation, after: dict[str, Any], actor: Membership, reason: str
) -> Organisation:
    """Write columns, names and supervisors (keys) as `after` says; nothing where they are so already."""
    columns = after.keys() - {"names", "supervisors"}
    changes = audit.changes_of(picture(held, columns), after)
    if not changes:
        return held
    for field in columns:
        setattr(held, field, after[field])
    held.name_key = pinyin_key(held.name)
    held.version += 1
    held.save(update_fields=[*columns, "name_key", "version"])
    _set_names(held, [held.name, *after["names"]])
    _set_supervisors(held, after["supervisors"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=held,
        owner=held,
        changes=changes,
        reason=reason,
    )
    return held


def further_names(organisation: Organisation) -> list[str]:
    """All names but the present one."""
    names = organisation.names.exclude(name=organisation.name)
    return sorted(names.values_list("name", flat=True))


@transaction.atomic
def create_unit(
    *, organisation: Organisation, parent: Unit | None, name: str, actor: Membership
) -> Unit:
    """Add a unit to the tree."""
    if parent is not None:
        parent = Unit.objects.select_for_update(of=("self",)).get(pk=parent.pk)
        if not parent.is_active:
            raise DomainError(_("A deactivated unit gets no new units."))
    made = Unit(
        organisation=organisation,
        parent=parent,
        name=clean(name),
        name_key=pinyin_key(clean(name)),
        level=parent.level + 1 if parent else 1,
    )
    made.validate_constraints()
    made.save()
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=made,
        owner=organisation,
        changes=audit.changes_of({}, {"name": made.name, "parent": parent}),
    )
    return made


@transaction.atomic
def change_unit(
    *, unit: Unit, values: dict[str, Any], seen_version: int, actor: Membership
) -> Unit:
    """Rename a unit, name it a strong discipline, deactivate it or take that back; `values` by UNIT_FIELDS.

    One with people or active sub-units stays active.
    """
    held = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    access.check_version(seen_version, held.version)
    after = {**values, "name": clean(values["name"])}
    changes = audit.changes_of({field: getattr(held, field) for field in UNIT_FIELDS}, after)
    if not changes:
        return held
    is_ended = held.is_active and not after["is_active"]
    if is_ended:
        _check_empty(held)
    for field in UNIT_FIELDS:
        setattr(held, field, after[field])
    held.name_key = pinyin_key(held.name)
    held.version += 1
    held.validate_constraints()
    held.save(update_fields=[*UNIT_FIELDS, "name_key", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.DEACTIVATE if is_ended else AuditAction.CHANGE,
        target=held,
        owner=held.organisation_id,
        changes=changes,
    )
    return held


def _check_empty(unit: Unit) -> None:
    if unit.children.filter(is_active=True).exists():
        raise DomainError(_("Deactivate the units below it first."))
    people = Membership.objects.active().filter(unit=unit).count()
    if people:
        raise DomainError(
            _("%(count)s roles are held in this unit: end them or give them elsewhere first.")
            % {"count": people}
        )


def _set_names(organisation: Organisation, names: Iterable[str]) -> None:
    wanted = {fold(name): clean(name) for name in names if clean(name)}
    taken = OrganisationName.objects.filter(folded__in=wanted).exclude(organisation=organisation)
    if other := taken.select_related("organisation").first():
        raise ValidationError(
            {
                "names": _("%(name)s is a name of %(organisation)s already.")
                % {"name": other.name, "organisation": other.organisation.name}
            }
        )
    organisation.names.exclude(folded__in=wanted).delete()
    held = set(organisation.names.values_list("folded", flat=True))
    OrganisationName.objects.bulk_create(
        OrganisationName(organisation=organisation, name=name, folded=folded)
        for folded, name in wanted.items()
        if folded not in held
    )


def _supervisor_ids(organisation: Organisation) -> list[int]:
    active = organisation.supervisions.filter(is_active=True)
    return list(active.values_list("bureau_id", flat=True))


def _set_supervisors(organisation: Organisation, bureaus: Iterable[int]) -> None:
    wanted = set(bureaus)
    organisation.supervisions.exclude(bureau__in=wanted).update(is_active=False)
    organisation.supervisions.filter(bureau__in=wanted).update(is_active=True)
    held = set(organisation.supervisions.values_list("bureau_id", flat=True))
    Supervision.objects.bulk_create(
        Supervision(institution=organisation, bureau_id=pk) for pk in sorted(wanted - held)
    )
