"""A job as pages show it: its kind in words and links to what it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from portal.jobs.registry import kind_named
from portal.models import Job

LOG_LINES = 50


@dataclass(frozen=True)
class JobLine:
    """A job with its label and, when it made something, where that is."""

    job: Job
    label: str
    url: str
    result_url: str


def in_words(job: Job) -> JobLine:
    """Kind and result in words. A kind puts `file` (id of a stored file) or `url` (a path of ours) in its result."""
    kind = kind_named(job.kind)
    return JobLine(
        job=job,
        label=str(kind.label) if kind else job.kind,
        url=reverse("portal:job-detail", kwargs={"pk": job.pk}),
        result_url=result_url(job.result),
    )


def result_url(result: dict[str, Any]) -> str:
    """The page or file a job ended in; empty without."""
    if file := result.get("file"):
        return reverse("portal:file-download", kwargs={"pk": file})
    url = str(result.get("url", ""))
    return url if url.startswith("/") and not url.startswith("//") else ""


def last_lines(job: Job) -> list[Any]:
    """The last lines of the log, oldest first."""
    return list(job.log.order_by("-pk")[:LOG_LINES])[::-1]
