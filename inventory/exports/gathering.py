"""What the national layout shows of dossiers, read as plain values: no record of the ORM stands behind a row.

A chunk costs five statements, however many dossiers are in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeVar

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Model, Q, QuerySet

from inventory import vocabulary
from inventory.choices import SimpleStatus
from inventory.dossier_content import Content, Intent, Status
from inventory.dossier_fields import CONTENT_FIELDS
from inventory.models import CampaignInstitution, Dossier, IntentMark, PatentInventor, StatusMark
from inventory.numbers import display
from inventory.queries.workbooks import TO_FILL_IN
from inventory.terms import full_years
from portal import clock

#: Between the inventors of one patent.
BETWEEN_NAMES: Final = "、"
#: Cells of a row by field of the column.
Register = dict[str, str | int]
_STATUS_WORDS: Final = dict(vocabulary.SIMPLE_STATUS)
_STATUS: Final = (
    "level1",
    "level2",
    "wording",
    "amount",
    "product_name",
    "report_result",
    "remark",
)
_INTENT: Final = ("level1", "level2", "wording", "fee")
_OWN: Final = ("pk", "priority", "version", "state", "participation_id", "patent_id")
_SHOWN: Final = (
    "patent__application_number",
    "patent__title",
    "patent__simple_status",
    "patent__filed_on",
    "patent__classes",
    "unit__name",
    "participation__institution__name",
)
_Mark = TypeVar("_Mark")


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier: its place in the order, what it says, and the cells that come from the register."""

    pk: int
    priority: int
    version: int
    is_editable: bool
    register: Register
    content: Content
    default_contact: tuple[str, str]

    @property
    def contact(self) -> tuple[str, str]:
        """Whom its content names: its own contact, or the institution's default one."""
        content = self.content
        if content.uses_default_contact:
            return self.default_contact
        return content.contact_name, content.contact_phone


def lines_of(dossiers: QuerySet[Dossier]) -> list[Line]:
    """These dossiers with all that a row holds, in their order; the queryset may be cut."""
    rows = [
        dict(zip((*_OWN, *_SHOWN, *CONTENT_FIELDS), row, strict=True))
        for row in dossiers.values_list(*_OWN, *_SHOWN, *CONTENT_FIELDS)
    ]
    keys = [row["pk"] for row in rows]
    statuses = _marks(StatusMark, keys, _STATUS, Status)
    intents = _marks(IntentMark, keys, _INTENT, Intent)
    inventors = _inventors([row["patent_id"] for row in rows])
    contacts = _default_contacts({row["participation_id"] for row in rows})
    today = clock.today()
    return [
        Line(
            pk=row["pk"],
            priority=row["priority"],
            version=row["version"],
            is_editable=row["state"] in TO_FILL_IN,
            register=_register_of(row, inventors.get(row["patent_id"], ""), today),
            content=_content(
                row,
                tuple(statuses.get(row["pk"], ())),
                tuple(intents.get(row["pk"], ())),
                contacts[row["participation_id"]],
            ),
            default_contact=contacts[row["participation_id"]],
        )
        for row in rows
    ]


def beyond(dossiers: QuerySet[Dossier], last: list[int] | None) -> QuerySet[Dossier]:
    """What comes after a checkpoint ([priority, key]) in the order of a workbook: priority first, then as begun."""
    if last is None:
        return dossiers
    priority, pk = last
    return dossiers.filter(Q(priority=priority, pk__gt=pk) | Q(priority__gt=priority))


def register_of(dossier: Dossier) -> Register:
    """The cells that come from the register and the assignment, of a dossier that is loaded with all of them."""
    patent = dossier.patent
    row = {
        "patent__application_number": patent.application_number,
        "patent__title": patent.title,
        "patent__simple_status": patent.simple_status,
        "patent__filed_on": patent.filed_on,
        "patent__classes": patent.classes,
        "unit__name": dossier.unit.name if dossier.unit else None,
        "participation__institution__name": dossier.participation.institution.name,
    }
    names = BETWEEN_NAMES.join(inventor.name for inventor in patent.inventors.all())
    return _register_of(row, names, clock.today())


def _register_of(row: Mapping[str, Any], inventors: str, today: date) -> Register:
    filed_on = row["patent__filed_on"]
    cells: Register = {
        "application_number": display(row["patent__application_number"]),
        "title": row["patent__title"],
        "legal_status": _STATUS_WORDS[SimpleStatus(row["patent__simple_status"])],
        "inventors": inventors,
        "org_unit": row["unit__name"] or row["participation__institution__name"],
        "ipc": "；".join(row["patent__classes"]),
    }
    if filed_on is not None:
        cells["years_maintained"] = _years(filed_on, today)
    return {name: cell for name, cell in cells.items() if cell != ""}


_years = lru_cache(maxsize=20_000)(full_years)


def _content(
    row: Mapping[str, Any],
    statuses: tuple[Status, ...],
    intents: tuple[Intent, ...],
    default_contact: tuple[str, str],
) -> Content:
    values: dict[str, Any] = {name: row[name] for name in CONTENT_FIELDS}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
    return Content(
        statuses=statuses, intents=intents, has_default_contact=all(default_contact), **values
    )


def _marks(
    model: type[Model], dossiers: Collection[int], names: Iterable[str], make: Callable[..., _Mark]
) -> dict[int, list[_Mark]]:
    """The marks of each dossier in their order (one query)."""
    found: dict[int, list[_Mark]] = {}
    marks = model._default_manager.filter(dossier__in=dossiers).order_by("dossier_id", "position")
    for dossier, *values in marks.values_list("dossier_id", *names):
        found.setdefault(dossier, []).append(make(*values))
    return found


def _inventors(patents: Collection[int]) -> dict[int, str]:
    """The inventors of each patent in their order, as one text (one query)."""
    named = PatentInventor.objects.filter(patent__in=patents).order_by().values("patent")
    joined = StringAgg("name", BETWEEN_NAMES, order_by="position")
    return dict(named.annotate(names=joined).values_list("patent", "names"))


def _default_contacts(participations: Collection[int]) -> dict[int, tuple[str, str]]:
    """The default contact of each filing institution (one query): few of them, with enciphered telephones."""
    found = CampaignInstitution.objects.filter(pk__in=participations)
    contacts = found.values_list("pk", "contact_name", "contact_phone")
    return {pk: (name, phone) for pk, name, phone in contacts}
