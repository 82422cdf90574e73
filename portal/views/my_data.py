"""Export of my data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.access import membership_of
from portal.my_data import data_sections
from portal.services.my_data import ask_for_my_data


@require_http_methods(["GET", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """What is in the archive, and asking for it."""
    membership = membership_of(request)
    if request.method == "POST":
        job = ask_for_my_data(actor=membership)
        return redirect("portal:job-detail", pk=job.pk)
    return render(request, "portal/my_data.html", {"sections": data_sections()})
