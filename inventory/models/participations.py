"""An institution's part in a campaign."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import FilingMode
from inventory.models.campaigns import READERS, Campaign
from portal.fields import EncryptedTextField
from portal.models import Membership, Organisation, Unit


class CampaignInstitutionQuerySet(models.QuerySet["CampaignInstitution"]):
    def visible_to(self, membership: Membership) -> CampaignInstitutionQuerySet:
        """Participations of the institutions in one's charge."""
        if membership.role not in READERS:
            return self.none()
        return self.filter(Organisation.objects.is_watched(membership, "institution"))


class CampaignInstitution(models.Model):
    """An institution's part in a campaign: review steps, way of filing, default contact."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="participations", verbose_name=_("campaign")
    )
    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="participations", verbose_name=_("institution")
    )
    review_steps = models.PositiveSmallIntegerField(
        _("review steps"), choices=((1, _("One step")), (2, _("Two steps"))), default=2
    )
    filing_mode = models.CharField(
        _("way of filing"), max_length=8, choices=FilingMode.choices, default=FilingMode.ACCOUNTS
    )
    contact_name = models.CharField(_("default contact"), max_length=80, blank=True, default="")
    contact_phone = EncryptedTextField(_("phone of the default contact"), blank=True, default="")
    # 责任部门 with two contacts, as the city's plan asks of each institution
    responsible_unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("responsible unit"),
    )
    responsible_name = models.CharField(
        _("responsible office, where it is no unit"),
        max_length=120,
        blank=True,
        default="",
        db_default="",
    )
    first_contact_name = models.CharField(
        _("first contact"), max_length=80, blank=True, default="", db_default=""
    )
    first_contact_phone = EncryptedTextField(
        _("phone or mail of the first contact"), blank=True, default="", db_default=""
    )
    second_contact_name = models.CharField(
        _("second contact"), max_length=80, blank=True, default="", db_default=""
    )
    second_contact_phone = EncryptedTextField(
        _("phone or mail of the second contact"), blank=True, default="", db_default=""
    )
    # how many entries count, kept by the database (migration 0030): the largest campaign has more than a million
    listed = models.PositiveIntegerField(
        _("patents that count"), default=0, db_default=0, editable=False
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = CampaignInstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "institution"], name="participation_unique"
            ),
            models.CheckConstraint(
                condition=Q(review_steps__in=[1, 2]), name="participation_one_or_two_steps"
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign} · {self.institution}"

    @property
    def responsible(self) -> str:
        """责任部门: the unit, or the office by its name."""
        return self.responsible_unit.name if self.responsible_unit else self.responsible_name
