"""Counting by itself: a scheduled look whether figures are stale, and the job that counts them anew."""

from __future__ import annotations

from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.choices import CampaignState
from inventory.models import Campaign
from portal import clock
from portal.choices import JOB_ENDED
from portal.jobs import queue
from portal.jobs.registry import Chunk, JobKind, ScheduledTask, register, schedule
from portal.models import Job, Membership
from reporting.models import CoverageSnapshot
from reporting.queries import freshness
from reporting.services import coverage

KIND = "reporting.coverage"
EVERY = timedelta(seconds=20)


def ask_for_count(*, campaign: Campaign, actor: Membership | None, day: date | None = None) -> Job:
    """A job that counts a campaign as of a day (default: today and what the trend lacks).

    While such a job waits or runs for the same person, the same job is given back.
    """
    params = {"campaign": campaign.pk, "day": day.isoformat() if day else None}
    under_way = Job.objects.filter(kind=KIND, membership=actor, params=params).exclude(
        state__in=JOB_ENDED
    )
    return under_way.first() or queue.ask(KIND, actor=actor, params=params)


def count_chunk(job: Job) -> Chunk:
    """One snapshot per chunk: the present first, then the days the trend lacks, newest first."""
    campaign = Campaign.objects.get(pk=job.params["campaign"])
    url = board_url(campaign.pk, job.params.get("day"))
    if job.params.get("day"):
        coverage.take_snapshot(campaign=campaign, valid_on=date.fromisoformat(job.params["day"]))
        return Chunk(1, total=1, is_done=True, stage=_("Counted"), result={"url": url})
    if job.next_line == 0:
        snapshot = coverage.take_snapshot(campaign=campaign)
        line = _("As of today counted in %(milliseconds)s ms.") % {
            "milliseconds": snapshot.milliseconds
        }
        missing = len(freshness.missing_days(campaign, clock.today()))
        return _after(1, missing, url, (line,))
    missing_days = freshness.missing_days(campaign, clock.today())
    if missing_days:
        coverage.take_snapshot(campaign=campaign, valid_on=missing_days[0])
    return _after(job.next_line + 1, max(len(missing_days) - 1, 0), url)


def _after(done: int, missing: int, url: str, log: tuple[str, ...] = ()) -> Chunk:
    return Chunk(
        done,
        total=done + missing,
        is_done=missing == 0,
        stage=_("Days of the trend") if missing else _("Counted"),
        result={"url": url},
        log=log,
    )


def board_url(campaign: int, day: str | None = None) -> str:
    """Address of the board for a campaign and a day."""
    past = f"&day={day}" if day else ""
    return f"{reverse('reporting:coverage')}?campaign={campaign}{past}"


def look_for_changes() -> None:
    """Every 20 seconds: ask for a count of each open campaign whose figures are not true any more, or lack days."""
    today = clock.today()
    for campaign in Campaign.objects.filter(state=CampaignState.OPEN):
        snapshot = CoverageSnapshot.objects.latest_for(campaign)
        if not freshness.may_count_again(snapshot):
            continue
        if freshness.is_stale(campaign, snapshot) or freshness.missing_days(campaign, today):
            ask_for_count(campaign=campaign, actor=None)


def remove_passed() -> None:
    """Once a day: snapshots in between go."""
    coverage.remove_passed_snapshots()


def register_all() -> None:
    """Called once by ReportingConfig.ready."""
    register(JobKind(name=KIND, label=gettext_lazy("Counting coverage"), chunk=count_chunk))
    schedule(ScheduledTask("reporting.coverage", EVERY, look_for_changes))
    schedule(ScheduledTask("reporting.passed_snapshots", timedelta(days=1), remove_passed))
