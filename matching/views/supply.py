"""What is offered by the holders of pool patents, for officials and institutions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from matching import permissions
from matching.lists import SUPPLY
from matching.models import SupplyIntent
from matching.queries import supply
from portal.access import membership_of, require
from portal.listing import page_of, render_list


@require_safe
def list_supply(request: HttpRequest) -> HttpResponse:
    """The offers; how many there are of each kind is counted over all of them and asked for by the page itself."""
    page = page_of(request, SUPPLY)
    return render_list(request, "matching/supply.html", page, {"kinds": supply.kinds()})


@require_safe
def count_kinds(request: HttpRequest) -> HttpResponse:
    """The figures above the list, with their numbers."""
    membership = membership_of(request)
    require(permissions.can_read_supply(membership))
    kinds = supply.by_kind(SupplyIntent.objects.visible_to(membership))
    response = render(request, "matching/supply_kinds.html", {"kinds": kinds, "is_counted": True})
    response["Cache-Control"] = "no-store"
    return response
