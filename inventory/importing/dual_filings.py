"""一案双申: finding inventions and utility models filed the same day by the same holders for one creation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from inventory.choices import EventKind, PatentKind
from inventory.importing.holders import folded_set
from inventory.models import DualFiling, Patent
from portal import audit
from portal.choices import AuditAction
from portal.models import ImportBatch
from portal.text import compact

_KINDS = (PatentKind.INVENTION, PatentKind.UTILITY)


@dataclass(frozen=True)
class Candidate:
    """What decides whether two patents are halves of one."""

    number: str
    kind: str
    filed_on: str
    title: str
    holders: frozenset[str]
    is_marked: bool


def pairs(candidates: Iterable[Candidate]) -> list[tuple[str, str]]:
    """(invention, utility model): the same day, holders and title, or both marked and nobody else on that day."""
    groups: dict[tuple[str, frozenset[str]], list[Candidate]] = defaultdict(list)
    for one in candidates:
        if one.filed_on:
            groups[one.filed_on, one.holders].append(one)
    return [pair for group in groups.values() if len(group) > 1 for pair in _pairs_in(group)]


def _pairs_in(group: list[Candidate]) -> Iterator[tuple[str, str]]:
    inventions = [one for one in group if one.kind == PatentKind.INVENTION]
    utilities = {
        compact(one.title): one for one in reversed(group) if one.kind == PatentKind.UTILITY
    }
    left = []
    for one in inventions:
        other = utilities.pop(compact(one.title), None)
        if other is not None:
            yield one.number, other.number
        elif one.is_marked:
            left.append(one)
    marked = [one for one in utilities.values() if one.is_marked]
    if len(left) == len(marked) == 1:
        yield left[0].number, marked[0].number


def of_batch(batch: ImportBatch) -> list[Candidate]:
    """Patents of the batch, and the institution's registered ones of the same days, without linked ones."""
    own = f"#{batch.organisation_id}"
    staged = {key: _of_values(key, values, own) for key, values in _staged(batch)}
    days = sorted({one.filed_on for one in staged.values() if one.filed_on})
    registered = {one.number: one for one in _registered(batch.organisation_id, days)}
    linked = _linked(batch.organisation_id, days)
    return [one for number, one in (registered | staged).items() if number not in linked]


def _staged(batch: ImportBatch) -> Iterator[tuple[str, dict[str, Any]]]:
    """(number, the few values that matter) of the good rows of the two kinds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT key, "values"->>'kind', "values"->>'filed_on', "values"->>'title', "values"->'holders',
                   "values"->'events'
            FROM portal_importrow
            WHERE batch_id = %s AND key <> '' AND outcome <> 'refused' AND "values"->>'kind' = ANY(%s)
            """,
            [batch.pk, list(map(str, _KINDS))],
        )
        for key, kind, filed_on, title, holders, events in cursor.fetchall():
            yield (
                key,
                {
                    "kind": kind,
                    "filed_on": filed_on or "",
                    "title": title or "",
                    "holders": json.loads(holders) if holders else [],
                    "events": json.loads(events) if events else [],
                },
            )


def _of_values(key: str, values: Mapping[str, Any], own: str) -> Candidate:
    holders = values.get("holders")
    return Candidate(
        number=key,
        kind=values["kind"],
        filed_on=values.get("filed_on", ""),
        title=values.get("title", ""),
        holders=folded_set(holders) if holders else frozenset({own}),
        is_marked=any(event[0] == EventKind.DUAL_FILING for event in values.get("events", ())),
    )


def _registered(organisation: int, days: list[str]) -> Iterator[Candidate]:
    patents = (
        Patent.objects.filter(
            holders__organisation=organisation, filed_on__in=days, kind__in=_KINDS
        )
        .only("application_number", "kind", "filed_on", "title")
        .prefetch_related("holders", "events")
    )
    for one in patents:
        yield Candidate(
            number=one.application_number,
            kind=one.kind,
            filed_on=one.filed_on.isoformat() if one.filed_on else "",
            title=one.title,
            holders=folded_set([[each.name, each.organisation_id] for each in one.holders.all()]),
            is_marked=any(event.kind == EventKind.DUAL_FILING for event in one.events.all()),
        )


def _linked(organisation: int, days: list[str]) -> set[str]:
    is_linked = Q(dual_utility__isnull=False) | Q(dual_invention__isnull=False)
    return set(
        Patent.objects.filter(
            is_linked, holders__organisation=organisation, filed_on__in=days
        ).values_list("application_number", flat=True)
    )


def link(batch: ImportBatch, first_line: int, limit: int) -> None:
    """Link the pairs that the preview named; a patent that has its other half already is left alone."""
    halves = pairs(of_batch(batch))
    numbers = sorted({number for pair in halves for number in pair})
    locked = Patent.objects.filter(application_number__in=numbers).order_by("application_number")
    ids = dict(locked.select_for_update(of=("self",)).values_list("application_number", "pk"))
    made = DualFiling.objects.bulk_create(
        (
            DualFiling(invention_id=ids[invention], utility_id=ids[utility])
            for invention, utility in halves
            if invention in ids and utility in ids
        ),
        ignore_conflicts=True,
    )
    _remember(batch, made, {pk: number for number, pk in ids.items()})
    audit.record_many(
        audit.entry(
            actor=batch.membership,
            action=AuditAction.CHANGE,
            target=Patent(pk=pair.invention_id),
            owner=batch.organisation_id,
            changes={"dual_utility": [None, pair.utility_id]},
        )
        for pair in made
    )


def _remember(batch: ImportBatch, made: Iterable[DualFiling], numbers: Mapping[int, str]) -> None:
    """Keep with the rows of both halves what was linked, so that it can be taken back."""
    given = [
        {"key": numbers[half], "pair": [pair.invention_id, pair.utility_id]}
        for pair in made
        for half in (pair.invention_id, pair.utility_id)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE portal_importrow r
            SET before = coalesce(r.before, '{}'::jsonb) || jsonb_build_object('dual', v.pair)
            FROM jsonb_to_recordset(%s::jsonb) AS v(key text, pair jsonb)
            WHERE r.batch_id = %s AND r.key = v.key
            """,
            [json.dumps(given), batch.pk],
        )
