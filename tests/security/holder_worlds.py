"""What an institution holds together with others, and its exclusions in every state: for the routes about these."""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile

from inventory.choices import DossierState, EventKind, ExclusionReason, SimpleStatus
from inventory.models import (
    BaseListEntry,
    CampaignInstitution,
    Dossier,
    Exclusion,
    HandoverOffer,
    LegalEvent,
)
from inventory.services import exclusion_decisions, exclusions, handovers, objections
from portal import clock
from portal.choices import Role
from portal.models import Membership, StoredFile, Unit
from portal.services import files
from tests import factories

DAY = date(2024, 4, 1)
PDF = b"%PDF-1.4 evidence"


def exclusion(participation: CampaignInstitution, manager: Membership) -> int:
    """A request for a reason that no rule covers, with a file."""
    evidence = files.keep_file(
        content=ContentFile(PDF),
        name="evidence.pdf",
        purpose=StoredFile.Purpose.EVIDENCE,
        actor=manager,
    )
    made = exclusions.request_exclusion(
        entry=factories.entry(participation),
        claim=exclusions.Claim(
            reason=ExclusionReason.OTHER,
            explanation="演示说明",
            effective_on=DAY,
            evidence=evidence,
        ),
        actor=manager,
    )
    return made.pk


def more_exclusions(participation: CampaignInstitution, manager: Membership) -> dict[str, int]:
    """A refused, an appealed and an approved request, and an entry that the register proposes to take off."""
    city = Membership.objects.filter(role=Role.CITY_OFFICIAL).earliest("pk")
    lapsed = [
        factories.entry(
            participation,
            factories.patent(participation.institution, simple_status=SimpleStatus.ENDED),
        )
        for _ in range(2)
    ]
    for entry in lapsed:
        LegalEvent.objects.create(
            patent=entry.patent,
            kind=EventKind.FEE_LAPSE,
            occurred_on=date(2021, 5, 6),
            confirmed_on=DAY,
        )
    asked = exclusions.request_proposed(entry_ids=[lapsed[1].pk], actor=manager)
    found = {"lapsed_entry": lapsed[0].pk, "clear_exclusion": asked.made[0].pk}
    for name, is_approved in (
        ("refused_exclusion", False),
        ("appealed_exclusion", False),
        ("approved_exclusion", True),
    ):
        made = Exclusion.objects.get(pk=exclusion(participation, manager))
        exclusion_decisions.decide_exclusion(
            exclusion=made, is_approved=is_approved, note="演示决定", seen_version=1, actor=city
        )
        found[name] = made.pk
    exclusion_decisions.appeal_exclusion(
        exclusion=Exclusion.objects.get(pk=found["appealed_exclusion"]),
        text="演示申诉",
        evidence=files.keep_file(
            content=ContentFile(PDF),
            name="appeal.pdf",
            purpose=StoredFile.Purpose.EVIDENCE,
            actor=manager,
        ),
        seen_version=2,
        actor=manager,
    )
    return found


def co_owned(participation: CampaignInstitution, unit: Unit, manager: Membership) -> dict[str, int]:
    """Patents held together with a partner: filed by either, offered both ways, objected to both ways."""
    institution = participation.institution
    partner = factories.organisation(district=institution.district)
    other = factories.participation(partner, participation.campaign)
    their = factories.membership(Role.INSTITUTION_MANAGER, partner)
    names = ("ours", "theirs", "objected", "objecting", "co_held")
    own = {
        name: _held_together(participation, other, unit, is_ours=name in ("ours", "objected"))
        for name in names
    }
    found = {name: dossier.pk for name, dossier in own.items()}
    for name, to, actor in (("ours", partner, manager), ("theirs", institution, their)):
        handovers.offer_handovers(
            versions={own[name].pk: own[name].version}, to=to, reason="演示移交", actor=actor
        )
    found["handover_out"] = HandoverOffer.objects.get(dossier=own["ours"]).pk
    found["handover_in"] = HandoverOffer.objects.get(dossier=own["theirs"]).pk
    for name, objector, actor in (
        ("objected", partner, their),
        ("objecting", institution, manager),
    ):
        entry = BaseListEntry.objects.get(dossier=own[name], institution=objector)
        made = objections.raise_objection(
            entry=entry, text="演示异议", fields=["stars"], actor=actor
        )
        found[f"{name}_objection"] = made.pk
    return found


def _held_together(
    participation: CampaignInstitution, other: CampaignInstitution, unit: Unit, *, is_ours: bool
) -> Dossier:
    """A complete dossier of two holders, approved today, filed by the first of them."""
    parts = [participation, other] if is_ours else [other, participation]
    patent = factories.patent(*(part.institution for part in parts))
    fields = {"unit": unit} if is_ours else {}
    dossier = factories.entry(parts[0], patent, state=DossierState.COMPLETED, **fields).dossier
    factories.entry(parts[1], patent)
    BaseListEntry.objects.filter(dossier=dossier).update(
        confirmed_on=clock.today(), confirmed_version=dossier.version
    )
    return dossier
