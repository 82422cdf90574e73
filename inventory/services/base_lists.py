"""Base lists (存量专利基础库): which patents of an institution a campaign counts, in sets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from inventory.choices import CampaignScope, DossierState
from inventory.holder_choices import HandoverState
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
    """Whether a campaign's rules take a patent: granted by the cut-off day (included), inside the scope.

    A rolling campaign takes grants after its own first day only.
    """
    if granted_on is None or granted_on > campaign.cutoff_on:
        return False
    if campaign.granted_after is not None and granted_on <= campaign.granted_after:
        return False
    if campaign.scope == CampaignScope.FIRST_PATENTEE:
        return is_first_holder
    return not (campaign.scope == CampaignScope.UNTRANSFORMED and is_transformed)


@transaction.atomic
def list_patents(
    *,
    actor: Membership | None,
    campaign: Campaign,
    institution: Organisation,
    patent_ids: Collection[int],
    batch: ImportBatch | None = None,
) -> list[int]:
    """Put those patents that the campaign's rules take on the institution's list; returns the new entries' ids.

    A patent's one dossier is begun (unfiled) by the first holder in order that takes part in the campaign; one
    filed in an earlier campaign is filed in this one from now on.
    """
    eligible = _eligible(campaign, institution, patent_ids)
    if not eligible:
        return []
    _begin_dossiers(campaign, institution, eligible)
    adopt_dossiers(campaign=campaign, patent_ids=eligible, actor=actor)
    follow_order(patent_ids=eligible, actor=actor)
    entries = _insert_entries(campaign, institution, eligible, batch)
    facts.record_facts(facts.ENTRY, [pk for pk, _patent in entries])
    facts.record_facts(facts.CONFIRMATION, [pk for pk, _patent in entries])
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


@transaction.atomic
def follow_order(*, patent_ids: Collection[int], actor: Membership | None) -> int:
    """Let the first holder in order that takes part file what nobody has begun; returns how many changed.

    For patents whose holders changed, or one of whose holders joined the campaign. Begun dossiers, assigned ones and
    those once handed over stay where they are: passing these on is an act of people (services.handovers).
    """
    dossiers = list(
        Dossier.objects.filter(
            patent__in=patent_ids,
            state=DossierState.UNFILED,
            responsible__isnull=True,
            unit__isnull=True,
        )
        .exclude(handovers__state=HandoverState.ACCEPTED)
        .select_related("participation__campaign")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    first = _first_of(dossiers)
    changed = [
        d for d in dossiers if first.get(d.patent_id, d.participation_id) != d.participation_id
    ]
    audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=dossier,
            owner=dossier.participation.institution_id,
            changes={"participation": [dossier.participation_id, first[dossier.patent_id]]},
        )
        for dossier in changed
    )
    for dossier in changed:
        dossier.participation_id = first[dossier.patent_id]
        dossier.version += 1
        dossier.updated_at = clock.now()
    Dossier.objects.bulk_update(
        changed, ["participation", "version", "updated_at"], batch_size=1000
    )
    return len(changed)


def _first_of(dossiers: Sequence[Dossier]) -> dict[int, int]:
    """{patent: participation that is to file it}, each in the campaign of its dossier."""
    first: dict[int, int] = {}
    for campaign in {dossier.participation.campaign for dossier in dossiers}:
        of_campaign = [d for d in dossiers if d.participation.campaign_id == campaign.pk]
        first |= _filing_participations(campaign, [d.patent_id for d in of_campaign])
    return first


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
                (campaign_id, institution_id, patent_id, dossier_id, listed_on, is_included, source_batch_id,
                 due_on, confirmed_on, confirmed_version)
            SELECT c.id, %s, d.patent_id, d.id, %s, true, %s,
                   coalesce(p.granted_on + c.days_to_file, c.due_on), same.confirmed_on, same.confirmed_version
            FROM inventory_dossier d
            JOIN inventory_patent p ON p.id = d.patent_id
            JOIN inventory_campaign c ON c.id = %s
            LEFT JOIN LATERAL (  -- the approval counts for every holder's entry, also for one listed later
                SELECT e.confirmed_on, e.confirmed_version FROM inventory_baselistentry e
                WHERE e.patent_id = d.patent_id AND e.campaign_id = c.id AND e.confirmed_on IS NOT NULL
                ORDER BY e.id LIMIT 1
            ) same ON true
            WHERE d.patent_id = ANY(%s) ORDER BY d.patent_id
            ON CONFLICT (campaign_id, institution_id, patent_id) DO NOTHING
            RETURNING id, patent_id
            """,
            [
                institution.pk,
                clock.today(),
                batch.pk if batch else None,
                campaign.pk,
                list(patent_ids),
            ],
        )
        return list(cursor.fetchall())


_ADOPT = """
    WITH wanted AS (
        SELECT d.id, d.participation_id AS before, old.institution_id AS was, coalesce(same.id, first.id) AS after
        FROM inventory_dossier d
        JOIN inventory_campaigninstitution old ON old.id = d.participation_id
        JOIN inventory_campaign left_one ON left_one.id = old.campaign_id
        JOIN inventory_campaign c ON c.id = %(campaign)s
        LEFT JOIN inventory_campaigninstitution same
               ON same.campaign_id = c.id AND same.institution_id = old.institution_id
              AND EXISTS (SELECT 1 FROM inventory_patentholder h
                          WHERE h.patent_id = d.patent_id AND h.organisation_id = old.institution_id)
        LEFT JOIN LATERAL (
            SELECT n.id FROM inventory_patentholder h
            JOIN inventory_campaigninstitution n ON n.institution_id = h.organisation_id AND n.campaign_id = c.id
            WHERE h.patent_id = d.patent_id ORDER BY h.position LIMIT 1
        ) first ON true
        WHERE d.patent_id = ANY(%(patents)s) AND left_one.id <> c.id AND left_one.opens_on <= c.opens_on
        ORDER BY d.id FOR UPDATE OF d
    )
    UPDATE inventory_dossier d
    SET participation_id = n.id, version = d.version + 1, updated_at = %(now)s,
        unit_id = CASE WHEN n.institution_id = w.was THEN d.unit_id END,
        responsible_id = CASE WHEN n.institution_id = w.was THEN d.responsible_id END
    FROM wanted w JOIN inventory_campaigninstitution n ON n.id = w.after
    WHERE d.id = w.id
    RETURNING d.id, w.before, n.id, n.institution_id
"""


@transaction.atomic
def adopt_dossiers(
    *, campaign: Campaign, patent_ids: Sequence[int], actor: Membership | None
) -> int:
    """File the dossiers of these patents in this campaign from now on; returns how many moved.

    From campaigns that opened earlier only. The institution that files stays, unless it holds the patent no more;
    review steps and default contact are then those of the new participation.
    """
    params: dict[str, Any] = {
        "campaign": campaign.pk,
        "patents": list(patent_ids),
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADOPT, params)
        moved = cursor.fetchall()
    return audit.record_many(
        audit.entry(
            actor=actor,
            action=AuditAction.CHANGE,
            target=Dossier(pk=pk),
            owner=owner,
            changes={"participation": [before, after]},
        )
        for pk, before, after, owner in moved
    )
