"""What enterprises, experts and service bodies see of the city pool."""

from __future__ import annotations

from collections.abc import Collection

from inventory.classification.industries import SECTION_NAMES
from inventory.models import PoolEntry
from inventory.models.dossiers import says_what_is_approved
from inventory.models.pool import PoolEntryQuerySet
from portal.choices import Role
from portal.models import Membership

CATALOGUE_ROLES = frozenset({Role.ENTERPRISE_CONTACT, Role.EXPERT, Role.SERVICE_CONTACT})


class CatalogueEntryQuerySet(PoolEntryQuerySet):
    def visible_to(self, membership: Membership) -> CatalogueEntryQuerySet:
        """Patents the city admitted whose dossier stands approved: nothing of a revision in the making."""
        if membership.role not in CATALOGUE_ROLES:
            return self.none()
        return self.in_pool().filter(says_what_is_approved("dossier__"))  # type: ignore[return-value]

    def of_sections(self, sections: Collection[str]) -> CatalogueEntryQuerySet:
        """Patents of these industry sections (门类)."""
        return self.filter(dossier__industry__in=sections)


class CatalogueEntry(PoolEntry):
    """A pool entry as outsiders see it; price, contact and funding are never read."""

    objects = CatalogueEntryQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def section_name(self) -> str:
        """Name of the industry section the institution named."""
        return SECTION_NAMES.get(self.dossier.industry, "")
