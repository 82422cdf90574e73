"""What evaluation adds to the main menu."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy

from evaluation import permissions
from evaluation.choices import EnterpriseCategory
from evaluation.lists.catalogue import of_own_industries
from evaluation.models import EnterpriseProfile
from inventory.classification.industries import SECTION_NAMES
from inventory.menu import POOL
from portal.choices import OrganisationKind
from portal.models import Membership, Organisation
from portal.navigation import (
    HomePanel,
    MenuEntry,
    SubjectPanel,
    add_home_panel,
    add_menu_entry,
    add_subject_panel,
)

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
    add_menu_entry(
        MenuEntry(
            gettext_lazy("Experts"),
            "evaluation:expert-list",
            "user-star",
            33,
            permissions.can_list_experts,
            group=POOL,
        )
    )
    add_subject_panel(
        SubjectPanel(
            "portal.organisation",
            "evaluation/enterprise_panel.html",
            10,
            lambda membership, target: target.kind == OrganisationKind.ENTERPRISE,
            enterprise_panel,
        )
    )
    add_home_panel(
        HomePanel("evaluation/home_catalogue.html", 20, permissions.can_read_catalogue, home_panel)
    )


def home_panel(membership: Membership) -> dict[str, Any]:
    """What came last into the catalogue as it opens for this membership."""
    return {"entries": of_own_industries(membership).order_by("-pk")[:NEWEST]}


def enterprise_panel(membership: Membership, enterprise: Organisation) -> dict[str, Any]:
    """Which of the named kinds an enterprise is, and its industries, as far as this membership may see."""
    visible = EnterpriseProfile.objects.visible_to(membership)
    profile = visible.filter(organisation=enterprise).first()
    names = dict(EnterpriseCategory.choices)
    return {
        "categories": [names[each] for each in profile.categories] if profile else [],
        "sections": [f"{each} {SECTION_NAMES[each]}" for each in profile.sections]
        if profile
        else [],
    }
