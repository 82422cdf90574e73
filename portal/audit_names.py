"""Names for the keys that entries of the trail hold, and where each can be opened, for one reader.

Names are read now and not kept in the trail: who is forgotten is forgotten here, too. A reader is told names of records
he may see; the audit administrator, who reads the whole trail, all of them. What has no name stays a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from portal.audit_links import Key, addresses_of
from portal.choices import Role
from portal.models import Membership, Organisation, User

#: entries of `changes` that hold keys but are no columns of their record: {name: kind of record}
_KEYS = {
    "supervisors": "portal.organisation",
    "same_as": "portal.staffmember",
    "instead_of": "portal.user",
    "usual": "portal.savedview",
    "file": "portal.storedfile",
    "to_unit": "portal.unit",
}


@dataclass(frozen=True)
class Named:
    """What a key stands for, and its page; "" where this reader has none."""

    text: str
    url: str


@dataclass(frozen=True)
class _Naming:
    """How records of a kind are called: `related` is read along; `rows` are those a reader is told of."""

    related: tuple[str, ...]
    text: Callable[[Any], str]
    rows: Callable[[Membership], Any] | None


_namings: dict[str, _Naming] = {}


def add_names(
    kind: str,
    *related: str,
    text: Callable[[Any], str] = str,
    rows: Callable[[Membership], Any] | None = None,
) -> None:
    """Let an app name a kind of record in the trail; by default those that are `visible_to` the reader."""
    _namings[kind] = _Naming(related, text, rows)


def register_names() -> None:
    """The kernel's own, called once by PortalConfig.ready."""
    # who acted for which organisation stands in every entry
    add_names("portal.organisation", rows=lambda membership: Organisation.objects.all())
    add_names("portal.user", rows=User.objects.audited_by)
    add_names(
        "portal.membership",
        "user",
        "organisation",
        "unit",
        text=lambda role: f"{role.user.name} · {role}",
        rows=Membership.objects.audited_by,
    )
    for kind in ("portal.unit", "portal.staffmember", "portal.savedview", "portal.storedfile"):
        add_names(kind)


def kind_of(model: type[Model] | None, field: str) -> str:
    """The kind of record whose key a field of an entry holds; "" for other fields."""
    if model is not None:
        try:
            target: Any = model._meta.get_field(field).related_model
        except FieldDoesNotExist:
            target = None
        if target is not None:
            return str(target._meta.label_lower)
    return _KEYS.get(field, "")


def names_of(keys: Iterable[Key], membership: Membership) -> dict[Key, Named]:
    """Names of records; two queries for each kind, however many records."""
    wanted: dict[str, set[int]] = {}
    for kind, pk in keys:
        if kind in _namings:
            wanted.setdefault(kind, set()).add(pk)
    texts = {
        (kind, row.pk): naming.text(row)
        for kind, pks in wanted.items()
        for naming in [_namings[kind]]
        for row in _rows(kind, membership).filter(pk__in=pks).select_related(*naming.related)
    }
    pages = addresses_of(texts, membership)
    return {key: Named(text, pages.get(key, "")) for key, text in texts.items()}


def _rows(kind: str, membership: Membership) -> Any:
    model: Any = apps.get_model(kind)
    if membership.role == Role.AUDIT_ADMIN:
        return model.objects.all()
    chosen = _namings[kind].rows
    return chosen(membership) if chosen else model.objects.visible_to(membership)
