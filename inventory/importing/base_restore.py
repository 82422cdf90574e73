"""Writing patents as they were before an import, as far as they still are as the import left them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _

from inventory.importing.base_apply import merged, replace_holders, write_facts
from inventory.importing.base_images import FILING, LISTS, Standing
from inventory.importing.register import FACTS, Registered
from inventory.models import Dossier, Patent
from inventory.services import rolling
from portal import audit, clock
from portal.choices import AuditAction
from portal.json_text import encode
from portal.models import Membership

_DAYS: Final = ("filed_on", "granted_on")
_FILED: Final = ("participation", "unit", "responsible")


@dataclass(frozen=True)
class Restored:
    """{part: [as it stands, as it was]} of one patent, and the parts that stay because somebody changed them."""

    parts: dict[str, list[Any]]
    kept: list[str]


def parts_back(
    image: Mapping[str, Any], now: Standing, *, still_holding: Collection[int]
) -> Restored:
    """Which parts go back: those that still are what the import left.

    A holder whom the import added and who has listed the patent since (`still_holding`) keeps it.
    """
    parts: dict[str, list[Any]] = {}
    kept: list[str] = []
    wanted = {**image.get("cells", {}), **{name: image[name] for name in LISTS if name in image}}
    for name, (before, after) in wanted.items():
        present = getattr(now, name) if name in LISTS else now.facts[name]
        added = _organisations(after) - _organisations(before) if name == "holders" else set()
        if _same(name, present, after) and not added & set(still_holding):
            parts[name] = [present, before]
        else:
            kept.append(name)
    return Restored(*_in_order_of_days(parts, kept, now))


def label_of(part: str) -> str:
    """A part in words."""
    words = {
        "holders": _("Holders"),
        "inventors": _("Inventors"),
        "events": _("Legal events"),
    }
    column: Any = None if part in words else Patent._meta.get_field(part)
    return words[part] if column is None else str(column.verbose_name)


def restore(
    now: Mapping[str, Standing],
    restored: Mapping[str, Restored],
    *,
    actor: Membership,
    reason: str,
) -> None:
    """Write the parts of locked patents, each with its entry in the trail; a constant number of statements."""
    if not restored:
        return
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=Patent(pk=now[number].pk),
            owner=actor.organisation_id,
            changes={name: [_told(name, one) for one in pair] for name, pair in back.parts.items()},
            reason=reason,
            version=now[number].version + 1,
        )
        for number, back in restored.items()
    )
    write_facts([_as_it_was(number, now[number], back) for number, back in restored.items()])
    _put_confirmed_days(now, restored)
    _put_people(now, restored)
    _put_events(now, restored)
    dated = [now[number].pk for number, back in restored.items() if "granted_on" in back.parts]
    rolling.bring_due_days_up_to_date(patent_ids=dated)


def file_back(
    filed: Sequence[tuple[Dossier, Sequence[Any]]], *, actor: Membership, reason: str
) -> None:
    """Locked dossiers, each with base_images.FILING of before: filed and looked after as before the import."""
    entries = []
    for dossier, before in filed:
        was = dict(zip(FILING, before, strict=True))
        present = {name: getattr(dossier, f"{name}_id") for name in _FILED}
        dossier.version += 1
        dossier.updated_at = clock.now()
        for name in _FILED:
            setattr(dossier, f"{name}_id", was[f"{name}_id"])
        entries.append(
            audit.entry(
                actor=actor,
                action=AuditAction.CHANGE,
                target=dossier,
                owner=actor.organisation_id,
                changes=audit.changes_of(present, {name: was[f"{name}_id"] for name in _FILED}),
                reason=reason,
            )
        )
    audit.record_many(entries)
    Dossier.objects.bulk_update(
        [dossier for dossier, _before in filed], [*_FILED, "version", "updated_at"], batch_size=1000
    )


def _same(name: str, present: Any, after: Any) -> bool:
    """Whether a part is as the import left it; an account that was linked to an inventor since is no change of his."""
    if name == "inventors":
        return [one[0] for one in present] == [one[0] for one in after]
    return bool(present == after)


def _organisations(holders: Sequence[Sequence[Any]]) -> set[Any]:
    return {one[1] for one in holders if one[1] is not None}


def _in_order_of_days(
    parts: dict[str, list[Any]], kept: list[str], now: Standing
) -> tuple[dict[str, list[Any]], list[str]]:
    """A grant before the filing is no patent: where one of the two days stays, the other may have to stay, too."""
    filed, granted = (parts[name][1] if name in parts else now.facts[name] for name in _DAYS)
    if filed and granted and granted < filed:
        stay = [name for name in _DAYS if name in parts]
        return {name: pair for name, pair in parts.items() if name not in stay}, [*kept, *stay]
    return parts, kept


def _told(name: str, value: Any) -> Any:
    """As the import's own entries tell it: holders and inventors by name, events by kind."""
    return [one[0] for one in value] if name in LISTS else value


