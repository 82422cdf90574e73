"""Opening and closing campaigns, and each institution's part in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import CAMPAIGN_TRANSITIONS, CampaignState, DossierState
from inventory.models import Campaign, CampaignInstitution, Dossier, PatentHolder
from inventory.services import base_lists, milestones, rolling
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.jobs import queue
from portal.models import Job, Membership, Organisation

CAMPAIGN_FIELDS = (
    "name",
    "kind",
    "follows",
    "granted_after",
    "cutoff_on",
    "days_to_file",
    "scope",
    "base_day",
    "opens_on",
    "due_on",
    "objection_days",
    "appeal_days",
)
# what an institution settled once and takes along into the next campaign
LASTING_FIELDS = (
    "review_steps",
    "filing_mode",
    "contact_name",
    "contact_phone",
    "responsible_unit",
    "responsible_name",
    "first_contact_name",
    "first_contact_phone",
    "second_contact_name",
    "second_contact_phone",
)
PARTICIPATION_FIELDS = LASTING_FIELDS
# jobs, done in tasks/years.py
CARRY_OVER = "inventory.carry_over"
LATER_GRANTS = "inventory.later_grants"


@transaction.atomic
def create_campaign(
    *, campaign: Campaign, institutions: Iterable[Organisation], actor: Membership
) -> Campaign:
    """Save a new campaign in preparation with the institutions that take part.

    They take along what they settled in the campaign it follows; so do the milestones, moved by as many days.
    """
    campaign.save(force_insert=True)
    CampaignInstitution.objects.bulk_create(_participations(campaign, institutions))
    milestones.set_first(campaign)
    after = {name: getattr(campaign, name) for name in CAMPAIGN_FIELDS}
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=campaign,
        changes=audit.changes_of({}, after),
    )
    return campaign


@transaction.atomic
def save_campaign(
    *,
    campaign: Campaign,
    changed: Sequence[str],
    institutions: Iterable[Organisation],
    seen_version: int,
    actor: Membership,
) -> Campaign:
    """Save edited fields and add institutions that join; who has dossiers stays."""
    stored = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    check_version(seen_version, stored.version)
    fields = [name for name in CAMPAIGN_FIELDS if name in changed]
    changes = audit.changes_of(
        {name: getattr(stored, name) for name in fields},
        {name: getattr(campaign, name) for name in fields},
    )
    joined = CampaignInstitution.objects.bulk_create(
        _participations(campaign, institutions), ignore_conflicts=True
    )
    # every version has its entry in the trail
    campaign.version = stored.version + bool(changes or joined)
    campaign.save(update_fields=[*fields, "version"])
    # whoever joins may stand before the holder that was to file
    held = PatentHolder.objects.filter(organisation__in=[part.institution_id for part in joined])
    base_lists.follow_order(patent_ids=set(held.values_list("patent_id", flat=True)), actor=actor)
    if changes or joined:
        audit.record(actor=actor, action=AuditAction.CHANGE, target=campaign, changes=changes)
    rolling.bring_due_days_up_to_date(campaign=campaign)
    if stored.state == CampaignState.OPEN:
        fill_list(campaign=campaign, actor=actor)
    return campaign


def _participations(
    campaign: Campaign, institutions: Iterable[Organisation]
) -> list[CampaignInstitution]:
    """Unsaved participations of those that do not take part yet."""
    there = set(campaign.participations.values_list("institution", flat=True))
    before = {
        each.institution_id: each
        for each in CampaignInstitution.objects.filter(campaign=campaign.follows_id)
    }
    found = []
    for institution in institutions:
        if institution.pk in there:
            continue
        made = CampaignInstitution(campaign=campaign, institution=institution)
        if last := before.get(institution.pk):
            for name in LASTING_FIELDS:
                setattr(made, name, getattr(last, name))
        found.append(made)
    return found


@transaction.atomic
def open_campaign(*, campaign: Campaign, seen_version: int, actor: Membership) -> Job | None:
    """Open a campaign; one that follows another or takes later grants gets its list by the job that is returned."""
    stored = move_campaign(
        campaign=campaign, to_state=CampaignState.OPEN, seen_version=seen_version, actor=actor
    )
    return fill_list(campaign=stored, actor=actor)


def fill_list(*, campaign: Campaign, actor: Membership) -> Job | None:
    """Ask for the job that fills the campaign's list, where it has a source."""
    if campaign.is_rolling:
        return queue.ask(LATER_GRANTS, actor=actor, params={"campaign": campaign.pk})
    if campaign.follows_id is not None:
        return queue.ask(CARRY_OVER, actor=actor, params={"campaign": campaign.pk})
    return None


@transaction.atomic
def move_campaign(
    *, campaign: Campaign, to_state: CampaignState, seen_version: int, actor: Membership
) -> Campaign:
    """Open, close or reopen a campaign; a second call raises InvalidTransition."""
    stored = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
    if to_state not in CAMPAIGN_TRANSITIONS[stored.state]:
        raise InvalidTransition(
            _("The campaign is in the state “%(state)s”.") % {"state": stored.get_state_display()}
        )
    check_version(seen_version, stored.version)
    before, stored.state = stored.state, to_state
    stored.version += 1
    stored.save(update_fields=["state", "version"])
    audit.record(
        actor=actor,
        action=AuditAction.STATE,
        target=stored,
        changes={"state": [before, str(to_state)]},
    )
    return stored


@transaction.atomic
def save_participation(
    *,
    participation: CampaignInstitution,
    changed: Sequence[str],
    seen_version: int,
    actor: Membership,
) -> CampaignInstitution:
    """Save review steps, way of filing and default contact of an institution.

    From two steps to one is refused while dossiers wait for unit review: they would be stranded.
    """
    stored = CampaignInstitution.objects.select_for_update(of=("self",)).get(pk=participation.pk)
    check_version(seen_version, stored.version)
    waiting = Dossier.objects.filter(participation=stored, state=DossierState.UNIT_REVIEW).exists()
    if stored.review_steps == 2 and participation.review_steps == 1 and waiting:
        raise InvalidTransition(
            _("Dossiers are waiting for unit review. Finish these before changing to one step.")
        )
    fields = [name for name in PARTICIPATION_FIELDS if name in changed]
    changes = audit.changes_of(
        {name: getattr(stored, name) for name in fields},
        {name: getattr(participation, name) for name in fields},
    )
    participation.version = stored.version + 1
    participation.save(update_fields=[*fields, "version"])
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=participation,
        owner=participation.institution_id,
        changes=changes,
    )
    return participation
