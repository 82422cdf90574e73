"""Who may read the catalogue and say what an enterprise does. Pure: role only."""

from __future__ import annotations

from evaluation.models.catalogue import CATALOGUE_ROLES
from portal.choices import Role
from portal.models import Membership


def can_read_catalogue(membership: Membership) -> bool:
    return membership.role in CATALOGUE_ROLES


def can_edit_profile(membership: Membership) -> bool:
    """The enterprise says itself what it does."""
    return membership.role == Role.ENTERPRISE_CONTACT
