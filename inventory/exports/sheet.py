"""The whole 盘点表 in the order of the template, as labels and words: for the page, the drawer and the PDF file."""

from __future__ import annotations

from typing import Any, Final

from inventory import permissions
from inventory.dossier_content import Content
from inventory.dossier_fields import CONTACT, FIELDS, GROUPS, in_words
from inventory.models import Dossier
from inventory.services.dossiers import content_of, trail_of
from portal.models import Membership

LONG_FIELDS: Final = frozenset({"advantages", "prospects", "combination_note"})


def contact_of(dossier: Dossier, content: Content | None = None) -> dict[str, str]:
    """Whom to ask about a dossier: its own contact, or the institution's default one."""
    filled = content or dossier
    source = dossier.participation if filled.uses_default_contact else filled
    return {"contact_name": source.contact_name, "contact_phone": source.contact_phone}


def groups(
    dossier: Dossier, membership: Membership, approved: Content | None = None
) -> list[dict[str, Any]]:
    """The groups with their rows; secrets (value None) only for those who may read them, the contact masked.

    `approved` is shown in place of an open revision: others than the filing institution read what counts.
    """
    hidden = permissions.hidden_fields(membership, dossier)
    content = approved or content_of(dossier)
    values = trail_of(content)
    contact = contact_of(dossier, content)
    values |= {name: mask(contact[name]) for name, mask in CONTACT.items()}
    return [
        {
            "label": label,
            "rows": [
                {
                    "name": entry.name,
                    "column": entry.column,
                    "label": entry.label,
                    "value": in_words(entry.name, values[entry.name])
                    if entry.name not in hidden
                    else None,
                    "is_long": entry.name in LONG_FIELDS,
                    "stars": content.stars if entry.name == "stars" else None,
                    "is_masked": entry.name == "contact_phone"
                    and entry.name not in hidden
                    and bool(values[entry.name]),
                }
                for entry in FIELDS
                if entry.group == group
            ],
        }
        for group, label in GROUPS
    ]
