"""The page of a patent: what the register says, and what other parts of the portal add."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inventory import permissions
from inventory.models import Patent
from inventory.queries import patents as queries
from inventory.views.dossier_pages import patent_facts
from portal.access import membership_of, visible_or_404
from portal.navigation import panels_on


@require_safe
def patent_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    patent = visible_or_404(queries.with_register(Patent.objects.visible_to(membership)), pk=pk)
    context = {
        "patent": patent,
        "facts": patent_facts(patent),
        "twin": queries.twin_of(patent, membership),
        "dossier": queries.dossier_of(patent, membership),
        "entries": queries.entries_of(patent, membership),
        "industries": queries.industries_of(patent),
        "can_decide": permissions.can_decide_industry(membership, patent),
        "panels": panels_on("inventory.patent", membership, patent),
    }
    return render(request, "inventory/patent_detail.html", context)
