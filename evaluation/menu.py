"""What evaluation adds to the main menu."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy

from evaluation import permissions
from evaluation.lists import of_own_industries
from portal.models import Membership
from portal.navigation import HomePanel, MenuEntry, add_home_panel, add_menu_entry

# what the start page shows of the catalogue
NEWEST: Final = 5


def register_all() -> None:
    """Called once by EvaluationConfig.ready."""
    add_menu_entry(
        MenuEntry(
            gettext_lazy("Catalogue"),
            "evaluation:catalogue",
            "category",
            50,
            permissions.can_read_catalogue,
        )
    )
    add_home_panel(
        HomePanel("evaluation/home_catalogue.html", 20, permissions.can_read_catalogue, home_panel)
    )


def home_panel(membership: Membership) -> dict[str, Any]:
    """What came last into the catalogue as it opens for this membership."""
    return {"entries": of_own_industries(membership).order_by("-pk")[:NEWEST]}
