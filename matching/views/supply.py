"""What is offered by the holders of pool patents, for officials and institutions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from matching import permissions
from matching.filters.supply import SupplyFilter
from matching.models import SupplyIntent
from matching.queries import supply
from portal.access import membership_of, require
from portal.listing import Ordering, list_page, render_list

ORDERINGS = {
    "newest": Ordering(gettext_lazy("Newest first"), ("-pk",)),
    "number": Ordering(
        gettext_lazy("Application number"), ("dossier__patent__application_number",)
    ),
}
CONTROLS = frozenset({"order", "cursor"})


@require_safe
def list_supply(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_read_supply(membership))
    offers = SupplyIntent.objects.visible_to(membership)
    kinds, number = supply.by_kind(offers)
    is_narrowed = any(value for name, value in request.GET.items() if name not in CONTROLS)
    page = list_page(
        request,
        queryset=offers.select_related("dossier__patent", "dossier__participation__institution"),
        filterset_class=SupplyFilter,
        orderings=ORDERINGS,
        total=None if is_narrowed else number,
    )
    context = {
        "kinds": kinds,
        "rows": supply.as_rows(page.items, membership),
    }
    return render_list(request, "matching/supply.html", page, context)
