"""What a reviewer should see first of a dossier, and how stars are spread: both stored, both worked out anew."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.choices import FindingKind, Stars
from inventory.models.dossiers import Dossier
from portal.choices import Role
from portal.models import Membership, Organisation, Unit


class DossierFindingQuerySet(models.QuerySet["DossierFinding"]):
    def visible_to(self, membership: Membership) -> DossierFindingQuerySet:
        """Findings are for the reviewers of the filing institution: its managers and those of its units."""
        if membership.role not in (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER):
            return self.none()
        mine = Dossier.objects.visible_to(membership).filter(
            participation__institution=membership.organisation_id
        )
        return self.filter(dossier__in=mine)


class DossierFinding(models.Model):
    """One thing about a dossier under review; written by services.findings, never by a person."""

    dossier = models.ForeignKey(
        Dossier, models.CASCADE, related_name="findings", verbose_name=_("dossier")
    )
    kind = models.CharField(_("finding"), max_length=12, choices=FindingKind.choices)
    # names of fields (dossier_fields) the finding is about
    fields = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("fields"))
    weight = models.PositiveSmallIntegerField(_("weight"))

    objects = DossierFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ("dossier", "-weight")
        constraints = (
            models.UniqueConstraint(fields=["dossier", "kind"], name="finding_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=FindingKind.values), name="finding_kind_known"
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class StarCount(models.Model):
    """How many complete dossiers of a unit carry so many stars: counted every hour, never typed."""

    institution = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    stars = models.PositiveSmallIntegerField(_("own rating"), choices=Stars.choices)
    count = models.PositiveIntegerField(_("count"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("count of stars")
        verbose_name_plural = _("counts of stars")
        constraints = (
            models.UniqueConstraint(
                fields=["institution", "unit", "stars"],
                nulls_distinct=False,
                name="star_count_unique",
            ),
        )

    def __str__(self) -> str:
        return f"{self.institution_id}/{self.unit_id}: {self.stars} × {self.count}"
