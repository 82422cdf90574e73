"""The rows of a figure as a list: which figure it is stands in the address."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import Patent
from portal.lists.registry import register
from portal.lists.spec import Asked, ListSpec, Ordering
from reporting import permissions
from reporting.choices import Measure
from reporting.filters.coverage_rows import CoverageRowFilter
from reporting.models import CoverageFigure
from reporting.queries import rows

ADDRESS = ("snapshot", "dimension", "key", "measure")
ORDERINGS = {
    "listed": Ordering(_("As listed"), ("pk",)),
    "number": Ordering(_("Application number"), ("application_number",)),
}


def figure_of(asked: Asked) -> CoverageFigure | None:
    """The figure that the address names, if this membership may open it; None for a foreign or unknown one."""
    snapshot = asked.GET.get("snapshot", "")
    is_named = snapshot.isdecimal() and len(snapshot) <= 18
    if not is_named or asked.GET.get("measure", "") not in Measure.values:
        return None
    return (
        CoverageFigure.objects.visible_to(asked.membership)
        .select_related("snapshot__campaign", "organisation")
        .filter(
            snapshot=int(snapshot),
            dimension=asked.GET.get("dimension", ""),
            key=asked.GET.get("key", ""),
        )
        .first()
    )


def _rows(asked: Asked) -> QuerySet[Patent]:
    figure = figure_of(asked)
    if figure is None:
        return Patent.objects.none()
    institutions = rows.institutions_for(figure, asked.membership)
    return rows.rows_of(figure, asked.GET.get("measure", ""), institutions)


FIGURE_ROWS = ListSpec(
    name="reporting.rows",
    label=_("Rows of a coverage figure"),
    url_name="reporting:coverage-rows",
    rows=_rows,
    filterset=CoverageRowFilter,
    orderings=ORDERINGS,
    may_open=permissions.can_read_coverage,
    scope=ADDRESS,
)


def register_lists() -> None:
    """Called once by ReportingConfig.ready."""
    register(FIGURE_ROWS)
