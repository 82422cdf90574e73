"""Milestones: the campaign's for everybody, an institution's own earlier days and further ones."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from inventory.choices import Goal
from inventory.models import Campaign, CampaignInstitution, Milestone
from portal import audit
from portal.access import check_version
from portal.choices import AuditAction
from portal.models import Membership

FIELDS = ("name", "due_on", "goal", "share")


def set_first(campaign: Campaign) -> None:
    """The milestones a new campaign begins with: those of the one it follows, moved along; else its due day.

    A rolling campaign has a due day for each entry and begins with none. Part of creating the campaign.
    """
    if campaign.is_rolling:
        return
    before: list[Milestone] = []
    if campaign.follows is not None:
        before = list(
            Milestone.objects.filter(campaign=campaign.follows, participation__isnull=True)
        )
        moved = campaign.opens_on - campaign.follows.opens_on
    if not before:
        Milestone.objects.create(
            campaign=campaign,
            name=_("Stock-taking complete"),
            due_on=campaign.due_on,
            goal=Goal.COMPLETE,
        )
        return
    Milestone.objects.bulk_create(
        Milestone(
            campaign=campaign,
            name=each.name,
            goal=each.goal,
            share=each.share,
            due_on=min(each.due_on + moved, campaign.due_on),
        )
        for each in before
    )


@transaction.atomic
def add_milestone(*, milestone: Milestone, actor: Membership) -> Milestone:
    """Save a new milestone: the campaign's, or an institution's own. ValidationError for what cannot be."""
    _check(milestone)
    milestone.save(force_insert=True)
    audit.record(
        actor=actor,
        action=AuditAction.CREATE,
        target=milestone,
        owner=_owner(milestone),
        changes=audit.changes_of({}, _values(milestone)),
    )
    return milestone


@transaction.atomic
def save_milestone(*, milestone: Milestone, seen_version: int, actor: Membership) -> Milestone:
    """Save an edited milestone; earlier days of institutions that it would overtake go, because they are none now."""
    stored = Milestone.objects.select_for_update(of=("self",)).get(pk=milestone.pk)
    check_version(seen_version, stored.version)
    changes = audit.changes_of(_values(stored), _values(milestone))
    if not changes:
        return stored
    _check(milestone)
    milestone.version = stored.version + 1
    milestone.save(update_fields=[*FIELDS, "version"])
    milestone.replacements.filter(due_on__gte=milestone.due_on).delete()
    milestone.replacements.update(name=milestone.name, goal=milestone.goal, share=milestone.share)
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=milestone,
        owner=_owner(milestone),
        changes=changes,
    )
    return milestone


@transaction.atomic
def remove_milestone(*, milestone: Milestone, seen_version: int, actor: Membership) -> None:
    """Take a milestone away, with the institutions' earlier days for it."""
    stored = Milestone.objects.select_for_update(of=("self",)).get(pk=milestone.pk)
    check_version(seen_version, stored.version)
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=stored,
        owner=_owner(stored),
        changes=audit.changes_of(_values(stored), dict.fromkeys(FIELDS)),
    )
    stored.delete()


@transaction.atomic
def set_earlier_day(
    *, milestone: Milestone, participation: CampaignInstitution, due_on: Any, actor: Membership
) -> Milestone | None:
    """An institution's own, earlier day for a milestone of the campaign; None takes it back.

    ValidationError for a day that is not earlier: the campaign's day stands for everybody.
    """
    own = (
        Milestone.objects.select_for_update(of=("self",))
        .filter(participation=participation, replaces=milestone)
        .first()
    )
    before = own.due_on if own else None
    if before == due_on:
        return own
    if due_on is not None and due_on >= milestone.due_on:
        raise ValidationError(_("The own day must be earlier than the day of the campaign."))
    if due_on is None:
        Milestone.objects.filter(participation=participation, replaces=milestone).delete()
        own = None
    else:
        own, _is_new = Milestone.objects.update_or_create(
            participation=participation,
            replaces=milestone,
            defaults={
                "campaign_id": milestone.campaign_id,
                "name": milestone.name,
                "goal": milestone.goal,
                "share": milestone.share,
                "due_on": due_on,
            },
        )
    audit.record(
        actor=actor,
        action=AuditAction.CHANGE,
        target=milestone,
        owner=participation.institution_id,
        changes=audit.changes_of({"due_on": before}, {"due_on": due_on}),
    )
    return own


def _check(milestone: Milestone) -> None:
    if milestone.due_on < milestone.campaign.opens_on:
        raise ValidationError({"due_on": _("The day lies before the opening of the campaign.")})
    milestone.full_clean(exclude=["version"])


def _values(milestone: Milestone) -> dict[str, Any]:
    return {name: getattr(milestone, name) for name in FIELDS}


def _owner(milestone: Milestone) -> int | None:
    return milestone.participation.institution_id if milestone.participation else None
