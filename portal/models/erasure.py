"""Requests of people who left to be forgotten: 15 working days (PIPL art. 47, GB/T 35273-2020 8.5)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.choices import Role
from portal.models.people import Membership, User


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def visible_to(self, membership: Membership) -> ErasureQuerySet:
        """The system administrators'."""
        return self if membership.role == Role.SYSTEM_ADMIN else self.none()

    def waiting(self) -> ErasureQuerySet:
        return self.filter(done_at__isnull=True)


class Erasure(models.Model):
    """One person's name, phone, mail and user name are to be replaced by a pseudonym."""

    person = models.OneToOneField(
        User, models.PROTECT, related_name="erasure", verbose_name=_("person")
    )
    reason = models.TextField(_("reason"), max_length=1000)
    requested_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"), db_default=Now())
    due_on = models.DateField(_("due on"))
    done_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("done by")
    )
    done_at = models.DateTimeField(_("done"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("pseudonymisation")
        verbose_name_plural = _("pseudonymisations")

    def __str__(self) -> str:
        return str(self.person)
