"""The palette: where one can go by a word. Apps register what can be found by number or name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.lists.registry import lists_for
from portal.lists.saved import address_of
from portal.models import Membership, SavedView
from portal.navigation import menu_for
from portal.text import fold

MOST = 8


@dataclass(frozen=True)
class Hit:
    """A place to go."""

    label: str
    url: str
    icon: str
    hint: str = ""


Finder = Callable[[str, Membership], list[Hit]]
_finders: list[tuple[Any, Finder]] = []


def add_finder(label: Any, finder: Finder) -> None:
    """A further kind of thing that the palette finds; `finder` asks within the rights of the membership."""
    _finders.append((label, finder))


def find(words: str, membership: Membership) -> list[tuple[Any, list[Hit]]]:
    """[(kind, hits)]; without a word the pages of the menu and the saved views."""
    groups: list[tuple[Any, list[Hit]]] = [
        (_("Pages of the menu"), _pages(words, membership)),
        (_("Saved views"), _views(words, membership)),
    ]
    if words:
        groups += [(label, finder(words, membership)[:MOST]) for label, finder in _finders]
    return [(label, hits) for label, hits in groups if hits]


def _pages(words: str, membership: Membership) -> list[Hit]:
    wanted = fold(words)
    return [
        Hit(str(entry.label), reverse(entry.url_name), entry.icon)
        for entry in menu_for(membership)
        if wanted in fold(str(entry.label))
    ]


def _views(words: str, membership: Membership) -> list[Hit]:
    lists = {spec.name: spec for spec in lists_for(membership)}
    found = SavedView.objects.visible_to(membership).filter(list_name__in=lists)
    if words:
        found = found.filter(name__icontains=words)
    return [
        Hit(
            view.name,
            reverse(lists[view.list_name].url_name) + address_of(view, lists[view.list_name]),
            "bookmark",
            str(lists[view.list_name].label),
        )
        for view in found.order_by("name", "pk")[:MOST]
    ]
