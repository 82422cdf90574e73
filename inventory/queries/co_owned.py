"""What the pages of co-owned patents read: who holds together with whom, and what is open between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from inventory.models import (
    BaseListEntry,
    CampaignInstitution,
    Dossier,
    HandoverOffer,
    Objection,
    PatentHolder,
)
from portal import clock
from portal.calendar import period_end
from portal.models import Membership, Organisation


def receivers_of(dossier_ids: Collection[int]) -> dict[int, list[CampaignInstitution]]:
    """{dossier: participations of its other holders in the same campaign, in the order of the holders}."""
    dossiers = Dossier.objects.filter(pk__in=dossier_ids).select_related("participation")
    wanted = {(d.participation.campaign_id, d.patent_id): d for d in dossiers}
    holders = PatentHolder.objects.filter(
        patent__in={patent for _campaign, patent in wanted}, organisation__isnull=False
    ).order_by("patent", "position")
    held: dict[int, list[int]] = defaultdict(list)
    for holder in holders:
        if holder.organisation_id is not None:
            held[holder.patent_id].append(holder.organisation_id)
    parts = {
        (part.campaign_id, part.institution_id): part
        for part in CampaignInstitution.objects.filter(
            campaign__in={campaign for campaign, _patent in wanted}
        ).select_related("institution")
    }
    return {
        dossier.pk: [
            parts[campaign, organisation]
            for organisation in held[patent]
            if (campaign, organisation) in parts
            and organisation != dossier.participation.institution_id
        ]
        for (campaign, patent), dossier in wanted.items()
    }


def partners_of(institution_id: int) -> QuerySet[Organisation]:
    """Institutions of a campaign that hold patents together with this one, which files them."""
    filed = Dossier.objects.filter(participation__institution=institution_id)
    holding = PatentHolder.objects.filter(
        organisation=OuterRef("pk"), patent__in=filed.values("patent")
    )
    taking_part = CampaignInstitution.objects.filter(institution=OuterRef("pk"))
    return Organisation.objects.filter(Exists(holding), Exists(taking_part)).exclude(
        pk=institution_id
    )


def offers_of(dossier: Dossier, membership: Membership) -> list[HandoverOffer]:
    """Offers about a dossier, newest first, as far as one may see them."""
    return list(
        HandoverOffer.objects.visible_to(membership)
        .filter(dossier=dossier)
        .select_related(
            "from_participation__institution",
            "to_participation__institution",
            "offered_by__user",
            "answered_by__user",
        )
    )


def objections_of(dossier: Dossier, membership: Membership) -> list[Objection]:
    """Objections to a dossier, live ones first, newest first, as far as one may see them."""
    found = (
        Objection.objects.visible_to(membership)
        .filter(entry__dossier=dossier)
        .select_related(
            "entry__institution",
            "entry__dossier__participation",
            "raised_by__user",
            "answered_by__user",
            "ended_by__user",
        )
    )
    return sorted(found, key=lambda one: not one.is_live)


def own_entry(dossier: Dossier, membership: Membership) -> BaseListEntry | None:
    """The entry of this patent on the own institution's list in the dossier's campaign."""
    return (
        BaseListEntry.objects.filter(
            dossier=dossier,
            institution=membership.organisation_id,
            campaign=dossier.participation.campaign_id,
        )
        .select_related("campaign", "institution", "dossier__participation")
        .first()
    )


@dataclass(frozen=True)
class Period:
    """Until when a co-holder may object to an approval; None where nothing is approved."""

    until: date | None

    @property
    def days_left(self) -> int | None:
        """Days left, today included; 0 when it is over."""
        if self.until is None:
            return None
        return max((self.until - clock.today()).days + 1, 0)

    @property
    def is_open(self) -> bool:
        return bool(self.days_left)


def objection_period(entry: BaseListEntry) -> Period:
    """From the approval of this entry, in the campaign's days (entry.campaign is loaded)."""
    if entry.confirmed_on is None:
        return Period(None)
    return Period(period_end(entry.confirmed_on, entry.campaign.objection_days))


def first_in_order(campaign_id: int, dossiers: Sequence[Dossier]) -> dict[int, CampaignInstitution]:
    """{dossier: participation of the first holder, in order, whose entry counts}."""
    found: dict[int, CampaignInstitution] = {}
    parts = {
        part.institution_id: part
        for part in CampaignInstitution.objects.filter(campaign=campaign_id).select_related(
            "institution"
        )
    }
    counting = set(
        BaseListEntry.objects.filter(
            campaign=campaign_id, dossier__in=[d.pk for d in dossiers], is_included=True
        ).values_list("dossier_id", "institution_id")
    )
    holders = PatentHolder.objects.filter(
        patent__in=[d.patent_id for d in dossiers], organisation__isnull=False
    ).order_by("patent", "position")
    by_patent = {d.patent_id: d.pk for d in dossiers}
    for holder in holders:
        dossier, organisation = by_patent[holder.patent_id], holder.organisation_id
        if dossier not in found and organisation in parts and (dossier, organisation) in counting:
            found[dossier] = parts[organisation]
    return found


def with_roles(entries: QuerySet[BaseListEntry]) -> QuerySet[BaseListEntry]:
    """Co-owned entries with whether a co-holder objects and whether handing over is offered."""
    live = Objection.objects.live().filter(entry__dossier=OuterRef("dossier"))
    offered = HandoverOffer.objects.open().filter(dossier=OuterRef("dossier"))
    found: QuerySet[BaseListEntry] = entries.co_owned()  # type: ignore[attr-defined]  # our manager's
    return found.annotate(is_objected=Exists(live), is_offered=Exists(offered))
