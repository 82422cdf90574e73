"""The coverage board: one calm page before a meeting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from inventory.models import Campaign
from portal import clock
from portal.access import membership_of, require
from portal.choices import OrganisationKind
from portal.models import Membership
from reporting import permissions, tasks
from reporting.choices import Dimension
from reporting.forms.coverage import BoardForm
from reporting.models import CoverageSnapshot
from reporting.queries import board
from reporting.queries.board import BoardRow
from reporting.views.coverage_words import headline, pieces, tabs, trend_lines

DEFAULT_ORDER = "rate"
# the notice that stands in for the figures asks again and again, and the page renews itself once there are some
UNCOUNTED = "uncounted"


def _count(measure: str) -> Callable[[BoardRow], Any]:
    return lambda row: getattr(row.counts, measure)


SORT_KEYS: dict[str, Callable[[BoardRow], Any]] = {
    "name": lambda row: row.name_key,
    "affiliation": lambda row: row.affiliation,
    **{
        name: _count(name)
        for name in (
            "due",
            "unfiled",
            "draft",
            "unit_review",
            "institution_review",
            "to_confirm",
            "covered",
            "transformed",
            "rate",
            "untransformed_rate",
            "uploaded_rate",
            "excluded",
        )
    },
}


@require_safe
def show_board(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_read_coverage(membership))
    form = BoardForm(request.GET, membership=membership)
    campaign, day = form.choice()
    snapshot = board.snapshot_for(campaign, day)
    if request.headers.get("HX-Target") == UNCOUNTED:
        return _whether_counted(snapshot)
    context: dict[str, Any] = {
        "form": form,
        "campaign": campaign,
        "day": day,
        "snapshot": snapshot,
        "can_refresh": permissions.can_refresh_coverage(membership),
    }
    if campaign and snapshot:
        context |= _figures(request, membership, campaign, snapshot)
    response = render(request, "reporting/coverage.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _whether_counted(snapshot: CoverageSnapshot | None) -> HttpResponse:
    return HttpResponse(status=204, headers={"HX-Refresh": "true"} if snapshot else {})


@require_POST
def refresh_coverage(request: HttpRequest) -> HttpResponse:
    """Have the figures counted anew, or those of a past day for the first time."""
    membership = membership_of(request)
    require(permissions.can_refresh_coverage(membership))
    form = BoardForm(request.POST, membership=membership)
    campaign, day = form.choice()
    if campaign is None or not form.is_valid():
        messages.error(request, _("Choose a campaign and a day on which it was open."))
        return redirect("reporting:coverage")
    past = day if day and day < clock.today() else None
    job = tasks.ask_for_count(campaign=campaign, actor=membership, day=past)
    return redirect("portal:job-detail", pk=job.pk)


def _figures(
    request: HttpRequest, membership: Membership, campaign: Campaign, snapshot: CoverageSnapshot
) -> dict[str, Any]:
    """Everything under the pickers."""
    head = board.head_figure(snapshot, membership)
    if head is None:
        return {}
    total = board.board_row(snapshot, head, board.overdue_institutions(snapshot))
    context = {
        "total": total,
        "headline": headline(total, snapshot),
        "pieces": pieces(total),
        "trend": trend_lines(board.trend(campaign, membership, snapshot), total, snapshot),
        "is_untransformed_headline": board.is_untransformed_headline(snapshot),
    }
    kind = membership.organisation.kind
    if kind == OrganisationKind.LEAD_BUREAU:
        affiliations = board.rows_by(snapshot, membership, Dimension.AFFILIATION)
        return context | {"affiliations": affiliations} | _table(request, membership, snapshot)
    if kind in board.HEAD_OF:
        return context | _table(request, membership, snapshot)
    return context | {"units": board.units_now(campaign, membership.organisation)}


def _table(
    request: HttpRequest, membership: Membership, snapshot: CoverageSnapshot
) -> dict[str, Any]:
    """The table of the chosen tab in the chosen order."""
    offered = tabs(request, membership)
    by = request.GET.get("by", "")
    by = by if by in {tab["name"] for tab in offered} else Dimension.INSTITUTION
    order = request.GET.get("order", "")
    if order.lstrip("-") not in SORT_KEYS:
        order = DEFAULT_ORDER if by == Dimension.INSTITUTION else "name"
    rows = in_order(board.rows_by(snapshot, membership, by), order)
    return {
        "tabs": offered,
        "by": by,
        "by_label": Dimension(by).label,
        "order": order,
        "rows": rows,
        "late_count": sum(row.is_late for row in rows),
    }


def in_order(rows: list[BoardRow], order: str) -> list[BoardRow]:
    """Rows sorted by a column; those without a value come last either way."""
    key = SORT_KEYS[order.lstrip("-")]
    known = [row for row in rows if key(row) is not None]
    known.sort(key=key, reverse=order.startswith("-"))
    return known + [row for row in rows if key(row) is None]
