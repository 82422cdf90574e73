"""My patents: what a person has to fill in, by when, and how far it is."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from inventory.lists.mine import MINE, my_dossiers
from inventory.queries.dossiers import OPEN_STATES, filled_by
from portal.access import membership_of
from portal.listing import page_of, render_list


@require_safe
def my_patents(request: HttpRequest) -> HttpResponse:
    # those that a co-inventor fills in are on the list and not in the count
    membership = membership_of(request)
    mine = my_dossiers(membership).filter(filled_by(membership))
    page = page_of(request, MINE)
    counts = mine.aggregate(total=Count("pk"), open=Count("pk", filter=Q(state__in=OPEN_STATES)))
    first_open = mine.filter(state__in=OPEN_STATES).order_by("pk").first()
    context = {
        "total": counts["total"],
        "done": counts["total"] - counts["open"],
        "first_open": first_open,
    }
    return render_list(request, "inventory/my_patents.html", page, context)
