"""How an institution goes about a campaign: its work plan (工作方案) and the milestones on the way."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import Goal
from inventory.models.campaigns import Campaign
from inventory.models.participations import CampaignInstitution
from portal.models import Membership, StoredFile


class PlanFileQuerySet(models.QuerySet["PlanFile"]):
    def visible_to(self, membership: Membership) -> PlanFileQuerySet:
        """Plans of the participations one may see."""
        seen = CampaignInstitution.objects.visible_to(membership)
        return self.filter(participation__in=seen.values("pk"))


class PlanFile(models.Model):
    """One version of an institution's work plan; the newest counts, the earlier ones stay."""

    participation = models.ForeignKey(
        CampaignInstitution,
        models.PROTECT,
        related_name="plans",
        db_index=False,
        verbose_name=_("participation"),
    )
    number = models.PositiveSmallIntegerField(_("number"))
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    uploaded_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)

    objects = PlanFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("work plan")
        verbose_name_plural = _("work plans")
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["participation", "number"], name="plan_number_unique"),
        )

    def __str__(self) -> str:
        return f"{self.participation_id} {self.number}"


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def visible_to(self, membership: Membership) -> MilestoneQuerySet:
        """Those of the campaigns one may see; an institution's own where one may see its participation."""
        seen = CampaignInstitution.objects.visible_to(membership)
        return self.filter(
            Q(participation__isnull=True) | Q(participation__in=seen.values("pk")),
            campaign__in=Campaign.objects.visible_to(membership).values("pk"),
        )


class Milestone(models.Model):
    """By a day, a share of the entries that count has reached a goal.

    Without a participation it is the campaign's, for everybody. With one it is the institution's own:
    a further one, or an earlier day for the campaign's (`replaces`).
    """

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="milestones", verbose_name=_("campaign")
    )
    participation = models.ForeignKey(
        CampaignInstitution,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="milestones",
        verbose_name=_("participation"),
    )
    replaces = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="replacements",
        verbose_name=_("earlier day for"),
    )
    name = models.CharField(_("name"), max_length=80)
    due_on = models.DateField(_("day"))
    goal = models.CharField(_("what must be reached"), max_length=16, choices=Goal.choices)
    # percent of the entries that count
    share = models.PositiveSmallIntegerField(
        _("share (%)"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("due_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(share__range=(1, 100)), name="milestone_share_in_percent"
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | Q(participation__isnull=False),
                name="milestone_only_institutions_replace",
            ),
            models.UniqueConstraint(
                fields=["participation", "replaces"], name="milestone_replaced_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "participation", "goal", "due_on"],
                nulls_distinct=False,
                name="milestone_unique",
                violation_error_message=_("There is a milestone for this on that day already."),
            ),
        )

    def __str__(self) -> str:
        return self.name