def _as_it_was(number: str, now: Standing, back: Restored) -> dict[str, Any]:
    changes = {name: pair for name, pair in back.parts.items() if name in FACTS}
    people = {name: back.parts.get(name, [None, getattr(now, name)])[1] for name in LISTS[:2]}
    registered = Registered(
        now.pk,
        now.version,
        now.kind,
        {name: now.facts[name] for name in FACTS},
        people["holders"],
        [one[0] for one in people["inventors"]],
    )
    return merged(number, registered, changes, {})


def _put_confirmed_days(now: Mapping[str, Standing], restored: Mapping[str, Restored]) -> None:
    days = [
        [now[number].pk, back.parts["status_confirmed_on"][1]]
        for number, back in restored.items()
        if "status_confirmed_on" in back.parts
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_patent p SET status_confirmed_on = (v->>1)::date "
            "FROM jsonb_array_elements(%s::jsonb) v WHERE p.id = (v->>0)::bigint",
            [encode(days)],
        )


def _put_people(now: Mapping[str, Standing], restored: Mapping[str, Restored]) -> None:
    """Holders and inventors anew; an inventor keeps the account he has by now."""
    replace_holders(
        [
            [now[number].pk, at, *holder]
            for number, back in restored.items()
            if "holders" in back.parts
            for at, holder in enumerate(back.parts["holders"][1], 1)
        ]
    )
    inventors = [
        [now[number].pk, at, name, dict(back.parts["inventors"][0]).get(name) or user]
        for number, back in restored.items()
        if "inventors" in back.parts
        for at, (name, user) in enumerate(back.parts["inventors"][1], 1)
    ]
    emptied = [now[n].pk for n, back in restored.items() if "inventors" in back.parts]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM inventory_patentinventor WHERE patent_id = ANY(%s)", [emptied])
        cursor.execute(
            "INSERT INTO inventory_patentinventor (patent_id, position, name, user_id) "
            "SELECT (v->>0)::bigint, (v->>1)::int, v->>2, (v->>3)::bigint "
            "FROM jsonb_array_elements(%s::jsonb) v",
            [encode(inventors)],
        )


def _put_events(now: Mapping[str, Standing], restored: Mapping[str, Restored]) -> None:
    events = [
        [now[number].pk, *event]
        for number, back in restored.items()
        if "events" in back.parts
        for event in back.parts["events"][1]
    ]
    emptied = [now[n].pk for n, back in restored.items() if "events" in back.parts]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM inventory_legalevent WHERE patent_id = ANY(%s)", [emptied])
        cursor.execute(
            "INSERT INTO inventory_legalevent (patent_id, kind, occurred_on, detail, confirmed_on) "
            "SELECT (v->>0)::bigint, v->>1, (v->>2)::date, v->>3, (v->>4)::date "
            "FROM jsonb_array_elements(%s::jsonb) v",
            [encode(events)],
        )
