"""Changes of holder: kept in the register, and inside the scope the entry goes on with the new holder."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F
from django.utils.translation import gettext as _

from inventory.choices import ExclusionReason
from inventory.models import (
    BaseListEntry,
    CampaignInstitution,
    Exclusion,
    HolderChange,
    Patent,
    PatentHolder,
)
from inventory.services import filing, moves
from inventory.services.facts import CONFIRMATION, ENTRY, record_facts
from inventory.services.patents import search_key
from portal import audit, clock
from portal.choices import AuditAction
from portal.models import Membership


def record_changes(exclusions: Sequence[Exclusion], *, actor: Membership) -> None:
    """Write into the register what the approved requests say of the new holder and the day, each once.

    In the caller's transaction. A request without day and name (the register itself no longer names the
    institution) has nothing to add.
    """
    for one in exclusions:
        if one.registered_on is None or not one.new_holder:
            continue
        entry = one.entry
        change, _is_new = HolderChange.objects.get_or_create(
            patent_id=entry.patent_id,
            registered_on=one.registered_on,
            from_name=entry.institution.name,
            to_name=one.new_holder,
            defaults={
                "from_organisation_id": entry.institution_id,
                "to_organisation_id": one.new_institution_id,
                "confirmed_on": clock.today(),
            },
        )
        if (
            _replace_holder(change, actor)
            and not Exclusion.objects.filter(holder_change=change).exists()
        ):
            one.holder_change = change
            Exclusion.objects.filter(pk=one.pk).update(holder_change=change)


def _replace_holder(change: HolderChange, actor: Membership) -> bool:
    """The new holder takes the place of the former one in the order; whether anything changed."""
    patent = Patent.objects.select_for_update(of=("self",)).get(pk=change.patent_id)
    holders = list(PatentHolder.objects.filter(patent=patent))
    mine = next(
        (h for h in holders if h.organisation_id == change.from_organisation_id is not None), None
    )
    if mine is None:
        return False
    before = [holder.name for holder in holders]
    is_there = change.to_organisation_id is not None and any(
        h.organisation_id == change.to_organisation_id for h in holders
    )
    if is_there:
        mine.delete()
        _close_up(patent)
    else:
        mine.name, mine.organisation_id = change.to_name, change.to_organisation_id
        mine.save(update_fields=["name", "organisation"])
    _tell(patent, before, actor)
    return True


def _close_up(patent: Patent) -> None:
    """Places without gaps, from the first on, so that no place is taken twice on the way."""
    for place, holder in enumerate(PatentHolder.objects.filter(patent=patent), 1):
        if holder.position != place:
            PatentHolder.objects.filter(pk=holder.pk).update(position=place)


def _tell(patent: Patent, before: list[str], actor: Membership) -> None:
    """Search key, version and trail of a patent whose holders changed."""
    after = [holder.name for holder in PatentHolder.objects.filter(patent=patent)]
    inventors = [inventor.name for inventor in patent.inventors.all()]
    Patent.objects.filter(pk=patent.pk).update(
        version=F("version") + 1,
        updated_at=clock.now(),
        search_key=search_key(patent.application_number, patent.title, after, inventors),
    )
    audit.record_many(
        [
            audit.entry(
                actor=actor,
                action=AuditAction.CHANGE,
                target=patent,
                changes={"holders": [before, after]},
                reason=_("Change of holder"),
            )
        ]
    )


def move_entries(exclusions: Sequence[Exclusion], *, actor: Membership) -> None:
    """Transfers inside the scope: the new holder's entry counts from the same day and says how it came.

    In the caller's transaction. The approval of the dossier counts for the new entry; whoever filed it as the former
    holder hands it over.
    """
    for one in exclusions:
        entry = one.entry
        part = CampaignInstitution.objects.select_related("institution").get(
            campaign=entry.campaign_id, institution=one.new_institution_id
        )
        made = _entry_of(one, part)
        record_facts(ENTRY, [made.pk], valid_from=one.effective_on)
        record_facts(CONFIRMATION, [made.pk])
        audit.record(
            actor=actor,
            action=AuditAction.CREATE,
            target=made,
            owner=part.institution_id,
            changes={"patent": [None, entry.patent_id], "campaign": [None, entry.campaign_id]},
            reason=str(ExclusionReason.TRANSFERRED_WITHIN.label),
        )
        (dossier,) = moves.lock_dossiers([entry.dossier_id])
        if dossier.participation.institution_id == entry.institution_id:
            filing.hand_over(
                [(dossier, part)], actor=actor, reason=str(ExclusionReason.TRANSFERRED_WITHIN.label)
            )


def _entry_of(exclusion: Exclusion, part: CampaignInstitution) -> BaseListEntry:
    """The new holder's entry, made or counting again, with the approval of the former one and how it came."""
    entry = exclusion.entry
    made, _is_new = BaseListEntry.objects.update_or_create(
        campaign_id=entry.campaign_id,
        institution_id=part.institution_id,
        patent_id=entry.patent_id,
        defaults={"is_included": True, "came_by": exclusion.holder_change},
        create_defaults={
            "dossier_id": entry.dossier_id,
            "listed_on": clock.today(),
            "due_on": entry.due_on,
            "confirmed_on": entry.confirmed_on,
            "confirmed_version": entry.confirmed_version,
            "is_included": True,
            "came_by": exclusion.holder_change,
        },
    )
    return made


def take_back(change: HolderChange, *, actor: Membership) -> None:
    """The approval that wrote a change of holder was revoked: the former holder stands in its place again."""
    patent = Patent.objects.select_for_update(of=("self",)).get(pk=change.patent_id)
    holders = list(PatentHolder.objects.filter(patent=patent))
    before = [holder.name for holder in holders]
    now = next((h for h in holders if h.name == change.to_name), None)
    if now is not None and change.to_organisation_id is None:
        now.name, now.organisation_id = change.from_name, change.from_organisation_id
        now.save(update_fields=["name", "organisation"])
        _tell(patent, before, actor)
    Exclusion.objects.filter(holder_change=change).update(holder_change=None)
    change.delete()
