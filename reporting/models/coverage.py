"""Stored coverage: a snapshot of a campaign as of a day, known at a moment, and its figures by group.

City figures count distinct patents, which takes a second over hundreds of thousands; so the board reads what a job
has counted. A snapshot never changes: a newer one is written beside it.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignScope
from inventory.models import Campaign
from portal.choices import OrganisationKind
from portal.models import Membership, Organisation
from reporting.choices import Dimension
from reporting.indicators import STORED, Counts


class CoverageSnapshotQuerySet(models.QuerySet["CoverageSnapshot"]):
    def visible_to(self, membership: Membership) -> CoverageSnapshotQuerySet:
        """Snapshots of the campaigns one may see; which figures of it is asked of the figures."""
        return self.filter(campaign__in=Campaign.objects.visible_to(membership).values("pk"))

    def closings(self) -> CoverageSnapshotQuerySet:
        return self.filter(is_closing=True)

    def latest_for(self, campaign: Campaign) -> CoverageSnapshot | None:
        """The newest snapshot of the running day, or of the last day that has one."""
        found = self.filter(campaign=campaign).select_related("campaign")
        return found.order_by("-valid_on", "-known_at", "-pk").first()

    def closing_of(self, campaign: Campaign, day: date) -> CoverageSnapshot | None:
        """The figures of a past day, counted after it was over."""
        found = self.filter(campaign=campaign, valid_on=day, is_closing=True)
        return found.select_related("campaign").first()


class CoverageSnapshot(models.Model):
    """One counting of one campaign."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="+", db_index=False, verbose_name=_("campaign")
    )
    valid_on = models.DateField(_("as of"))
    # everything recorded up to this moment was committed when it was counted
    known_at = models.DateTimeField(_("known at"))
    computed_at = models.DateTimeField(_("counted"), auto_now_add=True)
    milliseconds = models.PositiveIntegerField(_("time taken (ms)"), default=0)
    # counted after the day was over: a point of the trend
    is_closing = models.BooleanField(_("closing figures of the day"), default=False)
    # what the figures meant then
    scope = models.CharField(_("scope"), max_length=16, choices=CampaignScope.choices)
    cutoff_on = models.DateField(_("granted up to and including"))
    due_on = models.DateField(_("due on"))
    # digest of who belonged to which group
    structure = models.CharField(max_length=64, editable=False)

    objects = CoverageSnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("coverage snapshot")
        verbose_name_plural = _("coverage snapshots")
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "valid_on"],
                condition=Q(is_closing=True),
                name="coverage_one_closing",
            ),
        )
        indexes = (
            # CoverageSnapshotQuerySet.latest_for
            models.Index(fields=["campaign", "valid_on", "known_at"], name="coverage_latest"),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.valid_on}"


class CoverageFigureQuerySet(models.QuerySet["CoverageFigure"]):
    def visible_to(self, membership: Membership) -> CoverageFigureQuerySet:
        """The lead bureau all; others the figures of institutions in their charge and their own total."""
        kind = membership.organisation.kind
        if kind == OrganisationKind.LEAD_BUREAU:
            return self
        watched = Organisation.objects.watched_by(membership).values("pk")
        mine = Q(dimension=Dimension.INSTITUTION, organisation__in=watched)
        if kind == OrganisationKind.DEPARTMENT:
            mine |= Q(dimension=Dimension.BUREAU, organisation=membership.organisation_id)
        elif kind == OrganisationKind.DISTRICT_OFFICE:
            mine |= Q(dimension=Dimension.DISTRICT, key=membership.organisation.district)
        return self.filter(mine)


class CoverageFigure(models.Model):
    """The counts of one group of a snapshot, with the institutions it was made of."""

    snapshot = models.ForeignKey(
        CoverageSnapshot, models.CASCADE, related_name="figures", db_index=False
    )
    dimension = models.CharField(_("by"), max_length=12, choices=Dimension.choices)
    # id of the institution or bureau, code of the affiliation or district, "all" for the city
    key = models.CharField(max_length=32)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("organisation")
    )
    institutions = ArrayField(models.BigIntegerField(), verbose_name=_("institutions"))
    due = models.PositiveIntegerField(_("to be inventoried"))
    unfiled = models.PositiveIntegerField(_("not filed"))
    draft = models.PositiveIntegerField(_("draft"))
    unit_review = models.PositiveIntegerField(_("at the unit"))
    institution_review = models.PositiveIntegerField(_("at the institution"))
    to_confirm = models.PositiveIntegerField(_("to be confirmed"), default=0, db_default=0)
    covered = models.PositiveIntegerField(_("complete"))
    revising = models.PositiveIntegerField(_("being revised"))
    transformed = models.PositiveIntegerField(_("transformed"))
    three_stars_up = models.PositiveIntegerField(_("three stars and up"))
    in_pool = models.PositiveIntegerField(_("in the pool"))
    # NULL in figures counted before these were
    admitted = models.PositiveIntegerField(_("in the city pool"), null=True)
    uploaded = models.PositiveIntegerField(_("on the national platform"), null=True)
    upload_changed = models.PositiveIntegerField(_("changed since the upload"), null=True)
    upload_returned = models.PositiveIntegerField(_("returned by the platform"), null=True)
    excluded = models.PositiveIntegerField(_("excluded"))

    objects = CoverageFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("coverage figure")
        verbose_name_plural = _("coverage figures")
        constraints = (
            models.UniqueConstraint(
                fields=["snapshot", "dimension", "key"], name="coverage_figure_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.dimension} {self.key}: {self.covered} / {self.due}"

    @property
    def counts(self) -> Counts:
        return Counts(**{name: getattr(self, name) for name in STORED})
