"""Opening and closing campaigns, and each institution's part in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import CAMPAIGN_TRANSITIONS, CampaignState, DossierState
from inventory.models import Campaign, CampaignInstitution, Dossier
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.errors import InvalidTransition
from portal.models import Membership, Organisation

CAMPAIGN_FIELDS = ("name", "cutoff_on", "scope", "base_day", "opens_on", "due_on")
PARTICIPATION_FIELDS = ("review_steps", "filing_mode", "contact_name", "contact_phone")


@transaction.atomic
def create_campaign(
    *, campaign: Campaign, institutions: Iterable[Organisation], actor: Membership
) -> Campaign:
    """Save a new campaign in preparation with the institutions that take part (two review steps each)."""
    campaign.save(force_insert=True)
    CampaignInstitution.objects.bulk_create(
        CampaignInstitution(campaign=campaign, institution=institution)
        for institution in institutions
    )
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
    campaign.version = stored.version + 1
    campaign.save(update_fields=[*fields, "version"])
    joined = CampaignInstitution.objects.bulk_create(
        [CampaignInstitution(campaign=campaign, institution=item) for item in institutions],
        ignore_conflicts=True,
    )
    if changes or joined:
        audit.record(actor=actor, action=AuditAction.CHANGE, target=campaign, changes=changes)
    return campaign


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
