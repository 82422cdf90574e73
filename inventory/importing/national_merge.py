"""A row that went out in a workbook and came back: exported, file and portal, field by field.

Changed on one side only: that side counts. Changed on both sides to different values: a person decides, and until then
the row waits. What stood in the row when it went out is kept (WorkbookBase) and found by its content hash; where it is
not kept any more, the dossier itself is the base while its version is the one that went out, and otherwise every
difference must be decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from inventory.dossier_content import Content
from inventory.importing.columns import BY_FIELD, COLUMNS, OF_INTENT_PART, OF_STATUS_PART
from inventory.importing.national_keyed import WORKBOOK
from inventory.importing.national_plan import contact_of_content, normal_values
from inventory.importing.workbook_keys import digest_of
from inventory.models import Dossier, WorkbookBase, WorkbookDecision
from inventory.services.dossiers import content_of
from portal.failpoints import failpoint
from portal.intake.registry import Subject
from portal.merging import MINE
from portal.models import ImportRow

#: A row as it is read, or as it is staged.
Row = Subject | ImportRow
#: Who changed a unit since it went out.
_NOBODY, _FILE, _PORTAL, _BOTH = "", "file", "portal", "both"
#: Values of one unit of merging by name; None is blank.
Side = dict[str, Any]
_MISSING: Final[tuple[Any, ...]] = ("", [], None)
#: What a blank cell makes of a field whose blank is not the empty text.
_BLANKS: Final[Mapping[str, Any]] = {
    "combination_numbers": [],
    "partner_cities": [],
    "partner_firms": [],
    "strategic_codes": [],
    "statuses": [],
    "intents": [],
    "is_publicly_funded": None,
    "stars": None,
}
#: What is read beside a value and goes where it goes.
_BESIDE: Final[Mapping[str, str]] = {
    "maturity": "maturity_raw",
    "statuses": "status_lines",
    "intents": "intent_lines",
}
#: Parts of a mark by place, and the column that says them (national_rows: [level1, level2, wording, …]).
_STATUS_PARTS: Final = tuple(OF_STATUS_PART)
_INTENT_PARTS: Final = tuple(OF_INTENT_PART)
#: So many first parts say which mark it is.
_IDENTITY: Final = 3


@dataclass(frozen=True)
class Unit:
    """Values that make sense together only: staged names, and the columns they stand in."""

    name: str
    values: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def label(self) -> str:
        """The unit in words."""
        return str(BY_FIELD[self.columns[0]].label)


UNITS: Final[Mapping[str, Unit]] = {
    unit.name: unit
    for unit in (
        *(
            Unit(column.targets[0], (column.targets[0],), (column.field,))
            for column in COLUMNS
            if column.targets
            and column.targets[0]
            not in {"unit", "statuses", "intents", "industry", "contact_name", "contact_phone"}
        ),
        Unit("industry", ("industry", "industry_division"), ("industry",)),
        Unit("contact", ("contact_name", "contact_phone"), ("contact_name", "contact")),
        Unit("statuses", ("statuses",), tuple(dict.fromkeys(OF_STATUS_PART.values()))),
        Unit("intents", ("intents",), tuple(dict.fromkeys(OF_INTENT_PART.values()))),
    )
}
_UNIT_VALUES: Final = frozenset(name for unit in UNITS.values() for name in unit.values)


@dataclass(frozen=True)
class Clash:
    """One unit that both sides changed to different values; `keep` is "" until somebody chose.

    `base` is None where nobody knows any more what went out. `sides` is the digest of the three values.
    """

    unit: Unit
    base: Side | None
    file: Side
    portal: Side
    sides: str
    keep: str = ""


@dataclass(frozen=True)
class Settled:
    """What a row comes to: the values to be planned, what the portal alone changed, what both changed."""

    values: dict[str, Any]
    portal_only: tuple[Unit, ...] = ()
    clashes: tuple[Clash, ...] = ()

    @property
    def open(self) -> tuple[Clash, ...]:
        """What still has to be decided."""
        return tuple(clash for clash in self.clashes if not clash.keep)


class Sides:
    """Settles the rows of one chunk: what went out and what was decided is loaded once (two queries)."""

    def __init__(self, rows: Sequence[Row], columns: frozenset[str]) -> None:
        self.columns = columns
        keys = [row.values[WORKBOOK] for row in rows if WORKBOOK in row.values]
        dossiers = [key["dossier"] for key in keys]
        bases = WorkbookBase.objects.filter(
            dossier__in=dossiers, digest__in={key["digest"] for key in keys}
        )
        self.bases = {(base.dossier_id, base.digest): base.values for base in bases} if keys else {}
        decisions = WorkbookDecision.objects.filter(dossier__in=dossiers)
        self.decided = (
            {(one.dossier_id, one.field, one.sides): one.keep for one in decisions} if keys else {}
        )

    def settle(self, row: Row, dossier: Dossier) -> Settled:
        """A row against a dossier; a row without a key is taken as it stands."""
        key = row.values.get(WORKBOOK)
        if key is None:
            return Settled(row.values)
        content = content_of(dossier)
        now = normal_values(content, contact_of_content(content, dossier))
        base = self.bases.get((dossier.pk, key["digest"]))
        if base is None and key["version"] == dossier.version:
            base = now
        taken, portal_only, clashes = dict(_others(row.values)), [], []
        for unit in UNITS.values():
            portal = side_of(now, unit)
            went_out = None if base is None else side_of(base, unit)
            file = self._file_side(row.values, dossier, unit, now if base is None else base)
            verdict = _verdict(went_out, file, portal)
            if verdict == _BOTH and file is not None:
                clashes.append(self._clash(dossier.pk, unit, (went_out, file, portal)))
            if verdict == _PORTAL:
                portal_only.append(unit)
            is_chosen = verdict == _BOTH and clashes[-1].keep == MINE
            if file is not None and (verdict == _FILE or is_chosen):
                taken |= _typed(unit, file, row.values)
        return Settled(taken, tuple(portal_only), tuple(clashes))

    def _clash(self, dossier: int, unit: Unit, three: tuple[Side | None, Side, Side]) -> Clash:
        base, file, portal = three
        sides = digest_of({"base": base, "file": file, "portal": portal})
        keep = self.decided.get((dossier, unit.name, sides), "")
        failpoint("intake.merge.weighing")
        return Clash(unit, base, file, portal, sides, keep)

    def _file_side(
        self, values: Mapping[str, Any], dossier: Dossier, unit: Unit, known: Mapping[str, Any]
    ) -> Side | None:
        """What the file says, completed where a column was deleted; None where all of them were."""
        missing = [column for column in unit.columns if column not in self.columns]
        if len(missing) == len(unit.columns):
            return None
        side = side_of(values, unit)
        if unit.name == "contact":
            return self._contact(side, dossier, missing, known)
        if missing and unit.name in ("statuses", "intents"):
            parts = _STATUS_PARTS if unit.name == "statuses" else _INTENT_PARTS
            of = OF_STATUS_PART if unit.name == "statuses" else OF_INTENT_PART
            absent = [place for place, part in enumerate(parts) if of[part] in missing]
            before = known.get(unit.name, [])
            marks = side[unit.name] or []
            side[unit.name] = _completed(marks, before, absent) or None
        return side

    def _contact(
        self, side: Side, dossier: Dossier, missing: Iterable[str], known: Mapping[str, Any]
    ) -> Side:
        """Both cells blank stand for the institution's default contact."""
        for column, name in (("contact_name", "contact_name"), ("contact", "contact_phone")):
            if column in missing:
                side[name] = known.get(name)
        if side == {"contact_name": None, "contact_phone": None}:
            default = dossier.participation
            names = ("contact_name", "contact_phone")
            return {name: getattr(default, name) or None for name in names}
        return side


