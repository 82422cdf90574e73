"""The work list of everybody: base list entries with the state of their dossiers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from inventory import bulk, permissions
from inventory.filters.entries import EntryFilter
from inventory.lists.entries import ORDERINGS, entries_of
from portal import clock
from portal.access import membership_of
from portal.bulk.registry import act_named
from portal.listing import list_page, render_list
from portal.lists.spec import Asked
from portal.models import Membership


@require_safe
def entry_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = list_page(
        request,
        queryset=entries_of(Asked(membership, request.GET)),
        filterset_class=EntryFilter,
        orderings=ORDERINGS,
    )
    context = {
        "today": clock.today(),
        "shows_institution": not membership.is_of_institution,
        "can_import": permissions.can_import_base_list(membership),
        "can_export": permissions.can_export_dossiers(membership),
        "bulk_actions": bulk_actions(membership),
    }
    return render_list(request, "inventory/entry_list.html", page, context)


def bulk_actions(membership: Membership) -> list[dict[str, Any]]:
    """What may be done with ticked rows."""
    acts = [act for name in (bulk.EDIT, bulk.ASSIGN) if (act := act_named(name)) is not None]
    return [
        {"label": act.label, "url": reverse(act.url_name), "icon": act.icon, "tone": ""}
        for act in acts
        if act.allowed(membership)
    ]
