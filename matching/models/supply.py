"""What is offered: the intents of patents in the city pool."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from inventory.choices import IntentLevel1
from inventory.models import IntentMark, PoolEntry
from inventory.models.dossiers import says_what_is_approved
from portal.choices import OFFICIAL_ROLES, Role
from portal.models import Membership, Organisation

SUPPLY_ROLES = frozenset({*OFFICIAL_ROLES, Role.INSTITUTION_MANAGER})


class SupplyIntentQuerySet(models.QuerySet["SupplyIntent"]):
    def visible_to(self, membership: Membership) -> SupplyIntentQuerySet:
        """Approved offers of patents in the pool, of institutions in one's charge; own use is no offer."""
        if membership.role not in SUPPLY_ROLES:
            return self.none()
        pool = PoolEntry.objects.in_pool().filter(dossier=OuterRef("dossier"))
        if membership.role != Role.CITY_OFFICIAL:
            pool = pool.filter(Organisation.objects.is_watched(membership, "institution"))
        return self.exclude(level1=IntentLevel1.SELF_USE).filter(
            Exists(pool), says_what_is_approved("dossier__")
        )


class SupplyIntent(IntentMark):
    """One thing a holder would do with a pool patent."""

    objects = SupplyIntentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def offer(self) -> str:
        """The offer in words: its detail, the holder's own wording, or the main intent."""
        detail = self.wording or self.get_level2_display()
        main = self.get_level1_display()
        return _("%(main)s: %(detail)s") % {"main": main, "detail": detail} if detail else main
