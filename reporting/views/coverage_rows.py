"""The rows of a figure."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.access import membership_of, require
from portal.listing import page_of, render_list
from portal.lists.spec import Asked
from portal.models import Membership
from reporting import permissions
from reporting.choices import Measure
from reporting.lists import FIGURE_ROWS, figure_of
from reporting.models import CoverageFigure
from reporting.queries import rows

NARROWING = ("q", "kind")


def figure_or_404(request: HttpRequest, membership: Membership) -> tuple[CoverageFigure, str]:
    """The figure and the measure that the address names, if this membership may open them."""
    figure = figure_of(Asked(membership, request.GET))
    if figure is None:
        raise Http404
    return figure, request.GET["measure"]


@require_safe
def list_rows(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_read_coverage(membership))
    figure, measure = figure_or_404(request, membership)
    institutions = rows.institutions_for(figure, membership)
    is_narrowed = any(request.GET.get(name) for name in NARROWING)
    is_whole = len(institutions) == len(figure.institutions)
    is_known = is_whole and not is_narrowed
    page = page_of(
        request, FIGURE_ROWS, total=getattr(figure.counts, measure) if is_known else None
    )
    context = {
        "figure": figure,
        "measure": Measure(measure),
        "group": rows.heading(figure),
        "rows": page.rows,
    }
    return render_list(request, "reporting/coverage_rows.html", page, context)
