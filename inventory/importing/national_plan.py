"""What a filled template would change in one dossier: the file's values against what the dossier says. Pure.

The dossier is first written as the template would have it and read back; only what differs from that is new. So a
file that was exported changes nothing, and what the template cannot say (the project of a funded patent, say) stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Final

from inventory.dossier_content import Content, Intent, Status
from inventory.importing import national_cells
from inventory.importing.columns import COLUMNS
from inventory.importing.national_cells import Cells, cell_text, in_one_line
from inventory.importing.national_rows import LAYOUT, NationalReader
from inventory.models import Dossier
from inventory.services.dossiers import content_of
from portal import audit
from portal.spreadsheets.reading import RawRow

#: Fields of the dossier that one cell fills; statuses, intents and contact are compared apart.
_PLAIN: Final = (
    "combination_name",
    "combination_numbers",
    "combination_note",
    "is_publicly_funded",
    "partner_cities",
    "partner_firms",
    "price_band",
    "maturity",
    "stars",
    "advantages",
    "prospects",
    "strategic_codes",
)
_FIELDS: Final = tuple(column.field for column in COLUMNS)
_READER: Final = NationalReader(LAYOUT, None)


@dataclass(frozen=True)
class Plan:
    """The content before and after, the cells that change (by column), the unit to be assigned."""

    before: Content
    after: Content
    contacts: tuple[tuple[str, str], tuple[str, str]]
    maturity_raw: str
    unit_id: int | None
    unit_name: str

    @cached_property
    def cells(self) -> dict[str, list[Any]]:
        """Worked out for the preview alone: writing does not look at it."""
        found = _changed_cells(self.before, self.contacts[0], self.after, self.contacts[1])
        return found if self.unit_id is None else {**found, "org_unit": ["", self.unit_name]}

    @property
    def differs(self) -> bool:
        """Whether anything is to be written, which needs no look at the cells."""
        return self.before != self.after or self.unit_id is not None

    @property
    def is_change(self) -> bool:
        return bool(self.cells)


def plan(values: Mapping[str, Any], dossier: Dossier) -> Plan:
    """Compare staged values with a dossier and its loaded marks, participation and unit."""
    before = content_of(dossier)
    contact = contact_of_content(before, dossier)
    after = before if _says_the_same(values, before, contact) else _after(values, dossier, before)
    unit_id = values.get("unit") if dossier.unit_id is None else None
    is_same_stage = after.maturity == before.maturity
    raw = dossier.maturity_raw if is_same_stage else values.get("maturity_raw", "")
    contacts = (contact, contact_of_content(after, dossier))
    return Plan(before, after, contacts, raw, unit_id, values.get("unit_name", ""))


def _says_the_same(values: Mapping[str, Any], before: Content, contact: tuple[str, str]) -> bool:
    """Whether the file says word for word what stands there: most rows of a file that comes back do.

    What is the same as it stands needs no look at how it would read after an export.
    """
    given = dict(zip(("contact_name", "contact_phone"), contact, strict=True))
    plain = (*_PLAIN, "industry", "industry_division")
    return (
        all(_frozen(values[name]) == getattr(before, name) for name in plain if name in values)
        and all(values[name] == text for name, text in given.items() if name in values)
        and tuple(_status(_key(one)) for one in values.get("statuses", ())) in ((), before.statuses)
        and tuple(_intent(_key(one)) for one in values.get("intents", ())) in ((), before.intents)
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _after(values: Mapping[str, Any], dossier: Dossier, before: Content) -> Content:
    """The content as the file would have it."""
    now = normal_values(before, contact_of_content(before, dossier))
    return replace(
        before,
        **_plain_changes(values, now),
        **_industry_changes(values, now),
        **_contact_changes(values, now, dossier),
        **_mark_changes(values, now, before),
    )


def contact_of_content(content: Content, dossier: Dossier) -> tuple[str, str]:
    """The contact a content means for a dossier."""
    if content.uses_default_contact:
        return dossier.participation.contact_name, dossier.participation.contact_phone
    return content.contact_name, content.contact_phone


@lru_cache(maxsize=256)
def normal_values(content: Content, contact: tuple[str, str]) -> Mapping[str, Any]:
    """What reading an export of this content would give; not to be changed, as dossiers not begun share theirs."""
    rows = national_cells.content_rows(content, contact)
    # the number makes the reader take the row for a patent; it is not among the values compared
    rows[0] = {"application_number": "-", **rows[0]}
    subject = _READER.read([_as_read(line, cells) for line, cells in enumerate(rows, 1)])
    return subject.values if subject is not None else {}


def _as_read(line: int, cells: Cells) -> RawRow:
    texts = [
        cell_text(cells[column.field]) if column.field in cells else None for column in COLUMNS
    ]
    return RawRow(0, line, list(texts))


def _plain_changes(values: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _frozen(values[name])
        for name in _PLAIN
        if name in values and values[name] != now.get(name)
    }


def _industry_changes(values: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Section and division stand in one cell and change together."""
    names = ("industry", "industry_division")
    if "industry" not in values or all(values[name] == now.get(name) for name in names):
        return {}
    return {name: values[name] for name in names}


