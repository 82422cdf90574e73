"""Export of the work list in the national layout."""

from __future__ import annotations

from types import SimpleNamespace

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from inventory import permissions
from inventory.filters.entries import EntryFilter
from inventory.models import BaseListEntry, Dossier
from inventory.services import exports
from portal.access import membership_of, require, visible_or_404
from portal.models import Membership


def narrowed_entries(membership: Membership, query: str) -> QuerySet[BaseListEntry]:
    """The work list as it stands under a query string: what the page shows, the job exports."""
    asked = SimpleNamespace(membership=membership)
    visible = BaseListEntry.objects.visible_to(membership)
    found: QuerySet[BaseListEntry] = EntryFilter(
        QueryDict(query), queryset=visible, request=asked
    ).qs
    return found


@require_POST
def dossier_export(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_export_dossiers(membership))
    job = exports.ask_for_export(actor=membership, query=request.GET.urlencode())
    return redirect("portal:job-detail", pk=job.pk)


@require_POST
def dossier_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One dossier as a PDF file, made by a job with what this person may read."""
    membership = membership_of(request)
    dossier = visible_or_404(Dossier.objects.visible_to(membership), pk=pk)
    job = exports.ask_for_dossier_pdf(dossier=dossier, actor=membership)
    return redirect("portal:job-detail", pk=job.pk)
