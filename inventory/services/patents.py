"""The register of patents: what follows from a patent's own facts, and entering a single one by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from inventory import terms
from inventory.models import Campaign, Patent, PatentHolder, PatentInventor
from inventory.numbers import NumberProblem, display, parse_application_number
from inventory.services import base_lists
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import Membership, Organisation
from portal.text import fold


@dataclass(frozen=True)
class PatentDetails:
    """What a person enters about one patent; further holders and the inventors in order."""

    number: str
    title: str
    filed_on: date | None = None
    granted_on: date | None = None
    abstract: str = ""
    publication_number: str = ""
    classes: tuple[str, ...] = ()
    co_holders: tuple[str, ...] = ()
    inventors: tuple[str, ...] = field(default=())


def search_key(
    number: str, title: str, holders: Iterable[str] = (), inventors: Iterable[str] = ()
) -> str:
    """What the search looks in: canonical and shown number, title, holders, inventors, all folded."""
    return fold(" ".join((number, display(number), title, *holders, *inventors)))


def derived_days(
    kind: str, filed_on: date | None, granted_on: date | None, on_day: date
) -> dict[str, Any]:
    """Term end and next annual fee, as the law computes them from the days."""
    if filed_on is None:
        return {"expires_on": None, "next_fee_on": None, "next_fee_yuan": None}
    fee = terms.next_annual_fee(kind, filed_on, granted_on, on_day)
    return {
        "expires_on": terms.term_end(kind, filed_on),
        "next_fee_on": fee.due_on if fee else None,
        "next_fee_yuan": fee.amount if fee else None,
    }


@transaction.atomic
def add_patent(
    *, actor: Membership, details: PatentDetails, campaign: Campaign | None = None
) -> Patent:
    """Enter one patent of the actor's institution; with a campaign it goes on the base list by its rules."""
    try:
        number = parse_application_number(details.number)
    except NumberProblem as problem:
        raise ValidationError({"number": str(problem.expected)}) from problem
    if Patent.objects.filter(application_number=number.canonical).exists():
        raise ValidationError(
            {"number": _("This patent cannot be entered: its number is in the register already.")}
        )
    patent = Patent(
        application_number=number.canonical,
        kind=number.kind,
        is_pct=number.is_pct,
        title=details.title,
        abstract=details.abstract,
        publication_number=details.publication_number,
        classes=list(details.classes),
        filed_on=details.filed_on,
        granted_on=details.granted_on,
        **derived_days(number.kind, details.filed_on, details.granted_on, clock.today()),
    )
    holders = [actor.organisation.name, *details.co_holders]
    patent.search_key = search_key(number.canonical, patent.title, holders, details.inventors)
    patent.full_clean(exclude=_left_blank(patent))
    patent.save(force_insert=True)
    _add_people(patent, actor.organisation, details)
    changes = audit.changes_of({}, _facts_of(patent))
    audit.record(actor=actor, action=AuditAction.CREATE, target=patent, changes=changes)
    if campaign is not None:
        base_lists.list_patents(
            actor=actor,
            campaign=campaign,
            institution=actor.organisation,
            patent_ids=[patent.pk],
        )
    return patent


def _left_blank(patent: Patent) -> set[str]:
    """Fields nobody filled in: all but number, kind and title may stay so."""
    named = {"application_number", "kind", "title"}
    return {
        one.name
        for one in patent._meta.concrete_fields
        if one.name not in named and getattr(patent, one.name) in (None, "", [])
    }


def _add_people(patent: Patent, organisation: Organisation, details: PatentDetails) -> None:
    PatentHolder.objects.create(
        patent=patent, position=1, name=organisation.name, organisation=organisation
    )
    PatentHolder.objects.bulk_create(
        PatentHolder(patent=patent, position=at, name=name)
        for at, name in enumerate(details.co_holders, 2)
    )
    PatentInventor.objects.bulk_create(
        PatentInventor(patent=patent, position=at, name=name)
        for at, name in enumerate(details.inventors, 1)
    )


def _facts_of(patent: Patent) -> dict[str, Any]:
    names = ("application_number", "kind", "title", "filed_on", "granted_on")
    return {name: getattr(patent, name) for name in names}
