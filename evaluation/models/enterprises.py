"""What is known of an enterprise: which of the named kinds it is, and its industries."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from evaluation.choices import EnterpriseCategory
from portal.choices import OrganisationKind
from portal.models import Membership, Organisation


class EnterpriseProfileQuerySet(models.QuerySet["EnterpriseProfile"]):
    def visible_to(self, membership: Membership) -> EnterpriseProfileQuerySet:
        """One's own organisation's; the lead bureau, whose lists say it, everybody's."""
        if membership.organisation.kind == OrganisationKind.LEAD_BUREAU:
            return self
        return self.filter(organisation=membership.organisation_id)


class EnterpriseProfile(models.Model):
    """Categories and industry sections (门类) of an enterprise."""

    organisation = models.OneToOneField(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("enterprise")
    )
    categories = ArrayField(
        models.CharField(max_length=16, choices=EnterpriseCategory.choices),
        default=list,
        blank=True,
        verbose_name=_("kind of enterprise"),
    )
    sections = ArrayField(
        models.CharField(max_length=1),
        default=list,
        blank=True,
        verbose_name=_("industry sections"),
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = EnterpriseProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("enterprise profile")
        verbose_name_plural = _("enterprise profiles")

    def __str__(self) -> str:
        return str(self.organisation)
