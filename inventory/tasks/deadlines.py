"""My deadline: on certain days before and one day after it, whoever still has dossiers to fill in is told."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Count, F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignState
from inventory.models import BaseListEntry, Campaign
from inventory.notices import DUE
from inventory.queries.dossiers import OPEN_STATES
from portal import clock
from portal.jobs import queue
from portal.jobs.registry import Chunk, JobKind, ScheduledTask, register, schedule
from portal.models import Job, Membership
from portal.services.notices import To, notify_once

DEADLINES = "inventory.deadlines"
DAYS = (14, 7, 3, 1, 0, -1)


def ask_deadlines() -> None:
    """Once a day; midnight UTC is eight in the morning in Beijing."""
    queue.ask(DEADLINES, actor=None, idempotency_key=f"{DEADLINES}:{clock.today()}")


def tell_deadlines(job: Job) -> Chunk:
    """One campaign after the other; the checkpoint is its key."""
    campaign = (
        Campaign.objects.filter(pk__gt=job.next_line, state=CampaignState.OPEN)
        .order_by("pk")
        .first()
    )
    if campaign is None:
        return Chunk(next_line=job.next_line, is_done=True)
    for days in DAYS:
        tell_campaign(campaign, clock.today() + timedelta(days=days))
    return Chunk(next_line=campaign.pk)


def tell_campaign(campaign: Campaign, due_on: date) -> int:
    """Everybody with dossiers still to fill in whose own entry is due that day, with the number; how many were told."""
    days = (due_on - clock.today()).days
    rows = (
        BaseListEntry.objects.open()
        .filter(
            campaign=campaign,
            due_on=due_on,
            institution=F("dossier__participation__institution"),
            dossier__state__in=OPEN_STATES,
            dossier__responsible__isnull=False,
        )
        .order_by()
        .values_list("institution", "dossier__responsible")
        .annotate(count=Count("pk"))
    )
    counts = {(institution, person): count for institution, person, count in rows}
    memberships = Membership.objects.active().filter(
        user__in={person for _institution, person in counts}
    )
    found = {
        (organisation, user): pk
        for pk, organisation, user in memberships.order_by("-pk").values_list(
            "pk", "organisation", "user"
        )
    }
    url = f"{reverse('inventory:my-patents')}?mine=yes&campaign={campaign.pk}"
    params = {"days": days, "campaign": campaign.name}
    return notify_once(
        kind=DUE,
        recipients=[
            To(found[key], params, count, url, due_on)
            for key, count in counts.items()
            if key in found
        ],
        key=f"{campaign.pk}:{due_on}:{days}",
    )


def register_tasks() -> None:
    register(JobKind(DEADLINES, _("Reminding of deadlines"), tell_deadlines))
    schedule(ScheduledTask(DEADLINES, timedelta(days=1), ask_deadlines))
