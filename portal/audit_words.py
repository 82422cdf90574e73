"""The trail in words: what kind of record, which fields, before and after as people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit_links import Key
from portal.audit_names import Named, kind_of, names_of
from portal.choices import BulkOutcome, UndoOutcome
from portal.models import AuditEntry, Membership

# entries of `changes` that are no columns
_OTHER_FIELDS = {
    "names": gettext_lazy("Further and former names"),
    "supervisors": gettext_lazy("Supervising bureaus"),
    "same_as": gettext_lazy("The same person as"),
    "instead_of": gettext_lazy("Instead of"),
    "usual": gettext_lazy("usual view"),
    "file": gettext_lazy("File"),
    "to_unit": gettext_lazy("To the unit"),
    "locked": gettext_lazy("Locked"),
    "sha256": gettext_lazy("Digest"),
    "corrected_cells": gettext_lazy("Cells corrected"),
    "corrected_rows": gettext_lazy("Rows corrected"),
    "emptied_rows": gettext_lazy("Rows emptied"),
    # what an act on many rows counted
    **{outcome.value: outcome.label for outcome in BulkOutcome},
    # what became of the rows of an import that was taken back
    **{outcome.value: outcome.label for outcome in UndoOutcome},
}

#: {kind of record: (name of a field, its value in words)} of records whose entries hold more than columns
_words: dict[str, tuple[Callable[[str], str], Callable[[str, Any], str]]] = {}


def add_words(kind: str, label: Callable[[str], str], value: Callable[[str, Any], str]) -> None:
    """Let an app say how entries about its record read: label(field), value(field, value)."""
    _words[kind] = (label, value)


@dataclass(frozen=True)
class Change:
    """One field of an entry, before and after; of a field that names records, these one by one."""

    field: str
    before: str
    after: str
    before_records: Sequence[Named] = ()
    after_records: Sequence[Named] = ()


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


def in_words_for(entries: Sequence[AuditEntry], membership: Membership) -> list[AuditLine]:
    """Entries (with_people) as words, records by the names this reader may know; a constant number of queries."""
    names = names_of({key for entry in entries for key in _keys_of(entry)}, membership)
    return [in_words(entry, names) for entry in entries]


def in_words(entry: AuditEntry, names: Mapping[Key, Named] | None = None) -> AuditLine:
    """An entry (with_people) as words in the reader's language."""
    names = names or {}
    model = _model_of(entry.object_type)
    kind = str(model._meta.verbose_name) if model is not None else entry.object_type
    record = _name_of((entry.object_type, entry.object_id or 0), names)
    called = " ".join(part for part in (kind, record.text) if part)
    action = entry.get_action_display()
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
        title=f"{action} · {called}" if called else action,
        record=called,
        owner=entry.owner.name if entry.owner else "",
        reason=entry.reason,
        address=entry.address or "",
        changes=[_change(entry, model, *each, names) for each in _pairs(entry)],
    )


def _pairs(entry: AuditEntry) -> Iterator[tuple[str, Any, Any]]:
    """(field, before, after) of what the entry tells."""
    for field, pair in entry.changes.items():
        if isinstance(pair, list) and len(pair) == 2:
            yield field, *pair


def _keys_of(entry: AuditEntry) -> Iterator[Key]:
    """Every record an entry names: the one it is about, and those its changes speak of."""
    if entry.object_id is not None:
        yield entry.object_type, entry.object_id
    model = _model_of(entry.object_type)
    for field, *pair in _pairs(entry):
        if kind := kind_of(model, field):
            yield from ((kind, pk) for side in pair for pk in _keys_in(side))


def _keys_in(value: Any) -> list[int]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, int) and not isinstance(each, bool)]


def _name_of(key: Key, names: Mapping[Key, Named]) -> Named:
    return names.get(key) or Named(str(key[1] or ""), "")


def _change(
    entry: AuditEntry, model: type[Model] | None, field: str, before: Any, after: Any, names: Any
) -> Change:
    own = (partial(field_label, model), partial(field_value, model))
    label, value = _words.get(entry.object_type, own)
    kind = kind_of(model, field)

    def records(side: Any) -> list[Named]:
        return [_name_of((kind, pk), names) for pk in _keys_in(side)] if kind else []

    def text(side: Any) -> str:
        return "、".join(each.text for each in records(side)) or value(field, side)

    return Change(label(field), text(before), text(after), records(before), records(after))


def _model_of(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def field_label(model: type[Model] | None, field: str) -> str:
    """A field of an entry by the name people know it by."""
    if model is not None:
        try:
            return str(getattr(model._meta.get_field(field), "verbose_name", field))
        except FieldDoesNotExist:
            pass
    return str(_OTHER_FIELDS.get(field, field))


def field_value(model: type[Model] | None, field: str, value: Any) -> str:
    """A stored value as people read it; "" for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "、".join(field_value(model, field, item) for item in value)
    choices: Any = None
    if model is not None:
        try:
            choices = getattr(model._meta.get_field(field), "flatchoices", None)
        except FieldDoesNotExist:
            choices = None
    return str(dict(choices or ()).get(value, value))
