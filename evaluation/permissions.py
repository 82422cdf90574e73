"""Who may read the catalogue, say what an enterprise does, load lists, keep the experts. Pure: role only."""

from __future__ import annotations

from evaluation.models.catalogue import CATALOGUE_ROLES
from portal.choices import OrganisationKind, Role
from portal.models import Membership


def can_read_catalogue(membership: Membership) -> bool:
    return membership.role in CATALOGUE_ROLES


def can_edit_profile(membership: Membership) -> bool:
    """The enterprise says itself what it does."""
    return membership.role == Role.ENTERPRISE_CONTACT


def can_import_enterprises(membership: Membership) -> bool:
    """Lists of enterprises: the lead bureau, which organises their evaluation."""
    return membership.role == Role.CITY_OFFICIAL


def can_list_experts(membership: Membership) -> bool:
    """The lead bureau keeps the pool; its auditor looks on."""
    is_of_bureau = membership.organisation.kind == OrganisationKind.LEAD_BUREAU
    return is_of_bureau and membership.role in (Role.CITY_OFFICIAL, Role.AUDITOR)


def can_keep_experts(membership: Membership) -> bool:
    """Load lists of experts, admit, remove, look at contacts."""
    return membership.role == Role.CITY_OFFICIAL
