"""学院确认表: what a unit confirmed on paper, dossier by dossier, and the scan with its stamp."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.choices import ConfirmationState, DossierState, StepAct
from inventory.models.campaigns import Campaign
from inventory.models.dossiers import Dossier, DossierStep
from portal.choices import Role
from portal.models import Membership, Organisation, StoredFile, Unit

#: Approval takes a confirmed dossier on; every other step takes it back.
# steps that change nothing of what a sheet lists; confirmed unchanged in the next campaign, last year's sheet holds
KEEPS = (StepAct.APPROVE, StepAct.CONFIRM)


class UnitConfirmationQuerySet(models.QuerySet["UnitConfirmation"]):
    def visible_to(self, membership: Membership) -> UnitConfirmationQuerySet:
        """A unit's own and those below it; all of the institutions in one's charge."""
        if membership.role == Role.UNIT_MANAGER:
            if membership.unit is None:
                return self.none()
            return self.filter(unit__in=Unit.objects.below(membership.unit))
        if membership.role in (
            Role.INSTITUTION_MANAGER,
            Role.AUDITOR,
            Role.CITY_OFFICIAL,
            Role.DEPARTMENT_OFFICIAL,
            Role.DISTRICT_OFFICIAL,
        ):
            return self.filter(Organisation.objects.is_watched(membership, "institution"))
        return self.none()

    def with_standing(self) -> UnitConfirmationQuerySet:
        """With `is_void`: whether a listed dossier was returned or reopened since."""
        changed = ConfirmationLine.objects.changed_since().filter(confirmation=OuterRef("pk"))
        return self.annotate(is_void=Exists(changed))


class UnitConfirmation(models.Model):
    """A list of approved dossiers with counts and a digest, as a PDF file for the stamp."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="confirmations", verbose_name=_("campaign")
    )
    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=ConfirmationState.choices,
        default=ConfirmationState.MAKING,
    )
    made_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    count = models.PositiveIntegerField(_("dossiers"), default=0)
    # SHA-256 over the canonical content of the listed dossiers (services.confirmations)
    digest = models.CharField(_("digest"), max_length=64, blank=True, default="")
    sheet = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name=_("sheet")
    )
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name=_("stamped scan")
    )
    scanned_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    scanned_at = models.DateTimeField(_("uploaded"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = UnitConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmation sheet")
        verbose_name_plural = _("confirmation sheets")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=ConfirmationState.STAMPED)
                | Q(scan__isnull=False, scanned_by__isnull=False, scanned_at__isnull=False),
                name="confirmation_stamped_has_scan",
            ),
            # one sheet of a unit is made at a time
            models.UniqueConstraint(
                fields=["campaign", "unit"],
                condition=Q(state=ConfirmationState.MAKING),
                name="confirmation_one_in_making",
            ),
        )
        indexes = (
            # the list of an institution, newest first
            models.Index(fields=["institution", "-id"], name="confirmation_of_institution"),
        )

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("inventory:confirmation-detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number printed on the sheet: QR, the campaign, the sheet."""
        return f"QR-{self.campaign_id:03d}-{self.pk:06d}"


class ConfirmationLineQuerySet(models.QuerySet["ConfirmationLine"]):
    def changed_since(self) -> ConfirmationLineQuerySet:
        """Lines whose dossier was taken back after the sheet was made: by a return, a revision, a new start.

        Content changes in drafts only, so it cannot change without such a step.
        """
        later = DossierStep.objects.filter(
            dossier=OuterRef("dossier"), version__gt=OuterRef("version")
        ).exclude(act__in=KEEPS)
        is_taken_back = ~Q(dossier__state__in=CONFIRMED) & Q(dossier__is_confirming=False)
        return self.filter(Exists(later) | is_taken_back)


#: States in which a unit has approved a dossier.
CONFIRMED = (DossierState.INSTITUTION_REVIEW, DossierState.COMPLETED)


class ConfirmationLine(models.Model):
    """One dossier of a sheet at the version confirmed."""

    confirmation = models.ForeignKey(
        UnitConfirmation, models.CASCADE, related_name="lines", verbose_name=_("confirmation sheet")
    )
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="+", verbose_name=_("dossier")
    )
    version = models.PositiveIntegerField(_("version"))

    objects = ConfirmationLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line of a confirmation sheet")
        verbose_name_plural = _("lines of confirmation sheets")
        constraints = (
            models.UniqueConstraint(
                fields=["confirmation", "dossier"], name="confirmation_line_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.confirmation_id}: {self.dossier_id} v{self.version}"
