"""Writing the audit: one row per act, in the business transaction (architecture.md, mechanism 2).

Who acts from where is carried in a context variable set by the middleware, the job runner or a command, so
services only say what happened.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Model

from portal.choices import AuditAction
from portal.copying import insert_many
from portal.models import AuditEntry, Membership, Organisation, User
from portal.text import mask_contact, mask_name

# values of these fields are masked before they reach the trail (PIPL art. 51)
PERSONAL_FIELDS = frozenset(
    {
        "phone",
        "email",
        "contact_name",
        "contact_phone",
        "first_contact_name",
        "first_contact_phone",
        "second_contact_name",
        "second_contact_phone",
    }
)


_AS_THEY_ARE = frozenset({str, int, bool, float})
# columns whose NULL the database could not tell the type of in a SELECT
_CASTS = {"request_id": "::uuid", "job_id": "::bigint", "run_id": "::bigint", "address": "::inet"}


@dataclass(frozen=True)
class Origin:
    """Where an act comes from: a request, a job or a command; and the act on many rows it is part of."""

    request_id: uuid.UUID | None = None
    address: str | None = None
    job_id: int | None = None
    run_id: int | None = None


_origin: ContextVar[Origin] = ContextVar("audit_origin", default=Origin())  # noqa: B039 - frozen


@contextmanager
def origin(**values: Any) -> Iterator[Origin]:
    """Acts inside carry these values (request_id, address, job_id, run_id)."""
    current = replace(_origin.get(), **values)
    token = _origin.set(current)
    try:
        yield current
    finally:
        _origin.reset(token)


def current_origin() -> Origin:
    return _origin.get()


def plain(value: Any) -> Any:
    """A value as the trail keeps it: text, number, bool, None or a list of these."""
    if value is None or value.__class__ in _AS_THEY_ARE:
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return _written(value)


def _written(value: Any) -> Any:
    """A day, an amount or a record in plain form."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.pk if isinstance(value, Model) else value


def shown(field: str, value: Any) -> Any:
    """The value, masked where the field is personal."""
    return _masked(field, value) if field in PERSONAL_FIELDS and value else plain(value)


def _masked(field: str, value: Any) -> str:
    return mask_name(str(value)) if field.endswith("contact_name") else mask_contact(str(value))


def changes_of(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [before, after]} of the fields that differ."""
    found = {}
    for field, value in after.items():
        had = before.get(field)
        if had == value:
            continue
        # nearly all are texts, which need no call: this is done for every field of thousands of records
        was = had if had.__class__ is str else plain(had)
        will = value if value.__class__ is str else plain(value)
        if was != will:
            is_open = field not in PERSONAL_FIELDS
            found[field] = [was, will] if is_open else [shown(field, had), shown(field, value)]
    return found


def entry(  # noqa: PLR0913 - keywords, one per column
    *,
    actor: Membership | User | None,
    action: AuditAction,
    target: Model | None,
    owner: Organisation | int | None = None,
    changes: dict[str, list[Any]] | None = None,
    reason: str = "",
    version: int | None = None,
) -> AuditEntry:
    """An unsaved entry; `owner` is the organisation the record belongs to (default: the actor's).

    `version` is the record's after the act, by default the one the object in memory carries.
    """
    where = _origin.get()
    membership = actor if isinstance(actor, Membership) else None
    user_id = membership.user_id if membership else getattr(actor, "pk", None)
    acting_for = membership.organisation_id if membership else None
    owner_id = owner.pk if isinstance(owner, Organisation) else owner
    return AuditEntry(
        user_id=user_id,
        role=membership.role if membership else "",
        organisation_id=acting_for,
        owner_id=owner_id if owner_id is not None else acting_for,
        action=action,
        object_type=target._meta.label_lower if target is not None else "",
        object_id=target.pk if target is not None else None,
        changes=changes or {},
        reason=reason,
        request_id=where.request_id,
        job_id=where.job_id,
        run_id=where.run_id,
        version=version if version is not None else getattr(target, "version", None),
        address=where.address,
    )


def record(  # noqa: PLR0913 - likewise
    *,
    actor: Membership | User | None,
    action: AuditAction,
    target: Model | None,
    owner: Organisation | int | None = None,
    changes: dict[str, list[Any]] | None = None,
    reason: str = "",
    version: int | None = None,
) -> AuditEntry:
    """Write one entry in the current transaction."""
    made = entry(
        actor=actor,
        action=action,
        target=target,
        owner=owner,
        changes=changes,
        reason=reason,
        version=version,
    )
    made.save(force_insert=True)
    return made


def record_set(
    found: str,
    params: dict[str, Any],
    *,
    actor: Membership,
    action: AuditAction,
    model: type[Model],
    reason: str = "",
) -> int:
    """Write an entry for every row of a query, in the current transaction; returns how many.

    The query gives (key, organisation it belongs to, changes, version after the act). It is our own SQL with named
    parameters, none of which begins with ``audit_``.
    """
    where = _origin.get()
    same: dict[str, Any] = {
        "user_id": actor.user_id,
        "role": actor.role,
        "organisation_id": actor.organisation_id,
        "action": str(action),
        "object_type": model._meta.label_lower,
        "reason": reason,
        "request_id": where.request_id,
        "job_id": where.job_id,
        "run_id": where.run_id,
        "address": where.address,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO portal_auditentry ({", ".join(same)}, object_id, owner_id, changes, version)
            SELECT {", ".join(f"%(audit_{name})s{_CASTS.get(name, '')}" for name in same)}, f.*
            FROM ({found}) AS f(object_id, owner_id, changes, version)
            """,  # noqa: S608 - our own SQL
            {**params, **{f"audit_{name}": value for name, value in same.items()}},
        )
        return int(cursor.rowcount)


def record_many(entries: Iterable[AuditEntry]) -> int:
    """Write entries of a bulk act in the current transaction; returns how many."""
    return insert_many(entries)
