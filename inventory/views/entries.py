"""The work list of everybody: base list entries with the state of their dossiers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions
from inventory.filters.entries import EntryFilter
from inventory.forms.assignments import AssignForm
from inventory.lists.entries import ORDERINGS, entries_of
from inventory.models import BaseListEntry
from inventory.services import assignments
from portal import clock
from portal.access import membership_of, require
from portal.listing import list_page, render_list
from portal.lists.spec import Asked
from portal.models import Membership
from portal.picking import picked_versions


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
    if not permissions.can_assign_dossiers(membership):
        return []
    return [
        {
            "label": _("Assign"),
            "url": reverse("inventory:assign"),
            "icon": "user-check",
            "tone": "",
        }
    ]


@require_POST
def assign(request: HttpRequest) -> HttpResponse:
    """Step one shows how many dossiers are meant and asks for unit and person; step two assigns them."""
    membership = membership_of(request)
    require(permissions.can_assign_dossiers(membership))
    back = f"{reverse('inventory:entry-list')}?{request.GET.urlencode()}"
    scoped = BaseListEntry.objects.visible_to(membership).filter(
        dossier__participation__institution=membership.organisation_id
    )
    try:
        picked = picked_versions(
            request, scoped, EntryFilter, key="dossier_id", version="dossier__version"
        )
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return redirect(back)
    form = AssignForm(request.POST if "confirm" in request.POST else None, request=request)
    if form.is_bound and form.is_valid():
        count = assignments.assign_dossiers(ids=picked, actor=membership, **form.cleaned_data)
        text = ngettext("%(count)s dossier assigned.", "%(count)s dossiers assigned.", count)
        messages.success(request, text % {"count": count})
        return redirect(back)
    context = {"form": form, "picked": picked, "count": len(picked), "back": back}
    return render(request, "inventory/assign.html", context)
