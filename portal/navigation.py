"""The panels and menu entries that upper apps add to the kernel's pages: one registry, filled in AppConfig.ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.models import Membership


@dataclass(frozen=True)
class MenuGroup:
    """Entries folded under one word of the main menu; `order` is its place among the entries without a group."""

    name: str
    label: Any
    icon: str
    order: int


@dataclass(frozen=True)
class MenuEntry:
    """A link of the main menu, shown when `shown_to` says so; `order` sorts, `group` folds it under a MenuGroup."""

    label: Any
    url_name: str
    icon: str
    order: int
    shown_to: Callable[[Membership], bool]
    group: str = ""


@dataclass(frozen=True)
class HomePanel:
    """A panel of the start page: a template and the function that makes its context."""

    template: str
    order: int
    shown_to: Callable[[Membership], bool]
    context: Callable[[Membership], dict[str, Any]]


@dataclass(frozen=True)
class SubjectPanel:
    """A panel that an upper app puts on a lower app's page, e.g. on the patent page ('inventory.patent')."""

    subject: str
    template: str
    order: int
    shown_to: Callable[[Membership, Any], bool]
    context: Callable[[Membership, Any], dict[str, Any]]


_menu: list[MenuEntry] = []
_groups: dict[str, MenuGroup] = {}
_home: list[HomePanel] = []
_subjects: list[SubjectPanel] = []


def add_menu_entry(entry: MenuEntry) -> None:
    _menu.append(entry)
    _menu.sort(key=lambda item: item.order)


def add_menu_group(group: MenuGroup) -> None:
    _groups[group.name] = group


def menu_groups() -> dict[str, MenuGroup]:
    """The groups by name."""
    return _groups


def add_home_panel(panel: HomePanel) -> None:
    _home.append(panel)
    _home.sort(key=lambda item: item.order)


def add_subject_panel(panel: SubjectPanel) -> None:
    _subjects.append(panel)
    _subjects.sort(key=lambda item: item.order)


def menu_for(membership: Membership) -> list[MenuEntry]:
    return [entry for entry in _menu if entry.shown_to(membership)]


def home_panels_for(membership: Membership) -> list[tuple[str, dict[str, Any]]]:
    """[(template, context)] of the start page."""
    return [
        (panel.template, panel.context(membership)) for panel in _home if panel.shown_to(membership)
    ]


def panels_on(
    subject: str, membership: Membership, target: Any
) -> list[tuple[str, dict[str, Any]]]:
    """[(template, context)] of the panels other apps put on a page about `target`."""
    return [
        (panel.template, panel.context(membership, target))
        for panel in _subjects
        if panel.subject == subject and panel.shown_to(membership, target)
    ]
