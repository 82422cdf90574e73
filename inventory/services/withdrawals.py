"""Taking off again what was written by mistake and nobody used: list entries, unfiled dossiers, patents.

Only taking an import back does this (ADR 24). The figures made meanwhile stay: facts are retracted, not deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from django.db import connection, models, transaction

from inventory.models import (
    BaseListEntry,
    Dossier,
    DualFiling,
    EntryFact,
    LegalEvent,
    Patent,
    PatentHolder,
    PatentIndustry,
    PatentInventor,
)
from inventory.services import facts
from portal import audit
from portal.choices import AuditAction
from portal.models import Membership

Relations = frozenset[tuple[type[models.Model], str]]
#: What belongs to a record and goes with it; everything else that names it is somebody's use of it.
OF_ENTRY: Final[Relations] = frozenset({(EntryFact, "entry")})
OF_DOSSIER: Final[Relations] = frozenset({(BaseListEntry, "dossier")})
_PARTS: Final = (
    (DualFiling, "invention"),
    (DualFiling, "utility"),
    (PatentHolder, "patent"),
    (PatentInventor, "patent"),
    (LegalEvent, "patent"),
    (PatentIndustry, "patent"),
)
OF_PATENT: Final[Relations] = frozenset(
    {*_PARTS, (EntryFact, "patent"), (BaseListEntry, "patent"), (Dossier, "patent")}
)


def uses(model: type[models.Model], keys: Collection[int], own: Relations) -> dict[int, str]:
    """{key: what uses the record} for those that something else than their own parts names.

    Asks every model that has a foreign key here, of whichever app: a use nobody thought of keeps the record.
    """
    found: dict[int, str] = {}
    if not keys:
        return found
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.many_to_many:
            continue
        user, name = relation.related_model, relation.field.name
        if (user, name) in own or not user._meta.managed:
            continue
        named = user._base_manager.filter(**{f"{name}__in": keys}).order_by()
        for key in named.values_list(f"{name}_id", flat=True).distinct():
            found.setdefault(key, str(user._meta.verbose_name_plural))
    return found


def decided(patent_ids: Collection[int]) -> set[int]:
    """Patents of which a person said to which industry they belong."""
    said = PatentIndustry.objects.filter(patent__in=patent_ids, decided_by__isnull=False)
    return set(said.values_list("patent_id", flat=True))


@transaction.atomic
def withdraw_entries(*, entries: Collection[BaseListEntry], actor: Membership, reason: str) -> None:
    """Take locked, unused entries off their lists as if they had never been there."""
    keys = [entry.pk for entry in entries]
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=entry,
            owner=entry.institution_id,
            changes={"patent": [entry.patent_id, None], "campaign": [entry.campaign_id, None]},
            reason=reason,
        )
        for entry in entries
    )
    facts.retract_facts(facts.ENTRY, keys)
    _delete([(BaseListEntry, "id")], keys)


@transaction.atomic
def withdraw_patents(
    *, patents: Iterable[tuple[int, str, str]], actor: Membership, reason: str
) -> None:
    """Take unused patents out of the register, each (key, number, title); their entries are withdrawn before."""
    given = list(patents)
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=Patent(pk=pk),
            owner=actor.organisation_id,
            changes={"application_number": [number, None], "title": [title, None]},
            reason=reason,
        )
        for pk, number, title in given
    )
    _delete([*_PARTS, (Patent, "id")], [pk for pk, _number, _title in given])


@transaction.atomic
def withdraw_dossiers(*, dossiers: Collection[Dossier], actor: Membership, reason: str) -> None:
    """Take away locked, unused dossiers that were begun by mistake; their entries are withdrawn before."""
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=dossier,
            owner=dossier.participation.institution_id,
            changes={"patent": [dossier.patent_id, None]},
            reason=reason,
        )
        for dossier in dossiers
    )
    _delete([(Dossier, "id")], [dossier.pk for dossier in dossiers])


def _delete(what: Iterable[tuple[type[models.Model], str]], keys: Collection[int]) -> None:
    """Plain DELETEs: the collector of Django would read every row first."""
    with connection.cursor() as cursor:
        for model, name in what:
            column: Any = model._meta.get_field(name)
            cursor.execute(
                f'DELETE FROM "{model._meta.db_table}" WHERE "{column.column}" = ANY(%s)',  # noqa: S608 - own names
                [list(keys)],
            )
