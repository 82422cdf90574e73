"""What evaluation adds to the main menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from evaluation import permissions
from portal.navigation import MenuEntry, add_menu_entry


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
