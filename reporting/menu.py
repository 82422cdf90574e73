"""What reporting adds to the main menu and to the start page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from inventory.choices import CampaignState
from inventory.models import Campaign
from portal import navigation
from portal.models import Membership
from portal.navigation import HomePanel, MenuEntry
from reporting import permissions
from reporting.queries import board
from reporting.views.coverage_words import headline


def register_all() -> None:
    """Called once by ReportingConfig.ready."""
    navigation.add_menu_entry(
        MenuEntry(
            gettext_lazy("Coverage board"),
            "reporting:coverage",
            "chart-bar",
            5,
            permissions.can_read_coverage,
        )
    )
    navigation.add_home_panel(
        HomePanel("reporting/home_coverage.html", 20, permissions.can_read_coverage, home_panel)
    )


def home_panel(membership: Membership) -> dict[str, Any]:
    """Deadline, both rates and the stock of the newest open campaign."""
    campaign = Campaign.objects.visible_to(membership).filter(state=CampaignState.OPEN).first()
    snapshot = board.snapshot_for(campaign, None)
    figure = board.head_figure(snapshot, membership) if snapshot else None
    if snapshot is None or figure is None:
        return {"campaign": campaign, "headline": []}
    total = board.board_row(snapshot, figure)
    return {"campaign": campaign, "snapshot": snapshot, "headline": headline(total, snapshot)}
