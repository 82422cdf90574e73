"""The merge of a dossier: which fields go together, and the three values in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from inventory.dossier_fields import in_words, label_of
from inventory.models import Dossier
from inventory.services.dossiers import content_of, trail_of
from portal import merging
from portal.merging import Merge

#: Fields that only make sense together are kept together.
TOGETHER = {
    "amounts": "statuses",
    "fees": "intents",
    "contact_name": "uses_default_contact",
    "contact_phone": "uses_default_contact",
    "industry_division": "industry",
}


def unit_of(name: str) -> str:
    return TOGETHER.get(name, name)


def merge_of(dossier: Dossier, mine: Any, *, seen: int, posted: Mapping[str, Any]) -> Merge:
    """What is stored against what was typed (a Content) on the version seen."""
    theirs = trail_of(content_of(dossier))
    return merging.merge(
        dossier, seen=seen, theirs=theirs, mine=trail_of(mine), posted=posted, unit_of=unit_of
    )


def shown(merge: Merge, dossier: Dossier) -> dict[str, Any]:
    """Context of components/merge.html."""
    return {
        **merging.shown(merge, label_of=label_of, words_of=in_words),
        "form_id": "dossier-form",
        "reload_url": reverse("inventory:dossier-edit", args=[dossier.pk]),
    }


def since_in_words(dossier: Dossier, posted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Who changed which fields when, after the version a refused save had seen."""
    seen = str(posted.get("version", ""))
    entries = merging.changes_since(dossier, int(seen)) if seen.isdecimal() else []
    return [
        {
            "who": entry.user.name if entry.user else gettext("System"),
            "at": entry.at,
            "changes": "、".join(label_of(name) for name in entry.changes),
        }
        for entry in entries
    ]
