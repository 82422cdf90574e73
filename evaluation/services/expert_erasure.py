"""Forgetting a person of the expert pool: the entry stays as a number, what it said of the person goes."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from evaluation.choices import ExpertState
from evaluation.models import Expert
from evaluation.models.experts import OF_PERSON
from evaluation.services import experts
from inventory.importing.personnel_rows import fold_name, phone_of
from portal import audit, crypto
from portal.choices import AuditAction, OrganisationKind
from portal.models import ImportBatch, ImportRow, Membership, Organisation
from portal.services import import_forgetting
from portal.text import compact, fold, pinyin_key

#: the kind of import that brings people into the pool
LIST_KIND: Final = "experts"


def entries_of(name: str, phone: str, email: str) -> tuple[list[Expert], list[Expert]]:
    """(entries of the person of this name and contact, entries of the name that bear neither phone nor mail address).

    People of the pool have no account there: name and one contact tell who they are. A namesake is left to the office.
    """
    sure: list[Expert] = []
    unsure: list[Expert] = []
    key = pinyin_key(fold_name(name), person=True)
    for one in Expert.objects.exclude(state=ExpertState.ERASED).filter(name_key=key):
        if compact(one.name) != compact(name):
            continue
        is_phone = bool(phone) and phone_of(phone) == one.phone
        is_mail = bool(email) and fold(email) == fold(one.email)
        (sure if is_phone or is_mail else unsure).append(one)
    return sure, unsure


def pseudonym_of(expert: Expert) -> str:
    """The same for the same entry, whenever it is asked; says nothing about the person."""
    return f"已删除人员{crypto.lookup(f'expert:{expert.pk}')[:6]}"


def lists_naming(expert: Expert) -> QuerySet[ImportBatch]:
    """Uploaded lists in which this person stands."""
    return import_forgetting.lists_of(_rows_naming(expert))


@transaction.atomic
def erase_expert(
    *, expert: Expert, seen_version: int, reason: str, actor: Membership, pseudonym: str = ""
) -> Expert:
    """Replace the name by a pseudonym and empty whatever else is known of the person; this cannot be undone.

    The keyed digest goes, too: a later list that names the person anew brings a new recommendation.
    """
    held = experts.locked(expert, seen_version)
    experts.require_known(held)
    import_forgetting.forget_rows(rows=_rows_naming(held), actor=actor, reason=reason)
    before = held.state
    for name in OF_PERSON:
        setattr(held, name, "")
    held.organisation = held.recommended_by = held.years = held.term_from = held.term_until = None
    held.technical_fields, held.avoided = [], []
    held.name = pseudonym or pseudonym_of(held)
    held.name_key = pinyin_key(held.name)
    held.identity = crypto.lookup(f"expert:{held.pk}")
    held.state = ExpertState.ERASED
    held.version += 1
    held.save()
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=held,
        owner=_bureau(actor),
        changes={"name": [None, held.name], "state": [before, held.state]},
        reason=reason,
    )
    return held


def _rows_naming(expert: Expert) -> QuerySet[ImportRow]:
    """Rows that became the entry, and those of lists that name the person and stayed out."""
    same = Q(values__name=expert.name, values__employer=expert.employer)
    is_this = Q(target_id=expert.pk) | Q(key=expert.identity[:40]) | same
    return ImportRow.objects.filter(is_this, batch__kind=LIST_KIND)


def _bureau(actor: Membership) -> Organisation:
    """Whose trail tells of the pool, whoever carries the request out."""
    if actor.organisation.kind == OrganisationKind.LEAD_BUREAU:
        return actor.organisation
    bureaus = Organisation.objects.filter(kind=OrganisationKind.LEAD_BUREAU).order_by("pk")
    return bureaus.first() or actor.organisation
