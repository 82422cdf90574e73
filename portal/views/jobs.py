"""Long work of one's own: list, progress, cancel."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal.access import membership_of, visible_or_404
from portal.filters import JobFilter
from portal.job_words import in_words, last_lines
from portal.jobs import queue
from portal.listing import Ordering, list_page, render_list
from portal.models import Job

ORDERINGS = {"newest": Ordering(gettext_lazy("Newest first"), ("-pk",))}


@require_safe
def list_jobs(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = list_page(
        request,
        queryset=Job.objects.visible_to(membership),
        filterset_class=JobFilter,
        orderings=ORDERINGS,
    )
    context = {"lines": [in_words(job) for job in page.items]}
    return render_list(request, "portal/job_list.html", page, context)


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
    """Stop at the next chunk; a job that has ended answers 409."""
    membership = membership_of(request)
    job = visible_or_404(Job.objects.visible_to(membership), pk=pk)
    queue.cancel(job=job)
    return redirect("portal:job-detail", pk=pk)
