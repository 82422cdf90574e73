"""The rows of a figure, and taking them along."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from portal.access import membership_of, require, visible_or_404
from portal.listing import Ordering, list_page, render_list
from portal.models import Membership
from reporting import permissions
from reporting.choices import Measure
from reporting.exports.coverage_rows import ask_for_export
from reporting.filters.coverage_rows import CoverageRowFilter
from reporting.models import CoverageFigure
from reporting.queries import rows

ORDERINGS = {
    "listed": Ordering(gettext_lazy("As listed"), ("pk",)),
    "number": Ordering(gettext_lazy("Application number"), ("application_number",)),
}

NARROWING = ("q", "kind")
ADDRESS = ("snapshot", "dimension", "key", "measure")


def figure_or_404(request: HttpRequest, membership: Membership) -> tuple[CoverageFigure, str]:
    """The figure and the measure that the address names, if this membership may open them."""
    snapshot, measure = request.GET.get("snapshot", ""), request.GET.get("measure", "")
    if not snapshot.isdecimal() or len(snapshot) > 18 or measure not in Measure.values:
        raise Http404
    figures = CoverageFigure.objects.visible_to(membership).select_related(
        "snapshot__campaign", "organisation"
    )
    figure = visible_or_404(
        figures,
        snapshot=int(snapshot),
        dimension=request.GET.get("dimension", ""),
        key=request.GET.get("key", ""),
    )
    return figure, measure


@require_safe
def list_rows(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_read_coverage(membership))
    figure, measure = figure_or_404(request, membership)
    institutions = rows.institutions_for(figure, membership)
    is_narrowed = any(request.GET.get(name) for name in NARROWING)
    is_whole = len(institutions) == len(figure.institutions)
    page = list_page(
        request,
        queryset=rows.rows_of(figure, measure, institutions),
        filterset_class=CoverageRowFilter,
        orderings=ORDERINGS,
        total=getattr(figure.counts, measure) if is_whole and not is_narrowed else None,
    )
    context = {
        "figure": figure,
        "measure": Measure(measure),
        "group": rows.heading(figure),
        "rows": rows.describe(page.items, figure, institutions),
        "kept": [(name, request.GET[name]) for name in ADDRESS],
        "is_narrowed": is_narrowed,
        "can_export": permissions.can_export_coverage(membership),
    }
    return render_list(request, "reporting/coverage_rows.html", page, context)


@require_POST
def export_rows(request: HttpRequest) -> HttpResponse:
    """Have exactly these rows written as a workbook."""
    membership = membership_of(request)
    require(permissions.can_export_coverage(membership))
    figure, measure = figure_or_404(request, membership)
    filters = {name: request.GET.get(name, "")[:200] for name in NARROWING}
    job = ask_for_export(figure=figure, measure=measure, filters=filters, actor=membership)
    return redirect("portal:job-detail", pk=job.pk)
