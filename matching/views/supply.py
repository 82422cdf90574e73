"""What is offered by the holders of pool patents, for officials and institutions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from matching import permissions
from matching.lists import SUPPLY
from matching.models import SupplyIntent
from matching.queries import supply
from portal.access import membership_of, require
from portal.listing import page_of, render_list

CONTROLS = frozenset({"order", "cursor", "columns", "view", "row"})


@require_safe
def list_supply(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_read_supply(membership))
    offers = SupplyIntent.objects.visible_to(membership)
    kinds, number = supply.by_kind(offers)
    is_narrowed = any(value for name, value in request.GET.items() if name not in CONTROLS)
    page = page_of(request, SUPPLY, total=None if is_narrowed else number)
    return render_list(request, "matching/supply.html", page, {"kinds": kinds})
