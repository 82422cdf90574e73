"""How far the own list is, as figures that open to their rows: the start page asks for them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from inventory.choices import DossierState, UploadStanding
from inventory.lists.reviews import is_reviewer
from inventory.models import BaseListEntry
from inventory.models.goals import DUE_SOON
from portal import clock
from portal.access import membership_of, require
from portal.models import Membership

_OPEN = Q(confirmed_on__isnull=True)


@require_safe
def list_figures(request: HttpRequest) -> HttpResponse:
    """The state of the own institution's or unit's list."""
    membership = membership_of(request)
    require(is_reviewer(membership))
    response = render(request, "inventory/home_list.html", {"figures": _figures(membership)})
    response["Cache-Control"] = "no-store"
    return response


def _figures(membership: Membership) -> list[dict[str, Any]]:
    """State of the own institution's or unit's list."""
    today = clock.today()
    counts = (
        BaseListEntry.objects.visible_to(membership)
        .included()
        .aggregate(
            unfiled=Count("pk", filter=_OPEN & Q(dossier__state=DossierState.UNFILED)),
            draft=Count("pk", filter=_OPEN & Q(dossier__state=DossierState.DRAFT)),
            to_confirm=Count("pk", filter=_OPEN & Q(dossier__state=DossierState.COMPLETED)),
            complete=Count("pk", filter=~_OPEN),
            late=Count("pk", filter=_OPEN & Q(due_on__lt=today)),
            soon=Count("pk", filter=_OPEN & Q(due_on__range=(today, today + DUE_SOON))),
            returned=Count("pk", filter=Q(dossier__upload_standing=UploadStanding.RETURNED)),
        )
    )
    url_name = "inventory:entry-list"
    figures = [
        _figure(
            _("Not filed"), counts["unfiled"], url_name, "state=unfiled&standing=open&included=yes"
        ),
        _figure(_("Drafts"), counts["draft"], url_name, "state=draft&standing=open&included=yes"),
        _figure(_("Overdue"), counts["late"], url_name, "late=yes", "danger"),
        _figure(_("Due within 14 days"), counts["soon"], url_name, "late=soon", "warning"),
        _figure(
            _("Returned by the national platform"),
            counts["returned"],
            url_name,
            "upload=returned&included=yes",
            "danger",
        ),
        _figure(
            _("Stock-taking complete"), counts["complete"], url_name, "standing=done", "success"
        ),
    ]
    if counts["to_confirm"]:
        label = _("Answers of before, to be confirmed")
        figures.insert(2, _figure(label, counts["to_confirm"], url_name, "standing=to_confirm"))
    return figures


def _figure(
    label: str, value: int, url_name: str, query: str = "", tone: str = ""
) -> dict[str, Any]:
    url = reverse(url_name) + (f"?{query}" if query else "")
    return {"label": label, "value": value, "url": url, "tone": tone if value else ""}
