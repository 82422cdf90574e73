"""What every page needs: the menu, the memberships to switch between, the number beside the bell."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal.models import Membership
from portal.navigation import MenuGroup, menu_for, menu_groups


def portal(request: HttpRequest) -> dict[str, Any]:
    """`navigation`, `membership`, `memberships`, `unread` (notices of all of them); empty for visitors."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"navigation": [], "membership": None, "memberships": [], "unread": 0}
    return {
        "navigation": navigation(membership, request.path),
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
        "unread": sum(each.unread for each in getattr(request, "memberships", [])),
    }


def navigation(membership: Membership, path: str) -> list[dict[str, Any]]:
    """The main menu in order: links, and groups with their links in `entries`; a group of one link is that link."""
    found = menu_for(membership)
    urls = {entry: reverse(entry.url_name) for entry in found}
    here = max((url for url in urls.values() if is_at(path, url)), key=len, default="")
    items: list[dict[str, Any]] = []
    folded: dict[str, list[dict[str, Any]]] = {}
    for entry in found:
        url = urls[entry]
        link = {
            "label": entry.label,
            "url": url,
            "icon": entry.icon,
            "order": entry.order,
            "is_current": url == here,
        }
        (folded.setdefault(entry.group, []) if entry.group else items).append(link)
    items += [_group(menu_groups()[name], entries) for name, entries in folded.items()]
    return sorted(items, key=lambda item: item["order"])


def _group(group: MenuGroup, entries: list[dict[str, Any]]) -> dict[str, Any]:
    if len(entries) == 1:
        return entries[0]
    return {
        "label": group.label,
        "icon": group.icon,
        "order": group.order,
        "entries": entries,
        "is_current": any(entry["is_current"] for entry in entries),
    }


def is_at(path: str, url: str) -> bool:
    """Whether a page lies under a menu entry; the start page holds only itself."""
    return path == url if url == "/" else path.startswith(url)
