"""Long work of one's own: list, progress, cancel."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.access import membership_of, visible_or_404
from portal.job_words import in_words, last_lines
from portal.jobs import queue
from portal.listing import page_of, render_list
from portal.lists.kernel import JOBS
from portal.models import Job


@require_safe
def list_jobs(request: HttpRequest) -> HttpResponse:
    page = page_of(request, JOBS)
    return render_list(request, "portal/job_list.html", page)


@never_cache
@require_safe
def show_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress; htmx asks the same address each second and gets the progress alone."""
    membership = membership_of(request)
    job = visible_or_404(Job.objects.visible_to(membership), pk=pk)
    line = in_words(job)
    context = {
        "job": job,
        "line": line,
        "poll_url": line.url,
        "result_url": line.result_url,
        "log": last_lines(job),
    }
    if not getattr(request, "htmx", None):
        return render(request, "portal/job_detail.html", context)
    response = render(request, "portal/job_detail.html#progress", context)
    if job.is_ended:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def cancel_job(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop at the next chunk, and back to where its progress stands; a job that has ended answers 409."""
    membership = membership_of(request)
    job = visible_or_404(Job.objects.visible_to(membership), pk=pk)
    queue.cancel(job=job)
    line = in_words(job)
    return redirect(line.page or line.url)
