"""What stock-taking adds to the main menu and to the start page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.choices import DossierState, UploadStanding
from inventory.models import BaseListEntry, Urge
from inventory.models.goals import DUE_SOON
from portal import clock, navigation
from portal.choices import INSTITUTION_ROLES, OFFICIAL_ROLES, Role
from portal.models import Membership
from portal.navigation import HomePanel, MenuEntry, MenuGroup

READERS = frozenset(
    {*OFFICIAL_ROLES, Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER, Role.INVENTOR, Role.AUDITOR}
)
REVIEWERS = frozenset({Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER})
KNOWING = READERS - {Role.INVENTOR} | {Role.SYSTEM_ADMIN}
_OPEN = Q(confirmed_on__isnull=True)
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
        _entry(gettext_lazy("Exclusions"), "exclusion-list", "circle-off", 30, DECIDERS, STOCK),
        _entry(gettext_lazy("City pool"), "pool-list", "database", 31, lists, POOL),
        _entry(gettext_lazy("Upload"), "upload-list", "file-upload", 32, UPLOADERS, STOCK),
        _entry(gettext_lazy("Urging"), "urge-list", "message-report", 39, URGED, STOCK),
        _entry(gettext_lazy("Campaigns"), "campaign-list", "calendar", 40, lists, STOCK),
        _entry(gettext_lazy("Key industries"), "key-industry-list", "flag", 41, KNOWING, STOCK),
    ):
        navigation.add_menu_entry(entry)
    navigation.add_home_panel(
        HomePanel("inventory/urge_banner.html", -10, _held_by(INSTITUTION_ROLES), urge_banner)
    )
    navigation.add_home_panel(
        HomePanel("inventory/home_list.html", 10, _held_by(REVIEWERS), list_panel)
    )


def urge_banner(membership: Membership) -> dict[str, Any]:
    """Urgings that nobody of the receiving side has read."""
    received = Urge.objects.visible_to(membership).received_by(membership)
    return {"urges": list(received.unread().with_names().order_by("-pk")[:3])}


def list_panel(membership: Membership) -> dict[str, Any]:
    """How far the own list is, as figures that open to their rows; what waits is on the to-do list."""
    return {"figures": _list_figures(membership)}


def _list_figures(membership: Membership) -> list[dict[str, Any]]:
    """State of the own institution's or unit's list."""
    today = clock.today()
    counts = (
        BaseListEntry.objects.visible_to(membership)
        .included()
        .aggregate(
            unfiled=Count("pk", filter=_OPEN & Q(dossier__state=DossierState.UNFILED)),
            draft=Count("pk", filter=_OPEN & Q(dossier__state=DossierState.DRAFT)),
            to_confirm=Count("pk", filter=_OPEN & Q(dossier__state=DossierState.COMPLETED)),
            complete=Count("pk", filter=~_OPEN),
            late=Count("pk", filter=_OPEN & Q(due_on__lt=today)),
            soon=Count("pk", filter=_OPEN & Q(due_on__range=(today, today + DUE_SOON))),
            returned=Count("pk", filter=Q(dossier__upload_standing=UploadStanding.RETURNED)),
        )
    )
    url_name = "inventory:entry-list"
    figures = [
        _figure(
            _("Not filed"), counts["unfiled"], url_name, "state=unfiled&standing=open&included=yes"
        ),
        _figure(_("Drafts"), counts["draft"], url_name, "state=draft&standing=open&included=yes"),
        _figure(_("Overdue"), counts["late"], url_name, "late=yes", "danger"),
        _figure(_("Due within 14 days"), counts["soon"], url_name, "late=soon", "warning"),
        _figure(
            _("Returned by the national platform"),
            counts["returned"],
            url_name,
            "upload=returned&included=yes",
            "danger",
        ),
        _figure(
            _("Stock-taking complete"), counts["complete"], url_name, "standing=done", "success"
        ),
    ]
    if counts["to_confirm"]:
        label = _("Answers of before, to be confirmed")
        figures.insert(2, _figure(label, counts["to_confirm"], url_name, "standing=to_confirm"))
    return figures


def _figure(
    label: str, value: int, url_name: str, query: str = "", tone: str = ""
) -> dict[str, Any]:
    url = reverse(url_name) + (f"?{query}" if query else "")
    return {"label": label, "value": value, "url": url, "tone": tone if value else ""}
