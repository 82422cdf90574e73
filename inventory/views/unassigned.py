"""Patents nobody looks after: proposals per patent, and taking one of them; many at once: inventory.bulk_people."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inventory import bulk_people, permissions
from inventory.lists.belonging import UNASSIGNED
from inventory.lists.proposed import FORM
from inventory.queries.unassigned import unassigned
from inventory.services.unassigned import Assigned, assign_people
from portal.access import membership_of, require
from portal.bulk.pages import bar_of
from portal.listing import page_of, render_list


@require_safe
def unassigned_list(request: HttpRequest) -> HttpResponse:
    page = page_of(request, UNASSIGNED)
    context = {
        "above_table": "inventory/unassigned_above.html",
        "take_form": FORM,
        "bulk_actions": bar_of(membership_of(request), bulk_people.CLEAR, bulk_people.GIVE),
    }
    return render_list(request, "inventory/unassigned_list.html", page, context)


@require_POST
def unassigned_take(request: HttpRequest) -> HttpResponse:
    """Take one candidate: `choice=<dossier>-<version>-<key of the person>`."""
    membership = membership_of(request)
    require(permissions.can_see_unassigned(membership))
    dossier, version, key = _choice(request.POST.get("choice", ""))
    mine = unassigned(membership).filter(pk=dossier)
    if not mine.exists():
        messages.error(request, _("This patent is assigned already, or not yours to assign."))
        return redirect(_back(request))
    try:
        outcome = assign_people(chosen={dossier: (version, key)}, actor=membership)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
    else:
        _report(request, outcome)
    return redirect(_back(request))


def _choice(text: str) -> tuple[int, int, str]:
    dossier, _dash, rest = text.partition("-")
    version, _dash, key = rest.partition("-")
    digits = [part for part in (dossier, version) if part.isascii() and part.isdecimal()]
    if len(digits) != 2 or max(map(len, digits)) > 18:
        return 0, 0, ""
    return int(dossier), int(version), key


def _back(request: HttpRequest) -> str:
    query = request.GET.urlencode()
    return reverse("inventory:unassigned-list") + (f"?{query}" if query else "")


def _report(request: HttpRequest, outcome: Assigned) -> None:
    """What was done, and what somebody else changed meanwhile."""
    count = len(outcome.done)
    if count:
        text = ngettext("%(count)s dossier assigned.", "%(count)s dossiers assigned.", count)
        messages.success(request, text % {"count": count})
    if outcome.opened:
        text = ngettext(
            "%(count)s account was opened; hand out its link under “Invitations”.",
            "%(count)s accounts were opened; hand out their links under “Invitations”.",
            outcome.opened,
        )
        messages.info(request, text % {"count": outcome.opened})
    if outcome.stale:
        text = ngettext(
            "%(count)s dossier was changed by somebody else meanwhile and left as it is.",
            "%(count)s dossiers were changed by somebody else meanwhile and left as they are.",
            len(outcome.stale),
        )
        messages.warning(request, text % {"count": len(outcome.stale)})
