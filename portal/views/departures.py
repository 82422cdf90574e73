"""People who leave, and people who come back: what they have in hand is shown first, then handed over in one step."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import permissions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.bulk.pages import bar_of
from portal.bulk.people import LEAVE
from portal.forms.invitations import DepartureForm
from portal.listing import page_of, render_list
from portal.lists.staff import LEAVERS
from portal.models import Departure, Membership, User
from portal.services import departures


@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: consequences, where the work goes, why."""
    membership = membership_of(request)
    person: User = visible_or_404(User.objects.visible_to(membership), pk=pk)
    require(permissions.can_record_departure(membership, person))
    form = DepartureForm(request.POST or None, membership=membership, leaving=[pk])
    if request.method == "POST" and form.is_valid():
        departures.record_departure(
            person=person,
            seen_version=seen_version(request),
            actor=membership,
            **form.cleaned_data,
        )
        messages.success(
            request, _("%(name)s has left; the work is handed over.") % {"name": person}
        )
        return redirect("portal:people-detail", pk=pk)
    context = {
        "form": form,
        "person": person,
        "consequences": _consequences([pk], membership),
    }
    return render(request, "portal/departure_form.html", context)


@require_POST
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The roles that ended with the departure are held again; the work stays where it is."""
    membership = membership_of(request)
    require(permissions.can_record_departure(membership))
    departure = visible_or_404(Departure.objects.visible_to(membership).standing(), user=pk)
    departures.record_return(
        departure=departure, seen_version=seen_version(request), actor=membership
    )
    messages.success(request, _("The roles are held again. Work is assigned anew."))
    return redirect("portal:people-detail", pk=pk)


@require_safe
def list_leavers(request: HttpRequest) -> HttpResponse:
    """Who is retired or gone by the personnel list and still acts: proposed, never automatic."""
    page = page_of(request, LEAVERS)
    context = {"bulk_actions": bar_of(membership_of(request), LEAVE)}
    return render_list(request, "portal/leaver_list.html", page, context)


def _consequences(people: list[int], membership: Membership) -> list[dict[str, Any]]:
    """What leaving does, in counts."""
    return [
        {"count": count, "text": text, "tone": "info" if count else "neutral"}
        for text, count in departures.in_hand(people, membership)
    ]
