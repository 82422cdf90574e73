"""What the register says now about the patents of a set of staged rows, and how a file differs from it.

Loaded with a constant number of queries for any number of rows; comparing is pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from inventory.importing import holders as holder_names
from inventory.importing.holders import Holder
from portal.text import fold

#: Columns of a patent that a file may fill or change; blank cells never erase.
FACTS: Final = (
    "title", "abstract", "first_claim", "claims", "full_text_url", "drawings_url", "classes",
    "filed_on", "granted_on", "published_on", "publication_number", "simple_status",
)  # fmt: skip


@dataclass
class Registered:
    """One patent as the register has it, in the form of staged values."""

    pk: int
    version: int
    kind: str
    facts: dict[str, Any]
    holders: list[Holder] = field(default_factory=list)
    inventors: list[str] = field(default_factory=list)
    events: set[str] = field(default_factory=set)
    is_transformed: bool = False


def load(numbers: Collection[str], *, is_locked: bool = False) -> dict[str, Registered]:
    """Registered patents by number; with `is_locked` their rows are locked in the order of the numbers."""
    found = _patents(numbers, is_locked=is_locked)
    by_pk = {one.pk: one for one in found.values()}
    if by_pk:
        _add_relations(by_pk)
    return found


def _patents(numbers: Collection[str], *, is_locked: bool) -> dict[str, Registered]:
    columns = ", ".join(FACTS)
    lock = "FOR UPDATE" if is_locked else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT application_number, id, version, kind, {columns}
            FROM inventory_patent WHERE application_number = ANY(%s)
            ORDER BY application_number {lock}
            """,  # noqa: S608 - names come from the constants above
            [sorted(numbers)],
        )
        return {
            number: Registered(
                pk,
                version,
                kind,
                {name: _as_staged(value) for name, value in zip(FACTS, values, strict=True)},
            )
            for number, pk, version, kind, *values in cursor.fetchall()
        }


def _as_staged(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _add_relations(by_pk: Mapping[int, Registered]) -> None:
    pks = list(by_pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT patent_id, name, organisation_id FROM inventory_patentholder "
            "WHERE patent_id = ANY(%s) ORDER BY patent_id, position",
            [pks],
        )
        for pk, name, organisation in cursor.fetchall():
            by_pk[pk].holders.append([name, organisation])
        cursor.execute(
            "SELECT patent_id, name FROM inventory_patentinventor "
            "WHERE patent_id = ANY(%s) ORDER BY patent_id, position",
            [pks],
        )
        for pk, name in cursor.fetchall():
            by_pk[pk].inventors.append(name)
        cursor.execute(
            "SELECT patent_id, kind FROM inventory_legalevent WHERE patent_id = ANY(%s)", [pks]
        )
        for pk, kind in cursor.fetchall():
            by_pk[pk].events.add(kind)
        cursor.execute(
            "SELECT patent_id FROM inventory_dossier WHERE patent_id = ANY(%s) AND is_transformed",
            [pks],
        )
        for (pk,) in cursor.fetchall():
            by_pk[pk].is_transformed = True


def difference(values: Mapping[str, Any], now: Registered) -> dict[str, list[Any]]:
    """{field: [before, after]} of what the file says otherwise; what it leaves blank stays."""
    changes = {
        name: [now.facts[name], values[name]]
        for name in FACTS
        if values.get(name) and values[name] != now.facts[name]
    }
    if _is_older_document(values, now):
        for name in ("publication_number", "published_on"):
            changes.pop(name, None)
    _compare_people(changes, values, now)
    new_events = [event[0] for event in values.get("events", ()) if event[0] not in now.events]
    if new_events:
        changes["events"] = [sorted(now.events), sorted(now.events | set(new_events))]
    return changes


def _is_older_document(values: Mapping[str, Any], now: Registered) -> bool:
    """Whether the file has the published application (A) of a patent whose grant is in the register."""
    had = document_code(now.facts["publication_number"])
    return document_code(values.get("publication_number")) == "A" and had in {"B", "C"}


def document_code(publication_number: str | None) -> str:
    """The letter of a publication number: A application, B or C granted invention, U, Y, S, D."""
    return (publication_number or "").rstrip("0123456789")[-1:]


def _compare_people(
    changes: dict[str, list[Any]], values: Mapping[str, Any], now: Registered
) -> None:
    given: Sequence[Holder] = values.get("holders", ())
    same_people = holder_names.folded_set(given) == holder_names.folded_set(now.holders)
    kept = holder_names.organisations_in(now.holders) <= holder_names.organisations_in(given)
    if given and kept and not (same_people and _same_order(given, now.holders)):
        changes["holders"] = [[one[0] for one in now.holders], [one[0] for one in given]]
    inventors = values.get("inventors", [])
    if inventors and list(map(fold, inventors)) != list(map(fold, now.inventors)):
        changes["inventors"] = [now.inventors, inventors]


def _same_order(given: Sequence[Holder], had: Sequence[Holder]) -> bool:
    return [one[1] or fold(str(one[0])) for one in given] == [
        one[1] or fold(str(one[0])) for one in had
    ]


def loses_holder(values: Mapping[str, Any], now: Registered) -> bool:
    """Whether the file leaves out an organisation of the portal that the register has as a holder."""
    given: Sequence[Holder] = values.get("holders", ())
    return bool(given) and not (
        holder_names.organisations_in(now.holders) <= holder_names.organisations_in(given)
    )
