"""Base lists (存量专利基础库): which patents of an institution a campaign counts, in sets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from django.db import connection, transaction

from inventory.choices import CampaignScope, DossierState
from inventory.models import (
    BaseListEntry,
    Campaign,
    CampaignInstitution,
    Dossier,
    Patent,
    PatentHolder,
)
from inventory.services import facts
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import ImportBatch, Membership, Organisation


def takes_part(campaign: Campaign, institution: Organisation) -> bool:
    """Whether the institution is one of the campaign's."""
    return CampaignInstitution.objects.filter(campaign=campaign, institution=institution).exists()


def counts_in(
    campaign: Campaign, *, granted_on: date | None, is_first_holder: bool, is_transformed: bool
) -> bool:
    """Whether a campaign's rules take a patent: granted by the cut-off day (included), inside the scope."""
    if granted_on is None or granted_on > campaign.cutoff_on:
        return False
    if campaign.scope == CampaignScope.FIRST_PATENTEE:
        return is_first_holder
    return not (campaign.scope == CampaignScope.UNTRANSFORMED and is_transformed)


@transaction.atomic
def list_patents(
    *,
    actor: Membership,
    campaign: Campaign,
    institution: Organisation,
    patent_ids: Collection[int],
    batch: ImportBatch | None = None,
) -> list[int]:
    """Put those patents that the campaign's rules take on the institution's list; returns the new entries' ids.

    A patent's one dossier is begun (unfiled) by the first holder in order that takes part in the campaign.
    """
    eligible = _eligible(campaign, institution, patent_ids)
    if not eligible:
        return []
    _begin_dossiers(campaign, institution, eligible)
    entries = _insert_entries(campaign, institution, eligible, batch)
    facts.record_facts(facts.ENTRY, [pk for pk, _patent in entries])
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CREATE,
            target=BaseListEntry(pk=pk),
            owner=institution,
            changes={"patent": [None, patent], "campaign": [None, campaign.pk]},
        )
        for pk, patent in entries
    )
    return [pk for pk, _patent in entries]


def _eligible(
    campaign: Campaign, institution: Organisation, patent_ids: Collection[int]
) -> list[int]:
    """The patents the rules take, in order, judged from the register.

    Three look-ups by key instead of one join: after a large import the planner knows nothing of the new rows.
    """
    ids = list(patent_ids)
    position = dict(
        PatentHolder.objects.filter(patent__in=ids, organisation=institution).values_list(
            "patent_id", "position"
        )
    )
    transformed = set(
        Dossier.objects.filter(patent__in=ids, is_transformed=True).values_list(
            "patent_id", flat=True
        )
    )
    granted = Patent.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "granted_on")
    return [
        pk
        for pk, granted_on in granted
        if pk in position
        and counts_in(
            campaign,
            granted_on=granted_on,
            is_first_holder=position[pk] == 1,
            is_transformed=pk in transformed,
        )
    ]


def _begin_dossiers(
    campaign: Campaign, institution: Organisation, patent_ids: Sequence[int]
) -> None:
    """One unfiled dossier for each patent that has none."""
    filing = _filing_participations(campaign, patent_ids)
    own = CampaignInstitution.objects.get(campaign=campaign, institution=institution).pk
    missing = set(patent_ids) - set(
        Dossier.objects.filter(patent__in=patent_ids).values_list("patent_id", flat=True)
    )
    Dossier.objects.bulk_create(
        (
            Dossier(
                patent_id=patent,
                participation_id=filing.get(patent, own),
                state=DossierState.UNFILED,
            )
            for patent in sorted(missing)
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )


def _filing_participations(campaign: Campaign, patent_ids: Sequence[int]) -> dict[int, int]:
    """Participation of the first holder, in order, that takes part; by patent."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON (h.patent_id) h.patent_id, c.id
            FROM inventory_patentholder h
            JOIN inventory_campaigninstitution c
              ON c.institution_id = h.organisation_id AND c.campaign_id = %s
            WHERE h.patent_id = ANY(%s)
            ORDER BY h.patent_id, h.position
            """,
            [campaign.pk, list(patent_ids)],
        )
        return dict(cursor.fetchall())


def _insert_entries(
    campaign: Campaign,
    institution: Organisation,
    patent_ids: Sequence[int],
    batch: ImportBatch | None,
) -> list[tuple[int, int]]:
    """(entry, patent) of the entries that were not there before."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO inventory_baselistentry
                (campaign_id, institution_id, patent_id, dossier_id, listed_on, is_included, source_batch_id)
            SELECT %s, %s, d.patent_id, d.id, %s, true, %s
            FROM inventory_dossier d WHERE d.patent_id = ANY(%s) ORDER BY d.patent_id
            ON CONFLICT (campaign_id, institution_id, patent_id) DO NOTHING
            RETURNING id, patent_id
            """,
            [
                campaign.pk,
                institution.pk,
                clock.today(),
                batch.pk if batch else None,
                list(patent_ids),
            ],
        )
        return list(cursor.fetchall())
