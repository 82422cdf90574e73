"""Conflicts of a round-trip workbook: what is to be decided, and the decision of its owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from inventory.dossier_fields import in_words
from inventory.importing.national_checks import CONFLICT, load_dossiers, shape_of
from inventory.importing.national_keyed import WORKBOOK, answered
from inventory.importing.national_merge import UNITS, Clash, Sides
from inventory.models import Dossier, WorkbookDecision
from portal import audit, clock, merging
from portal.choices import AuditAction, ImportState
from portal.errors import DomainError, InvalidTransition
from portal.failpoints import failpoint
from portal.merging import Difference, Merge
from portal.models import AuditEntry, ImportBatch, ImportRow, Membership
from portal.services import imports

#: Rows of one page of conflicts.
PAGE: Final = 20
_CHUNK: Final = 500
#: So many decisions stand in one entry of the trail word for word; each is kept as a row besides.
_MOST_TOLD: Final = 200


@dataclass(frozen=True)
class Conflict:
    """A staged row with what file and portal both changed."""

    row: ImportRow
    dossier: Dossier
    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class Choice:
    """What a person chose for one unit of one row, and the three values that were on the page."""

    keep: str
    sides: str


#: (row of the file, unit) → what was chosen.
Choices = Mapping[tuple[int, str], Choice]


def waiting(batch: ImportBatch) -> QuerySet[ImportRow]:
    """The rows that wait for a decision, in the order of the file."""
    lines = batch.issues.filter(rule=CONFLICT).order_by().values("line")
    return batch.rows.filter(line__in=lines).order_by("line")


def conflicts_in(batch: ImportBatch, rows: Sequence[ImportRow]) -> list[Conflict]:
    """What there is to decide in these rows now; rows whose conflict is gone are left out."""
    dossiers = load_dossiers(batch, [row.key for row in rows])
    sides = Sides(rows, answered(shape_of(batch)))
    found = []
    for row in rows:
        dossier = dossiers.get(row.key)
        if dossier is not None and (clashes := sides.settle(row, dossier).open):
            found.append(Conflict(row, dossier, clashes))
    return found


@transaction.atomic
def decide(*, batch: ImportBatch, seen_version: int, choices: Choices, actor: Membership) -> int:
    """Take the choices of a page and have the file compared again; returns how many were taken.

    A choice counts for the three values that were seen: where one of them changed since, it is left and asked again.
    InvalidTransition when the upload is no preview any more; StaleVersion when somebody else went on with it.
    """
    held = _held(batch)
    lines = {line for line, _unit in choices}
    conflicts = conflicts_in(held, list(waiting(held).filter(line__in=lines)))
    taken = [
        (conflict, clash, choice.keep)
        for conflict in conflicts
        for clash in conflict.clashes
        if (choice := choices.get((conflict.row.line, clash.unit.name))) is not None
        and choice.sides == clash.sides
    ]
    if not taken:
        raise DomainError(_("Nothing was chosen, or it changed since. Look at the page again."))
    return _take(held, seen_version, taken, actor)


@transaction.atomic
def decide_all(*, batch: ImportBatch, seen_version: int, keep: str, actor: Membership) -> int:
    """Keep one side in every conflict of the file; returns how many fields that were."""
    held = _held(batch)
    taken = [
        (conflict, clash, keep)
        for rows in _chunks(waiting(held))
        for conflict in conflicts_in(held, rows)
        for clash in conflict.clashes
    ]
    if not taken:
        raise DomainError(_("Nothing was chosen, or it changed since. Look at the page again."))
    return _take(held, seen_version, taken, actor)


def _held(batch: ImportBatch) -> ImportBatch:
    held = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if held.state != ImportState.PREVIEW:
        raise InvalidTransition(
            _("This is not possible any more: the import is in state “%(state)s”.")
            % {"state": held.get_state_display()}
        )
    return held


def _take(
    batch: ImportBatch,
    seen_version: int,
    taken: Sequence[tuple[Conflict, Clash, str]],
    actor: Membership,
) -> int:
    WorkbookDecision.objects.bulk_create(
        [_decision(conflict, clash, keep, actor) for conflict, clash, keep in taken],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["dossier", "field", "sides"],
        update_fields=["keep", "decided_by", "decided_at"],
    )
    told = [[one.row.values["number"], clash.unit.name, keep] for one, clash, keep in taken]
    kept = dict(Counter(keep for _conflict, _clash, keep in taken))
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=batch,
        changes={"kept": [None, kept], "conflicts": [None, told[:_MOST_TOLD]]},
    )
    imports.check_again(actor=actor, batch=batch, seen_version=seen_version)
    failpoint("intake.merge.before_commit")
    return len(taken)


def _decision(conflict: Conflict, clash: Clash, keep: str, actor: Membership) -> WorkbookDecision:
    return WorkbookDecision(
        dossier=conflict.dossier,
        field=clash.unit.name,
        sides=clash.sides,
        keep=keep,
        decided_by=actor,
        decided_at=clock.now(),
    )


def _chunks(rows: QuerySet[ImportRow]) -> Iterator[list[ImportRow]]:
    found = list(rows)
    for first in range(0, len(found), _CHUNK):
        yield found[first : first + _CHUNK]


# --- in words ----------------------------------------------------------------------------------------

#: Names under which the trail keeps what belongs to a unit, where they are not its own.
_TRAIL: Final[Mapping[str, frozenset[str]]] = {
    "statuses": frozenset({"statuses", "amounts"}),
    "intents": frozenset({"intents", "fees"}),
    "contact": frozenset({"contact_name", "contact_phone", "uses_default_contact"}),
}


def shown(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """Each conflict for the merge view: what went out, what the portal says, what the file says (one query)."""
    since: dict[int, list[AuditEntry]] = {}
    entries = AuditEntry.objects.filter(
        object_type=Dossier._meta.label_lower,
        object_id__in=[one.dossier.pk for one in conflicts],
    )
    for entry in entries.select_related("user").order_by("-at", "-pk"):
        since.setdefault(entry.object_id or 0, []).append(entry)
    return [_shown(one, since.get(one.dossier.pk, [])) for one in conflicts]


def _shown(conflict: Conflict, entries: Sequence[AuditEntry]) -> dict[str, Any]:
    view = merging.shown(
        _merge_of(conflict, entries), label_of=lambda name: UNITS[name].label, words_of=_words
    )
    clashes = {clash.unit.name: clash for clash in conflict.clashes}
    rows = [
        {**row, "sides": clashes[row["name"]].sides, **_lines(clashes[row["name"]])}
        for row in view["rows"]
    ]
    return {"row": conflict.row, "dossier": conflict.dossier, "rows": rows}


def _lines(clash: Clash) -> dict[str, Any]:
    """Of a unit that is a list: its entries line by line, each with a word where the other side does not have it."""
    name = clash.unit.name
    portal, file = clash.portal.get(name) or [], clash.file.get(name) or []
    if not isinstance(portal or file, list):
        return {}
    base = (clash.base or {}).get(name) or []
    return {
        "base_lines": [_line(name, one, "") for one in base],
        "theirs_lines": [
            _line(name, one, "" if one in file else _("only in the portal")) for one in portal
        ],
        "mine_lines": [
            _line(name, one, "" if one in portal else _("only in the file")) for one in file
        ],
        "is_other_order": portal != file
        and all(one in file for one in portal)
        and all(one in portal for one in file),
    }


def _line(name: str, entry: Any, mark: str) -> dict[str, str]:
    return {"text": in_words(name, [entry]), "mark": mark}


def _merge_of(conflict: Conflict, entries: Sequence[AuditEntry]) -> Merge:
    seen = conflict.row.values[WORKBOOK]["version"]
    since = [entry for entry in entries if (entry.version or 0) > seen]
    return Merge(
        rows=tuple(_difference(clash, since) for clash in conflict.clashes),
        over=conflict.dossier.version,
        authors=(),
    )


def _difference(clash: Clash, since: Sequence[AuditEntry]) -> Difference:
    names = _TRAIL.get(clash.unit.name, frozenset(clash.unit.values))
    last = next((entry for entry in since if names & entry.changes.keys()), None)
    who = (last.user.name if last.user else _("System")) if last else ""
    return Difference(
        name=clash.unit.name,
        names=clash.unit.values,
        is_open=True,
        kept="",
        base=clash.base or {},
        theirs=clash.portal,
        mine=clash.file,
        who=who,
        at=last.at if last else None,
    )


def _words(name: str, value: Any) -> str:
    """A value as people read it; phone numbers masked, as everywhere in previews."""
    if name == "contact_phone" and value:
        return str(audit.shown(name, value))
    return in_words(name, value)
