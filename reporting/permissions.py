"""Who may read coverage. Pure: role and organisation only."""

from __future__ import annotations

from portal.choices import INSTITUTION_KINDS, OFFICIAL_ROLES, OrganisationKind, Role
from portal.models import Membership

_BUREAUS = frozenset(
    {
        OrganisationKind.LEAD_BUREAU,
        OrganisationKind.DEPARTMENT,
        OrganisationKind.DISTRICT_OFFICE,
    }
)


def can_read_coverage(membership: Membership) -> bool:
    """Officials, managers of institutions, and auditors of both."""
    if membership.role == Role.AUDITOR:
        return membership.organisation.kind in _BUREAUS | INSTITUTION_KINDS
    return membership.role in OFFICIAL_ROLES or membership.role == Role.INSTITUTION_MANAGER


def can_refresh_coverage(membership: Membership) -> bool:
    """Have the figures counted anew: whoever reads them but auditors, who change nothing."""
    return can_read_coverage(membership) and membership.role != Role.AUDITOR
