"""The trail in words: what kind of record, which fields, before and after as people read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.models import AuditEntry

# entries of `changes` that are no columns
_OTHER_FIELDS = {
    "names": gettext_lazy("Further and former names"),
    "supervisors": gettext_lazy("Supervising bureaus"),
    "locked": gettext_lazy("Locked"),
    "sha256": gettext_lazy("Digest"),
}

#: {kind of record: (name of a field, its value in words)} of records whose entries hold more than columns
_words: dict[str, tuple[Callable[[str], str], Callable[[str, Any], str]]] = {}


def add_words(kind: str, label: Callable[[str], str], value: Callable[[str, Any], str]) -> None:
    """Let an app say how entries about its record read: label(field), value(field, value)."""
    _words[kind] = (label, value)


@dataclass(frozen=True)
class Change:
    """One field of an entry, before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class AuditLine:
    """One entry as lists and timelines show it."""

    pk: int
    at: datetime
    actor: str
    capacity: str
    action: str
    title: str
    record: str
    owner: str
    reason: str
    address: str
    changes: list[Change]


def in_words(entry: AuditEntry) -> AuditLine:
    """An entry (with_people) as words in the reader's language."""
    model = _model_of(entry.object_type)
    kind = str(model._meta.verbose_name) if model is not None else entry.object_type
    record = f"{kind} {entry.object_id}" if entry.object_id else kind
    action = entry.get_action_display()
    own = (partial(_label, model), partial(_value, model))
    label, value = _words.get(entry.object_type, own)
    return AuditLine(
        pk=entry.pk,
        at=entry.at,
        actor=entry.user.name if entry.user else _("Nobody signed in"),
        capacity=" · ".join(
            part
            for part in (entry.get_role_display(), entry.organisation and entry.organisation.name)
            if part
        ),
        action=action,
        title=f"{action} · {record}" if record else action,
        record=record,
        owner=entry.owner.name if entry.owner else "",
        reason=entry.reason,
        address=entry.address or "",
        changes=[
            Change(label(field), value(field, pair[0]), value(field, pair[1]))
            for field, pair in entry.changes.items()
            if isinstance(pair, list) and len(pair) == 2
        ],
    )


def _model_of(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _label(model: type[Model] | None, field: str) -> str:
    if model is not None:
        try:
            return str(getattr(model._meta.get_field(field), "verbose_name", field))
        except FieldDoesNotExist:
            pass
    return str(_OTHER_FIELDS.get(field, field))


def _value(model: type[Model] | None, field: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "、".join(_value(model, field, item) for item in value)
    choices: Any = None
    if model is not None:
        try:
            choices = getattr(model._meta.get_field(field), "flatchoices", None)
        except FieldDoesNotExist:
            choices = None
    return str(dict(choices or ()).get(value, value))
