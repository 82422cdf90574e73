"""Patents in the palette: by application number, as anybody writes it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from inventory.models import Patent
from portal.lists.finding import MOST, Hit, add_finder
from portal.models import Membership
from portal.text import compact

SHORTEST = 4


def find_patents(words: str, membership: Membership) -> list[Hit]:
    """Patents whose number begins so, as far as this membership may see them."""
    number = compact(words).upper().removeprefix("CN").removeprefix("ZL").replace(".", "")
    if len(number) < SHORTEST or not number[:-1].isdecimal():
        return []
    found = Patent.objects.visible_to(membership).filter(application_number__startswith=number)
    return [
        Hit(patent.number, patent.get_absolute_url(), "certificate", patent.title[:60])
        for patent in found.order_by("application_number")[:MOST]
    ]


def register_finders() -> None:
    """Called once from AppConfig.ready."""
    add_finder(_("Patents"), find_patents)
