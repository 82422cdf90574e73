"""What stock-taking adds to the main menu and to the start page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from inventory.models import Urge
from inventory.permissions import can_export_dossiers
from inventory.queries.workbooks import units_with_patents
from portal import navigation
from portal.choices import INSTITUTION_ROLES, OFFICIAL_ROLES, Role
from portal.models import Membership, Organisation
from portal.navigation import HomePanel, MenuEntry, MenuGroup, SubjectPanel

READERS = frozenset(
    {*OFFICIAL_ROLES, Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER, Role.INVENTOR, Role.AUDITOR}
)
REVIEWERS = frozenset({Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER})
KNOWING = READERS - {Role.INVENTOR} | {Role.SYSTEM_ADMIN}
UPLOADERS = frozenset({Role.INSTITUTION_MANAGER, Role.CITY_OFFICIAL, Role.AUDITOR})
URGED = OFFICIAL_ROLES | INSTITUTION_ROLES
DECIDERS = READERS - {Role.INVENTOR, Role.UNIT_MANAGER}


def _held_by(roles: Collection[str]) -> Callable[[Membership], bool]:
    return lambda membership: membership.role in roles


# the word of the menu under which what is needed now and then lies
STOCK, POOL = "stock", "pool"


def _entry(  # one line per entry below
    label: Any, page: str, icon: str, order: int, roles: Collection[str], group: str = ""
) -> MenuEntry:
    return MenuEntry(label, f"inventory:{page}", icon, order, _held_by(roles), group)


BELONGING = (
    _entry(
        gettext_lazy("Unassigned patents"), "unassigned-list", "user-search", 15, REVIEWERS, STOCK
    ),
    _entry(gettext_lazy("Between units"), "transfer-list", "arrows-exchange", 16, REVIEWERS, STOCK),
    _entry(
        gettext_lazy("Confirmation sheets"),
        "confirmation-list",
        "file-certificate",
        14,
        READERS - {Role.INVENTOR},
        STOCK,
    ),
    _entry(
        gettext_lazy("Round-trip workbooks"),
        "workbook-list",
        "file-spreadsheet",
        17,
        REVIEWERS,
        STOCK,
    ),
)


def register() -> None:
    """Fill the kernel's registries; called once from AppConfig.ready."""
    lists = READERS - {Role.INVENTOR}
    navigation.add_menu_group(
        MenuGroup(STOCK, gettext_lazy("Running the campaign"), "calendar", 20)
    )
    navigation.add_menu_group(MenuGroup(POOL, gettext_lazy("Pool and transfer"), "database", 30))
    for entry in (
        _entry(gettext_lazy("My patents"), "my-patents", "file-text", 10, {Role.INVENTOR}),
        _entry(gettext_lazy("Work list"), "entry-list", "list-details", 11, lists),
        *BELONGING,
        _entry(gettext_lazy("Review"), "review-queue", "checklist", 12, REVIEWERS),
        _entry(gettext_lazy("Co-owned patents"), "co-owned-list", "users", 29, DECIDERS, STOCK),
        _entry(gettext_lazy("Number doctor"), "number-doctor", "microscope", 33, REVIEWERS, STOCK),
        _entry(gettext_lazy("Exclusions"), "exclusion-list", "circle-off", 30, DECIDERS, STOCK),
        _entry(gettext_lazy("City pool"), "pool-list", "database", 31, lists, POOL),
        _entry(gettext_lazy("Upload"), "upload-list", "file-upload", 32, UPLOADERS, STOCK),
        _entry(gettext_lazy("Urging"), "urge-list", "message-report", 39, URGED, STOCK),
        _entry(gettext_lazy("Campaigns"), "campaign-list", "calendar", 40, lists, STOCK),
        _entry(gettext_lazy("Key industries"), "key-industry-list", "flag", 41, KNOWING, STOCK),
    ):
        navigation.add_menu_entry(entry)
    for panel in PANELS:
        navigation.add_subject_panel(panel)
    navigation.add_home_panel(
        HomePanel("inventory/urge_banner.html", -10, _held_by(INSTITUTION_ROLES), urge_banner)
    )
    navigation.add_home_panel(
        HomePanel("components/later.html", 10, _held_by(REVIEWERS), _list_panel)
    )


def _no_context(membership: Membership, target: Any) -> dict[str, Any]:
    """The link to the number doctor says all by itself."""
    return {}


def _makes_workbooks(membership: Membership, organisation: Organisation) -> bool:
    return organisation.pk == membership.organisation_id and can_export_dossiers(membership)


def _workbooks(membership: Membership, organisation: Organisation) -> dict[str, Any]:
    """For which units a workbook would hold something."""
    return {"units": units_with_patents(membership)}


#: What stock-taking adds to pages of the kernel.
PANELS = (
    SubjectPanel(
        "portal.imports",
        "inventory/number_doctor_link.html",
        10,
        lambda membership, target: membership.role in REVIEWERS,
        _no_context,
    ),
    SubjectPanel("portal.unit", "inventory/unit_workbook.html", 10, _makes_workbooks, _workbooks),
)


def urge_banner(membership: Membership) -> dict[str, Any]:
    """Urgings that nobody of the receiving side has read."""
    received = Urge.objects.visible_to(membership).received_by(membership)
    return {"urges": list(received.unread().with_names().order_by("-pk")[:3])}


def _list_panel(membership: Membership) -> dict[str, Any]:
    """How far the own list is; what waits is on the to-do list."""
    return {"url": reverse("inventory:list-figures")}
