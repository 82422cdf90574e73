"""What the page of a patent reads."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from inventory.choices import ClassScheme, TableKind
from inventory.classification.industries import INDUSTRIES
from inventory.classification.strategic import STRATEGIC
from inventory.models import (
    BaseListEntry,
    ClassificationCode,
    Dossier,
    DualFiling,
    Patent,
    PatentIndustry,
    PoolEntry,
)
from inventory.numbers import NumberProblem, parse_application_number
from portal.models import Membership


def with_register(patents: QuerySet[Patent]) -> QuerySet[Patent]:
    """The patent with holders, inventors and events, in a constant number of queries."""
    return patents.prefetch_related("holders", "inventors", "events")


def twin_of(patent: Patent, membership: Membership) -> Patent | None:
    """The other half of a dual filing (一案双申), where one may see it."""
    pair = DualFiling.objects.filter(Q(invention=patent) | Q(utility=patent)).first()
    if pair is None:
        return None
    other = pair.utility_id if pair.invention_id == patent.pk else pair.invention_id
    return Patent.objects.visible_to(membership).filter(pk=other).first()


def dossier_of(patent: Patent, membership: Membership) -> Dossier | None:
    """The dossier of the patent with live pool entries, where one may see it."""
    return (
        Dossier.objects.visible_to(membership)
        .filter(patent=patent)
        .with_due_day()
        .select_related(
            "patent", "participation__institution", "participation__campaign", "unit", "responsible"
        )
        .prefetch_related(Prefetch("pool_entries", PoolEntry.objects.live(), to_attr="in_pool"))
        .first()
    )


def entries_of(patent: Patent, membership: Membership) -> list[BaseListEntry]:
    """The base lists on which the patent stands, as far as one may see them."""
    return list(
        BaseListEntry.objects.visible_to(membership)
        .filter(patent=patent)
        .select_related("campaign", "institution")
        .order_by("-campaign__opens_on", "pk")
    )


@dataclass(frozen=True)
class NamedIndustry:
    """An industry of a patent with the name of its code, the deepest that is known."""

    row: PatentIndustry
    code: str
    name: str


def industries_of(patent: Patent) -> list[NamedIndustry]:
    """The industries by code, named by the table of codes in force, else by the built-in groups (two queries)."""
    rows = list(PatentIndustry.objects.filter(patent=patent).select_related("table"))
    loaded = ClassificationCode.objects.filter(
        table__is_current=True, table__kind=TableKind.CODES, code__in=[row.code for row in rows]
    )
    names = {(code.table.scheme, code.code): code.name for code in loaded.select_related("table")}
    return [
        NamedIndustry(row, row.code, names.get((row.scheme, row.code)) or _group_name(row))
        for row in rows
    ]


def _group_name(row: PatentIndustry) -> str:
    """Name of the group or division a deeper code lies in; '' for a code of an edition we cannot name."""
    if row.scheme == ClassScheme.STRATEGIC:
        group = STRATEGIC.get(".".join(row.code.split(".")[:2]))
        return group.name if group else ""
    division = INDUSTRIES.get(row.code[:3])
    return division.name if division else ""


def records_by_number(text: str) -> list[tuple[str, list[int]]]:
    """The patent of an application number in any spelling, and its dossier, as the trail names them."""
    try:
        number = parse_application_number(text).canonical
    except NumberProblem:
        return []
    patents = list(Patent.objects.filter(application_number=number).values_list("pk", flat=True))
    dossiers = Dossier.objects.filter(patent__in=patents).values_list("pk", flat=True)
    return [("inventory.patent", patents), ("inventory.dossier", list(dossiers))]
