"""Figures of a job, the same wherever its progress stands."""

from django import template

from portal import job_words
from portal.models import Job

register = template.Library()


@register.filter
def figures(job: Job) -> list[str]:
    """Step, rows done of rows, rows per second and remaining time, in words."""
    return job_words.figures(job)


@register.filter
def page(job: Job) -> str:
    """The page of what the job is about; "" for work that has none of its own."""
    return job_words.in_words(job).page
