"""A job as pages show it: its kind in words and links to what it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock
from portal.choices import JobState
from portal.jobs.pace import pace_of
from portal.jobs.registry import kind_named
from portal.models import Job
from portal.templatetags.portal_tags import whole

LOG_LINES = 50


@dataclass(frozen=True)
class JobLine:
    """A job with its label and, when it made something, where that is."""

    job: Job
    label: str
    url: str
    result_url: str
    # the page of what the job is about; "" for work that has none of its own
    page: str = ""

    @property
    def figures(self) -> list[str]:
        """Rows done of rows, speed and remaining time in words."""
        return figures(self.job)


def in_words(job: Job) -> JobLine:
    """Kind and result in words. A kind puts `file` (id of a stored file) or `url` (a path of ours) in its result."""
    kind = kind_named(job.kind)
    page = kind.page(job) if kind and kind.page else ""
    return JobLine(
        job=job,
        label=str(kind.label) if kind else job.kind,
        url=reverse("portal:job-detail", kwargs={"pk": job.pk}),
        result_url=result_url(job.result) or page,
        page=page,
    )


def figures(job: Job) -> list[str]:
    """The same for every job and on every page: step, rows done of rows, rows per second, remaining time.

    Empty for work that waits or whose size nobody knows yet; of ended work, how far it came.
    """
    if not job.total:
        return []
    done = min(job.next_line, job.total)
    if job.state == JobState.DONE:
        return [_("%(total)s rows") % {"total": whole(job.total)}]
    found = [_("%(done)s of %(total)s rows") % {"done": whole(done), "total": whole(job.total)}]
    if job.steps > 1:
        found.insert(0, _("Step %(step)s of %(steps)s") % {"step": job.step, "steps": job.steps})
    speed = pace_of(job, clock.now()) if job.state == JobState.RUNNING else None
    if speed is not None:
        found.append(_("%(number)s rows per second") % {"number": _rate(speed.per_second)})
    if speed is not None and speed.seconds_left is not None:
        found.append(_rest(job, speed.seconds_left))
    return found


def _rate(per_second: float) -> str:
    return whole(round(per_second)) if per_second >= 10 else f"{per_second:.1f}"


def _rest(job: Job, seconds: float) -> str:
    """The rest in words; where further steps follow, of this step alone: they go at speeds of their own."""
    rest = in_time(seconds)
    if job.step < job.steps:
        return _("this step: %(time)s left") % {"time": rest}
    return _("%(time)s left") % {"time": rest}


def in_time(seconds: float) -> str:
    """So many seconds as people say it: a few seconds, about 40 seconds, about 2 minutes, about 3 hours."""
    if seconds < 5:
        return _("a few seconds")
    if seconds < 55:
        tens = max(10, round(seconds / 10) * 10)
        return ngettext("about %(count)s second", "about %(count)s seconds", tens) % {"count": tens}
    if seconds < 55 * 60:
        minutes = max(1, round(seconds / 60))
        words = ngettext("about %(count)s minute", "about %(count)s minutes", minutes)
        return words % {"count": minutes}
    hours = max(1, round(seconds / 3600))
    return ngettext("about %(count)s hour", "about %(count)s hours", hours) % {"count": hours}


def result_url(result: dict[str, Any]) -> str:
    """The page or file a job ended in; empty without."""
    if file := result.get("file"):
        return reverse("portal:file-download", kwargs={"pk": file})
    url = str(result.get("url", ""))
    return url if url.startswith("/") and not url.startswith("//") else ""


def last_lines(job: Job) -> list[Any]:
    """The last lines of the log, oldest first."""
    return list(job.log.order_by("-pk")[:LOG_LINES])[::-1]
