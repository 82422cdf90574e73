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

from inventory import permissions
from inventory.filters.belonging import UnassignedFilter
from inventory.lists.belonging import UNASSIGNED
from inventory.queries.unassigned import proposals_for, unassigned, with_rows
from inventory.services.unassigned import Assigned, assign_people, branch_of
from inventory.views import proposal_words
from portal.access import membership_of, require
from portal.listing import list_page, render_list


@require_safe
def unassigned_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_see_unassigned(membership))
    page = list_page(
        request,
        queryset=with_rows(unassigned(membership)),
        filterset_class=UnassignedFilter,
        orderings=UNASSIGNED.orderings,
    )
    found = proposals_for(page.items, membership)
    allowed = branch_of(membership)
    for dossier in page.items:
        dossier.proposal = proposal_words.row(found[dossier.pk], allowed)
    context = {"bulk_actions": _actions()}
    return render_list(request, "inventory/unassigned_list.html", page, context)


def _actions() -> list[dict[str, str]]:
    labels = (
        (_("Take the clear proposals"), "inventory:unassigned-clear", "user-check"),
        (_("Give to unit or person"), "inventory:unassigned-give", "users"),
    )
    return [
        {"label": label, "url": reverse(name), "icon": icon, "tone": ""}
        for label, name, icon in labels
    ]


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
