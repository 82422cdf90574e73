"""Jobs of campaign years: opening with last year's list, and taking later grants, every night and when asked."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.models import Campaign
from inventory.services import carry_over, rolling
from inventory.services.campaigns import CARRY_OVER, LATER_GRANTS
from portal import clock
from portal.jobs.queue import ask
from portal.jobs.registry import Chunk, JobKind, ScheduledTask, register, schedule
from portal.models import Job


def carry_over_chunk(job: Job) -> Chunk:
    """The next patents of the lists that the campaign follows; the checkpoint is the last one's key."""
    campaign = Campaign.objects.get(pk=job.params["campaign"])
    total = job.total if job.total is not None else carry_over.patents_to_carry(campaign)
    last, patents, made = carry_over.carry_patents(
        campaign=campaign,
        actor=job.membership,
        after=job.result.get("last", 0),
        limit=settings.JOB_CHUNK_ROWS,
    )
    entries = job.result.get("entries", 0) + made
    result = {"last": last, "entries": entries, "url": _list_of(campaign)}
    return Chunk(
        job.next_line + patents,
        total=total,
        is_done=last is None,
        stage=_("Carrying the list over"),
        log=(_listed(entries),) if last is None else (),
        result=result,
    )


def later_grants_chunk(job: Job) -> Chunk:
    """The next grants that a rolling campaign lacks."""
    campaign = Campaign.objects.get(pk=job.params["campaign"])
    last, made = rolling.take_later_grants(
        campaign=campaign,
        actor=job.membership,
        after=job.result.get("last", 0),
        limit=settings.JOB_CHUNK_ROWS,
    )
    entries = job.next_line + made
    return Chunk(
        entries,
        is_done=last is None,
        stage=_("Listing later grants"),
        log=(_listed(entries),) if last is None else (),
        result={"last": last, "url": _list_of(campaign)},
    )


def _list_of(campaign: Campaign) -> str:
    return f"{reverse('inventory:entry-list')}?campaign={campaign.pk}"


def _listed(count: int) -> str:
    text = ngettext("%(count)s entry made.", "%(count)s entries made.", count)
    return text % {"count": count}


def ask_for_later_grants() -> None:
    """One job a day for each open rolling campaign."""
    for campaign in rolling.open_rolling():
        key = f"{LATER_GRANTS}:{campaign.pk}:{clock.today().isoformat()}"
        ask(LATER_GRANTS, actor=None, params={"campaign": campaign.pk}, idempotency_key=key)


def register_tasks() -> None:
    """Called once from AppConfig.ready."""
    register(
        JobKind(
            name=CARRY_OVER,
            label=gettext_lazy("Opening with last year's list"),
            chunk=carry_over_chunk,
        )
    )
    register(
        JobKind(
            name=LATER_GRANTS, label=gettext_lazy("Listing later grants"), chunk=later_grants_chunk
        )
    )
    schedule(ScheduledTask(LATER_GRANTS, timedelta(days=1), ask_for_later_grants))
