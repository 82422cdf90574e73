"""Urging (督办): who was asked to hurry, with which figures at that moment, who read it and what was answered."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.models.campaigns import Campaign
from portal.choices import OFFICIAL_ROLES, Role
from portal.models import Membership, Organisation, Unit, User


class UrgeQuerySet(models.QuerySet["Urge"]):
    def visible_to(self, membership: Membership) -> UrgeQuerySet:
        """Both sides: what one's own office sent, and what was sent to the own institution, unit or person."""
        own = Q(institution=membership.organisation_id)
        sent = Q(sender__organisation=membership.organisation_id, sender__role=membership.role)
        borders: dict[str, Q] = {
            **dict.fromkeys(OFFICIAL_ROLES, sent),
            Role.CITY_OFFICIAL: Q(unit__isnull=True, person__isnull=True),
            Role.INSTITUTION_MANAGER: own,
            Role.AUDITOR: own,
            Role.INVENTOR: own & Q(person=membership.user_id),
        }
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            below = Q(unit__in=Unit.objects.below(membership.unit))
            return self.filter(own & (below | Q(sender=membership)))
        border = borders.get(membership.role)
        return self.none() if border is None else self.filter(border)

    def received_by(self, membership: Membership) -> UrgeQuerySet:
        """Those this membership is to answer."""
        own = self.filter(institution=membership.organisation_id)
        if membership.role == Role.INSTITUTION_MANAGER:
            return own.filter(unit__isnull=True, person__isnull=True)
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            return own.filter(unit=membership.unit, person__isnull=True)
        if membership.role == Role.INVENTOR:
            return own.filter(person=membership.user_id)
        return self.none()

    def unread(self) -> UrgeQuerySet:
        return self.filter(read_at__isnull=True)

    def unanswered(self) -> UrgeQuerySet:
        return self.filter(answered_at__isnull=True)

    def with_names(self) -> UrgeQuerySet:
        return self.select_related(
            "campaign",
            "institution",
            "unit",
            "person",
            "sender__user",
            "sender__organisation",
            "read_by__user",
            "answered_by__user",
        )


class Urge(models.Model):
    """One urging of one institution, one unit of it, or one person."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="urges", verbose_name=_("campaign")
    )
    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    # a manager urges units of the institution, a unit's manager urges people: one of these, or none
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    sender = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("sender")
    )
    text = models.TextField(_("text"), max_length=2000)
    # how it stood when it was sent
    open_count = models.PositiveIntegerField(_("not complete"))
    total_count = models.PositiveIntegerField(_("to be stock-taken"))
    due_on = models.DateField(_("due on"))
    sent_at = models.DateTimeField(_("sent"))
    sent_on = models.DateField(_("day"))
    # said to be a second one on the same day
    is_repeat = models.BooleanField(_("again on the same day"), default=False)
    # made with the form, so that a form sent twice urges once
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    read_at = models.DateTimeField(_("read"), null=True)
    read_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("read by")
    )
    answer = models.TextField(_("answer"), max_length=1000, blank=True, default="")
    promised_on = models.DateField(_("promised for"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = UrgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("urging")
        verbose_name_plural = _("urgings")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(unit__isnull=True) | Q(person__isnull=True), name="urge_one_target"
            ),
            models.UniqueConstraint(
                fields=["nonce", "institution", "unit", "person"],
                nulls_distinct=False,
                name="urge_form_once",
            ),
        )
        indexes = (
            # what an institution, a unit or a person received, and when last
            models.Index(fields=["institution", "campaign", "-sent_at"], name="urge_received"),
        )

    def __str__(self) -> str:
        return f"{self.campaign} → {self.target_name}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:urge-detail", args=[self.pk])

    @property
    def target_name(self) -> str:
        """Whom it is addressed to."""
        return str(self.person or self.unit or self.institution)

    @property
    def days_late(self) -> int:
        """Days past the due day when it was sent; negative while there was time."""
        return (self.sent_on - self.due_on).days
