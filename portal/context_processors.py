"""What every page needs: the menu, the memberships to switch between, the number beside the bell."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from portal.navigation import menu_for


def portal(request: HttpRequest) -> dict[str, Any]:
    """`navigation`, `membership`, `memberships`, `unread` (notices of all of them); empty for visitors."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"navigation": [], "membership": None, "memberships": [], "unread": 0}
    links = [
        {"label": entry.label, "url": reverse(entry.url_name), "icon": entry.icon}
        for entry in menu_for(membership)
    ]
    here = max(
        (link["url"] for link in links if is_at(request.path, link["url"])), key=len, default=""
    )
    return {
        "navigation": [{**link, "is_current": link["url"] == here} for link in links],
        "membership": membership,
        "memberships": getattr(request, "memberships", []),
        "unread": sum(each.unread for each in getattr(request, "memberships", [])),
    }


def is_at(path: str, url: str) -> bool:
    """Whether a page lies under a menu entry; the start page holds only itself."""
    return path == url if url == "/" else path.startswith(url)
