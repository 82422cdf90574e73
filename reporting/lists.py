"""The rows of a figure as a list: which figure it is stands in the address."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.choices import DossierState
from inventory.models import Patent
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.registry import register
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from reporting import permissions
from reporting.choices import Measure
from reporting.filters.coverage_rows import CoverageRowFilter
from reporting.models import CoverageFigure
from reporting.queries import rows
from reporting.queries.rows import RowState

ADDRESS = ("snapshot", "dimension", "key", "measure")
ORDERINGS = {
    "listed": Ordering(_("As listed"), ("pk",)),
    "number": Ordering(_("Application number"), ("application_number",)),
}


def figure_of(asked: Asked) -> CoverageFigure | None:
    """The figure that the address names, if this membership may open it; None for a foreign or unknown one."""
    if asked.GET.get("measure", "") not in Measure.values:
        return None
    return (
        CoverageFigure.objects.visible_to(asked.membership)
        .select_related("snapshot__campaign", "organisation")
        .filter(
            snapshot=asked.number("snapshot"),
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


def _described(patents: list[Patent], asked: Asked) -> list[RowState]:
    figure = figure_of(asked)
    if figure is None:
        return []
    return rows.describe(patents, figure, rows.institutions_for(figure, asked.membership))


def _state(row: RowState) -> list[Badge]:
    found: list[Badge] = [("dossier", row.state, row.state_label)]
    if row.is_covered and row.state != DossierState.COMPLETED:
        found.append(("tone", "success", gettext("Approved version counts")))
    return found


def _yes(is_so: bool) -> str:
    return gettext("Yes") if is_so else gettext("No")


def _refusal(asked: Asked) -> str:
    """Snapshots in between go after days, and a bureau's charge may end."""
    if figure_of(asked) is not None:
        return ""
    return gettext("These figures were replaced by newer ones. Open the board again.")


def _title(asked: Asked) -> str:
    figure = figure_of(asked)
    if figure is None:
        return ""
    measure = Measure(str(asked.GET["measure"])).label
    return f"{figure.snapshot.campaign.name}-{rows.heading(figure)}-{measure}"


FIGURE_ROWS = ListSpec(
    name="reporting.rows",
    label=_("Rows of a coverage figure"),
    url_name="reporting:coverage-rows",
    rows=_rows,
    filterset=CoverageRowFilter,
    orderings=ORDERINGS,
    columns=(
        Column("number", _("Application number"), lambda r: r.patent.number, cells.CODE, "number"),
        Column("title", _("Title"), lambda r: r.patent.title, cells.LONG),
        Column(
            "kind", _("Kind"), lambda r: cells.word_of(r.patent, "kind"), cells.SHORT, filter="kind"
        ),
        Column("institutions", _("On the list of"), lambda r: r.institutions, cells.LONG),
        Column("holders", _("Holders"), lambda r: r.holders, cells.LONG, is_default=False),
        Column("state", _("State"), _state, cells.BADGES),
        Column("covered", _("Taken stock of"), lambda r: _yes(r.is_covered), cells.SHORT),
        Column("transformed", _("Transformed"), lambda r: _yes(r.is_transformed), cells.SHORT),
        Column("stars", _("Own rating"), lambda r: r.stars, cells.STARS),
        Column("granted", _("Granted"), lambda r: r.patent.granted_on, cells.DAY),
        Column("as_of", _("As of"), lambda r: r.valid_on, cells.DAY),
    ),
    dress=_described,
    link=lambda row: row.patent.get_absolute_url(),
    empty=Empty("circle-check", _("The figure is zero: there are no rows")),
    may_open=permissions.can_read_coverage,
    scope=ADDRESS,
    refusal=_refusal,
    title=_title,
)


def register_lists() -> None:
    """Called once by ReportingConfig.ready."""
    register(FIGURE_ROWS)