def _contact_changes(
    values: Mapping[str, Any], now: Mapping[str, Any], dossier: Dossier
) -> dict[str, Any]:
    """Another contact than the one named switches the default off; the default's own words switch it on."""
    names = ("contact_name", "contact_phone")
    if all(values.get(name, now.get(name)) == now.get(name) for name in names):
        return {}
    name, phone = (values.get(one, now.get(one, "")) for one in names)
    if (name, phone) == (dossier.participation.contact_name, dossier.participation.contact_phone):
        return {"uses_default_contact": True}
    return {"uses_default_contact": False, "contact_name": name, "contact_phone": phone}


def _mark_changes(
    values: Mapping[str, Any], now: Mapping[str, Any], before: Content
) -> dict[str, Any]:
    """Lists of the file replace those of the dossier; a mark that stays keeps what the template cannot say."""
    changes: dict[str, Any] = {}
    if "statuses" in values and values["statuses"] != now.get("statuses"):
        kept = _kept(now.get("statuses", []), before.statuses)
        changes["statuses"] = tuple(
            kept.get(_key(one)) or _status(_key(one)) for one in values["statuses"]
        )
    if "intents" in values and values["intents"] != now.get("intents"):
        kept = _kept(now.get("intents", []), before.intents)
        changes["intents"] = tuple(
            kept.get(_key(one)) or _intent(_key(one)) for one in values["intents"]
        )
    return changes


def _kept(read: list[list[Any]], marks: tuple[Any, ...]) -> dict[tuple[Any, ...], Any]:
    """The dossier's marks by how they read in the template; none where one could not be read."""
    if len(read) != len(marks):
        return {}
    return {_key(one): mark for one, mark in zip(read, marks, strict=True)}


def _key(mark: list[Any]) -> tuple[Any, ...]:
    return tuple(mark)


@lru_cache(maxsize=4096)
def _status(parts: tuple[Any, ...]) -> Status:
    """A staged status as the rules read it; the same few stand in thousands of rows."""
    level1, level2, wording, amount, product, result, remark = parts
    return Status(level1, level2, wording, _amount(amount), product, result, remark)


@lru_cache(maxsize=4096)
def _intent(parts: tuple[Any, ...]) -> Intent:
    """A staged intent as the rules read it; likewise."""
    level1, level2, wording, fee = parts
    return Intent(level1, level2, wording, _amount(fee))


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _changed_cells(
    before: Content, contact: tuple[str, str], after: Content, new_contact: tuple[str, str]
) -> dict[str, list[Any]]:
    """{column: [cells before, cells after]}; phone numbers masked, as everywhere in previews."""
    if (before, contact) == (after, new_contact):
        return {}
    was = _cells_before(before, contact)
    will = national_cells.base_cells(after, new_contact)
    differing = {name for name, _cell in was.items() ^ will.items()}
    found = {
        name: [_shown(name, was.get(name, "")), _shown(name, will.get(name, ""))]
        for name in _FIELDS
        if name in differing
    }
    if before.statuses != after.statuses:
        found["status_level1"] = [
            [_status_line(one) for one in content.statuses] for content in (before, after)
        ]
    if before.intents != after.intents:
        found["intent_level1"] = [
            [_intent_line(one) for one in content.intents] for content in (before, after)
        ]
    return found


@lru_cache(maxsize=4096)
def _status_line(status: Status) -> str:
    return in_one_line(national_cells.status_cells(status))


@lru_cache(maxsize=4096)
def _intent_line(intent: Intent) -> str:
    return in_one_line(national_cells.intent_cells(intent))


# dossiers that nobody began share what they say
_cells_before = lru_cache(maxsize=256)(national_cells.base_cells)


def _shown(name: str, cell: Any) -> Any:
    return audit.shown("contact_phone", cell) if name == "contact" else cell
