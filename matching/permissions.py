"""Who may read what is offered. Pure: role only."""

from __future__ import annotations

from matching.models.supply import SUPPLY_ROLES
from portal.models import Membership


def can_read_supply(membership: Membership) -> bool:
    return membership.role in SUPPLY_ROLES
