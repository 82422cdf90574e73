"""The whole 盘点表 in the order of the template, as labels and words: for the page, the drawer and the PDF file."""

from __future__ import annotations

from typing import Any, Final

from inventory import permissions
from inventory.dossier_content import Content
from inventory.dossier_fields import CONFIDENTIAL, FIELDS, GROUPS, in_words
from inventory.models import Dossier
from inventory.services.dossiers import content_of, trail_of
from portal.models import Membership

LONG_FIELDS: Final = frozenset({"advantages", "prospects", "combination_note"})


def groups(
    dossier: Dossier, membership: Membership, approved: Content | None = None
) -> list[dict[str, Any]]:
    """The groups with their rows; secrets (value None) only for those who may read them.

    `approved` is shown in place of an open revision: others than the filing institution read what counts.
    """
    may_read = permissions.can_read_confidential(membership, dossier)
    content = approved or content_of(dossier)
    values = trail_of(content)
    if content.uses_default_contact:
        values["contact_name"] = dossier.participation.contact_name
        values["contact_phone"] = dossier.participation.contact_phone
    return [
        {
            "label": label,
            "rows": [
                {
                    "name": entry.name,
                    "column": entry.column,
                    "label": entry.label,
                    "value": in_words(entry.name, values[entry.name])
                    if may_read or entry.name not in CONFIDENTIAL
                    else None,
                    "is_long": entry.name in LONG_FIELDS,
                    "stars": content.stars if entry.name == "stars" else None,
                }
                for entry in FIELDS
                if entry.group == group
            ],
        }
        for group, label in GROUPS
    ]
