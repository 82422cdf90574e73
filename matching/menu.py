"""What matching adds to the main menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from matching import permissions
from portal.navigation import MenuEntry, add_menu_entry


def register_all() -> None:
    """Called once by MatchingConfig.ready."""
    add_menu_entry(
        MenuEntry(
            gettext_lazy("Offers"),
            "matching:supply",
            "transfer-in",
            60,
            permissions.can_read_supply,
            "pool",
        )
    )
