"""What a dossier's page says of approved versions: carried into a campaign, or counting while a revision is open."""

from __future__ import annotations

from typing import Any

from inventory import permissions
from inventory.choices import DossierState
from inventory.dossier_content import Content
from inventory.dossier_fields import BY_NAME, CONTACT, in_words
from inventory.models import Dossier
from inventory.queries import dossiers as queries
from inventory.services import approvals
from inventory.services.dossiers import content_of, trail_of
from inventory.services.revisions import after_confirming
from portal.models import Membership


def panel(dossier: Dossier, membership: Membership) -> dict[str, Any]:
    """Context of inventory/dossier_revision.html; the differences only for people of the filing institution."""
    if dossier.state == DossierState.COMPLETED:
        waiting = list(
            approvals.to_confirm([dossier.pk]).select_related("campaign").order_by("due_on")
        )
        may = bool(waiting) and permissions.can_confirm_dossier(membership, dossier)
        return {
            "waiting": waiting,
            "approved": queries.last_approval(dossier) if waiting else None,
            "can_confirm": may,
            "goes_to": after_confirming(dossier, membership).label if may else "",
        }
    approved = approvals.approved_versions([dossier]).get(dossier.pk)
    if approved is None:
        return {}
    is_inside = membership.organisation_id == dossier.participation.institution_id
    content = approvals.content_from(approved, phone=dossier.contact_phone)
    return {
        "approved": approved,
        "is_open": True,
        "content": None if is_inside else content,
        "differences": differences(dossier, content, membership) if is_inside else [],
        "is_inside": is_inside,
        "can_withdraw": dossier.state == DossierState.DRAFT
        and permissions.can_revise_dossier(membership, dossier),
    }


def differences(
    dossier: Dossier, approved: Content, membership: Membership
) -> list[dict[str, Any]]:
    """Fields in which the revision differs from what counts, in the order of the template."""
    hidden = permissions.hidden_fields(membership, dossier)
    before, now = trail_of(approved), trail_of(content_of(dossier))
    return [
        {
            "field": BY_NAME[name].label,
            "before": _shown(name, before[name]),
            "after": _shown(name, now[name]),
        }
        for name in BY_NAME
        if name in now and before[name] != now[name] and name not in hidden
    ]


def _shown(name: str, value: Any) -> Any:
    """A value in words, the contact masked."""
    return CONTACT[name](value) if name in CONTACT else in_words(name, value)
