"""What the page of a dossier says about whose patent it is."""

from __future__ import annotations

from typing import Any

from inventory import permissions
from inventory.models import Dossier
from inventory.services import transfers
from portal.models import Membership


def belonging(dossier: Dossier, membership: Membership) -> dict[str, Any]:
    """The open transfer, if the own institution's people look, and what they may do."""
    if dossier.participation.institution_id != membership.organisation_id:
        return {}
    transfer = transfers.open_transfer(dossier)
    is_movable = dossier.state in transfers.MOVABLE
    return {
        "transfer": transfer,
        "knows_transfer": permissions.can_see_unassigned(membership),
        "can_pass_on": is_movable and permissions.can_pass_on(membership, dossier),
        "can_disown": dossier.is_editable and permissions.can_disown(membership, dossier),
    }
