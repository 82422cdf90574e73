"""What a campaign confirmed of a dossier, and the approved content that counts until the next approval.

An approval counts for every holder's entry in the campaign the dossier is filed in and in every other open one.
The entries of closed campaigns stay as they were.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from inventory.choices import CampaignState, DossierState
from inventory.dossier_content import Content, Intent, Status
from inventory.models import BaseListEntry, Dossier, DossierFact, DossierRevision
from inventory.services.facts import CONFIRMATION, record_facts
from portal import clock

_AMOUNTS = frozenset({"amount", "fee"})


def entries_of(dossier_ids: Collection[int]) -> QuerySet[BaseListEntry]:
    """The entries for which an approval of these dossiers counts today."""
    return BaseListEntry.objects.filter(dossier__in=dossier_ids).filter(
        Q(campaign__state=CampaignState.OPEN) | Q(campaign=F("dossier__participation__campaign"))
    )


def to_confirm(dossier_ids: Collection[int]) -> QuerySet[BaseListEntry]:
    """Entries that count and whose campaign has not confirmed the approved answers yet."""
    return entries_of(dossier_ids).to_confirm()  # type: ignore[attr-defined, no-any-return]


def confirm_entries(dossiers: Sequence[Dossier], *, unchanged: Collection[int]) -> None:
    """Remember day and approved version; for `unchanged` ones the version approved before. One UPDATE, and the facts.

    Derived from the step that the caller records.
    """
    entries = entries_of([dossier.pk for dossier in dossiers])
    # those confirmed before stay as they are where nothing changed
    entries = entries.exclude(dossier__in=unchanged, confirmed_on__isnull=False)
    keys = list(entries.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    versions = {dossier.pk: dossier.version for dossier in dossiers if dossier.pk not in unchanged}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inventory_baselistentry e
            SET confirmed_on = %s,
                confirmed_version = coalesce(
                    (%s::jsonb ->> e.dossier_id::text)::int,
                    (SELECT max(r.version) FROM inventory_dossierrevision r WHERE r.dossier_id = e.dossier_id),
                    (SELECT d.version FROM inventory_dossier d WHERE d.id = e.dossier_id))
            WHERE e.id = ANY(%s)
            """,
            [clock.today(), _as_json(versions), keys],
        )
    record_facts(CONFIRMATION, keys)


def _as_json(versions: dict[int, int]) -> str:
    return "{" + ",".join(f'"{key}":{value}' for key, value in versions.items()) + "}"


def withdraw_entries(dossier_ids: Collection[int]) -> None:
    """Forget the confirmation of entries whose dossier lost its approval; derived from the caller's step."""
    if not dossier_ids:
        return
    keys = list(entries_of(dossier_ids).order_by("pk").values_list("pk", flat=True))
    BaseListEntry.objects.filter(pk__in=keys).update(confirmed_on=None, confirmed_version=None)
    record_facts(CONFIRMATION, keys)


def forget_confirmations(entry_ids: Collection[int]) -> None:
    """Entries of open campaigns wait for a confirmation again; derived from the caller's step."""
    found = BaseListEntry.objects.filter(pk__in=entry_ids, campaign__state=CampaignState.OPEN)
    keys = list(found.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    BaseListEntry.objects.filter(pk__in=keys).update(confirmed_on=None, confirmed_version=None)
    record_facts(CONFIRMATION, keys)


# --- the approved content ---------------------------------------------------------------------------


def approved_versions(dossiers: Iterable[Dossier]) -> dict[int, DossierRevision]:
    """{dossier: archived version} of those among them that are being revised: what counts meanwhile. One query."""
    asked = [d.pk for d in dossiers if d.state != DossierState.COMPLETED]
    if not asked:
        return {}
    covered = DossierFact.objects.current().filter(dossier=OuterRef("dossier"), is_covered=True)
    found = (
        DossierRevision.objects.filter(Exists(covered), dossier__in=asked)
        .order_by("dossier_id", "-version")
        .distinct("dossier_id")
    )
    return {revision.dossier_id: revision for revision in found}


def content_from(revision: DossierRevision, phone: str = "") -> Content:
    """The archived content as the rules read it; `phone` where it was archived before phones were kept."""
    kept: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in revision.content.items()
        if name in Content.__slots__
    }
    kept["statuses"] = tuple(Status(**_numbers(mark)) for mark in kept.get("statuses", ()))
    kept["intents"] = tuple(Intent(**_numbers(mark)) for mark in kept.get("intents", ()))
    kept["contact_phone"] = revision.contact_phone or phone
    return Content(**kept)


def _numbers(mark: dict[str, Any]) -> dict[str, Any]:
    """Amounts as numbers again."""
    return {
        name: Decimal(value) if name in _AMOUNTS and value is not None else value
        for name, value in mark.items()
    }
