"""Whom and which units one may name as looking after a dossier."""

from __future__ import annotations

from django.db.models import QuerySet

from portal.choices import INSTITUTION_ROLES
from portal.models import Membership, Unit, User


def offered_units(membership: Membership) -> QuerySet[Unit]:
    """Active units of the own institution; below the own unit for its manager."""
    return Unit.objects.offered_to(membership).filter(is_active=True)


def offered_people(membership: Membership) -> QuerySet[User]:
    """Active people with an active role in the own institution, by name."""
    visible: QuerySet[User] = User.objects.visible_to(membership)
    working = visible.filter(
        is_active=True,
        memberships__is_active=True,
        memberships__organisation=membership.organisation_id,
        memberships__role__in=INSTITUTION_ROLES,
    )
    return working.distinct().order_by("name_key", "pk")
