"""Forgetting a person who left: requested with a reason, done after the consequences were read."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import permissions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.forms.people import ReasonForm
from portal.models import Erasure, User
from portal.navigation import panels_on
from portal.services import erasure


@require_http_methods(["GET", "POST"])
def forget_person(request: HttpRequest, pk: int) -> HttpResponse:
    """First the request with its reason, then (posting `confirm`) the replacement itself."""
    membership = membership_of(request)
    person = visible_or_404(User.objects.visible_to(membership), pk=pk)
    require(permissions.can_forget_person(membership))
    asked = Erasure.objects.visible_to(membership).filter(person=person).first()
    form = ReasonForm(request.POST if request.method == "POST" and asked is None else None)
    if asked is not None and "confirm" in request.POST:
        erasure.pseudonymise(request=asked, seen_version=seen_version(request), actor=membership)
        messages.success(request, _("The person has a pseudonym now."))
        return redirect("portal:people-forget", pk=pk)
    if asked is None and form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        erasure.request_erasure(person=person, reason=reason, actor=membership)
        messages.success(request, _("The request is written down."))
        return redirect("portal:people-forget", pk=pk)
    panels = panels_on("portal.forgetting", membership, person)
    context = {"person": person, "asked": asked, "form": form, "panels": panels}
    return render(request, "portal/people_forget.html", context)
