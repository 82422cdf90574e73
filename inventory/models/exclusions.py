"""Requests to take entries off a base list: what was asked, what the register said, how it was decided."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import PATENT_WIDE_REASONS, ExclusionReason, ExclusionState
from inventory.holder_choices import LIVE_EXCLUSIONS, Verdict
from inventory.models.campaigns import BaseListEntry
from inventory.models.patents import HolderChange
from portal import clock
from portal.calendar import period_end
from portal.models import Membership, Organisation, StoredFile


class ExclusionQuerySet(models.QuerySet["Exclusion"]):
    def visible_to(self, membership: Membership) -> ExclusionQuerySet:
        """Exclusions of the entries one may see."""
        return self.filter(entry__in=BaseListEntry.objects.visible_to(membership).values("pk"))

    def waiting(self) -> ExclusionQuerySet:
        """Requests and appeals on which the lead bureau has to decide."""
        return self.filter(state__in=(ExclusionState.REQUESTED, ExclusionState.APPEALED))

    def live(self) -> ExclusionQuerySet:
        return self.filter(state__in=LIVE_EXCLUSIONS)


class Exclusion(models.Model):
    """A request to take an entry off the base list, with reason and evidence, decided by the lead bureau."""

    entry = models.ForeignKey(
        BaseListEntry, models.PROTECT, related_name="exclusions", verbose_name=_("entry")
    )
    reason = models.CharField(_("reason"), max_length=20, choices=ExclusionReason.choices)
    explanation = models.TextField(_("explanation and evidence"), max_length=2000)
    evidence = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name=_("evidence file")
    )
    # day from which the entry no longer counts
    effective_on = models.DateField(_("effective on"))
    # reasons of transfer: to whom, and when the change was registered
    new_holder = models.CharField(
        _("new holder"), max_length=300, blank=True, default="", db_default=""
    )
    new_institution = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("new holder (organisation)"),
    )
    registered_on = models.DateField(_("day of registration"), null=True, blank=True)
    # what the register said when it was asked: inventory.exclusion_rules
    verdict = models.PositiveSmallIntegerField(
        _("what the register says"),
        choices=Verdict.choices,
        default=Verdict.DOUBTFUL,
        db_default=Verdict.DOUBTFUL,
    )
    findings = models.JSONField(_("findings"), default=dict, db_default={})
    state = models.CharField(
        _("state"), max_length=10, choices=ExclusionState.choices, default=ExclusionState.REQUESTED
    )
    requested_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"), auto_now_add=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision_note = models.TextField(_("note of the decision"), blank=True, default="")
    # the change of holder that an approval wrote into the register
    holder_change = models.OneToOneField(
        HolderChange,
        models.PROTECT,
        null=True,
        related_name="exclusion",
        verbose_name=_("change of holder"),
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ExclusionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(state__in=LIVE_EXCLUSIONS),
                name="exclusion_one_live",
                violation_error_message=_("An exclusion of this entry was requested already."),
            ),
        )
        indexes = (
            # the lead bureau's queue, doubtful ones first
            models.Index(fields=["verdict", "id"], name="exclusion_queue"),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.reason}"

    @property
    def is_patent_wide(self) -> bool:
        """Whether every holder's entry leaves the list, not only this institution's."""
        return self.reason in PATENT_WIDE_REASONS

    @property
    def appeal_until(self) -> date | None:
        """Last day for an appeal against a refusal; None where nothing was refused."""
        if self.state != ExclusionState.REFUSED or self.decided_at is None:
            return None
        decided_on = self.decided_at.astimezone(clock.SHANGHAI).date()
        return period_end(decided_on, self.entry.campaign.appeal_days)


class ExclusionStepQuerySet(models.QuerySet["ExclusionStep"]):
    def visible_to(self, membership: Membership) -> ExclusionStepQuerySet:
        """Steps of the requests one may see."""
        return self.filter(exclusion__in=Exclusion.objects.visible_to(membership).values("pk"))

    def of(self, exclusion: Exclusion) -> ExclusionStepQuerySet:
        """Newest first, with the people."""
        found = self.filter(exclusion=exclusion).order_by("-pk")
        return found.select_related("actor__user", "actor__organisation", "evidence")


class ExclusionStep(models.Model):
    """One step of a request: asked, decided, appealed, withdrawn, revoked; who, when, why."""

    exclusion = models.ForeignKey(
        Exclusion, models.PROTECT, related_name="steps", verbose_name=_("exclusion")
    )
    to_state = models.CharField(_("to"), max_length=10, choices=ExclusionState.choices)
    actor = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("time"))
    note = models.TextField(_("reason"), max_length=2000, blank=True, default="")
    evidence = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name=_("evidence file")
    )

    objects = ExclusionStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step of an exclusion")
        verbose_name_plural = _("steps of exclusions")
        ordering = ("exclusion", "-pk")

    def __str__(self) -> str:
        return f"{self.exclusion_id} → {self.to_state}"


def has_live_exclusion(outer: str = "pk") -> Exists:
    """Condition on entries: a request waits or was approved."""
    return Exists(Exclusion.objects.live().filter(entry=OuterRef(outer)))
