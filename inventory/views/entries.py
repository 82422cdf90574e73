"""The work list of everybody: base list entries with the state of their dossiers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from inventory import bulk, bulk_review, permissions
from inventory.lists.entries import ENTRIES
from inventory.models import Campaign
from portal.access import membership_of
from portal.bulk.pages import bar_of
from portal.listing import page_of, render_list
from portal.models import Membership


@require_safe
def entry_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, ENTRIES)
    context = {
        "can_import": permissions.can_import_base_list(membership),
        "export_actions": _exports(membership),
        "bulk_actions": bulk_actions(membership),
        "empty_action": _first_import(membership),
    }
    return render_list(request, "inventory/entry_list.html", page, context)


def _first_import(membership: Membership) -> dict[str, str] | None:
    """Where a manager with an empty list goes next."""
    if not permissions.can_import_base_list(membership):
        return None
    return {"url": reverse("portal:import-new"), "label": _("Import a list")}


def _exports(membership: Membership) -> list[dict[str, str]]:
    """Files of dossiers beside the table of the list."""
    if not permissions.can_export_dossiers(membership):
        return []
    url = reverse("inventory:dossier-export")
    return [{"label": _("Working copy in the national layout"), "url": url}]


def bulk_actions(membership: Membership) -> list[dict[str, Any]]:
    """What may be done with ticked rows; confirming only in a year that opened with answers of before."""
    names = [bulk.EDIT, bulk.ASSIGN, bulk_review.SUBMIT, bulk_review.REVISE]
    if Campaign.objects.visible_to(membership).opened_with_answers().exists():
        names.append(bulk.CONFIRM)
    return bar_of(membership, *names)