def _verdict(went_out: Side | None, file: Side | None, portal: Side) -> str:
    """Which side changed a unit since it went out; "" where nothing is to be done. No file side: not in the file."""
    if file is None or file == went_out:
        return _PORTAL if went_out not in (None, portal) else _NOBODY
    if file == portal:
        return _NOBODY
    return _FILE if went_out == portal else _BOTH


def side_of(values: Mapping[str, Any], unit: Unit) -> Side:
    """The values of a unit, blank ones as None."""
    found = {name: values.get(name) for name in unit.values}
    return {name: None if value in _MISSING else value for name, value in found.items()}


def base_of(content: Content, contact: tuple[str, str]) -> dict[str, Any]:
    """What a dossier says now, as a reading of its row would give it: kept when it goes out."""
    values = normal_values(content, contact)
    return {name: value for name, value in values.items() if name in _UNIT_VALUES}


def _others(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is no answer: number, title, key."""
    skipped = _UNIT_VALUES | set(_BESIDE.values())
    return {name: value for name, value in values.items() if name not in skipped}


def _typed(unit: Unit, side: Side, values: Mapping[str, Any]) -> dict[str, Any]:
    """A side as the plan takes it: blank means blank, and what was read beside it goes along."""
    found = {
        name: _BLANKS.get(name, "") if value is None else value for name, value in side.items()
    }
    extra = _BESIDE.get(unit.name, "")
    return found | ({extra: values[extra]} if extra in values else {})


def _completed(
    marks: Sequence[Sequence[Any]], before: Sequence[Sequence[Any]], absent: Iterable[int]
) -> list[list[Any]]:
    """Marks whose absent parts are those of the same mark as it went out."""
    found = []
    for place, mark in enumerate(marks):
        full = list(mark)
        if place < len(before) and list(before[place][:_IDENTITY]) == full[:_IDENTITY]:
            for part in absent:
                full[part] = before[place][part]
        found.append(full)
    return found
