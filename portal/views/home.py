"""The start page: what waits for this person in this role."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from portal.job_words import in_words
from portal.models import Job
from portal.navigation import home_panels_for


@require_safe
def show_home(request: HttpRequest) -> HttpResponse:
    """Greeting, to-do panels of all apps, recent work; an account without a role is told whom to ask."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return render(request, "portal/home_without_role.html")
    panels = [
        render_to_string(template, {"membership": membership, **context}, request=request)
        for template, context in home_panels_for(membership)
    ]
    jobs = [in_words(job) for job in Job.objects.visible_to(membership).recent()]
    response = render(request, "portal/home.html", {"panels": panels, "jobs": jobs})
    response["Cache-Control"] = "no-store"
    return response
