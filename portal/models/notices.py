"""Notices to people, how each person wants them, and the daily mails that went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.choices import NoticeDelivery
from portal.models.people import Membership, User

if TYPE_CHECKING:
    from collections.abc import Iterable


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, membership: Membership) -> NoticeQuerySet:
        """One's own, in whatever capacity they are meant."""
        return self.filter(recipient__user=membership.user_id)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)

    def for_daily_mail(self, memberships: Iterable[int]) -> NoticeQuerySet:
        """Unread ones that no mail brought yet, or that grew after it did."""
        grown = Q(mailed_at__isnull=True) | Q(created_at__gt=F("mailed_at"))
        unread = self.unread().filter(grown, recipient__in=memberships, daily_mail__isnull=True)
        return unread.exclude(delivery=NoticeDelivery.PAGE).order_by("-created_at", "-pk")

    def with_capacity(self) -> NoticeQuerySet:
        return self.select_related("recipient__organisation", "recipient__unit")


class DailyMail(models.Model):
    """The daily mail of one person: one row, so that no day has two."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    day = models.DateField(_("day"))
    items = models.PositiveIntegerField(_("items"))
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("daily mail")
        verbose_name_plural = _("daily mails")
        constraints = (models.UniqueConstraint(fields=["user", "day"], name="daily_mail_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Notice(models.Model):
    """One thing a person is told, in the capacity it concerns. Words come from its kind when it is read.

    While it is unread, the same thing happening again adds to `count` instead of making another one.
    """

    recipient = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", db_index=False, verbose_name=_("recipient")
    )
    kind = models.CharField(_("kind"), max_length=60)
    params = models.JSONField(_("parameters"), db_default={})
    count = models.PositiveIntegerField(_("count"), db_default=1)
    # a path of ours
    url = models.CharField(_("page"), max_length=500, blank=True, db_default="")
    due_on = models.DateField(_("due on"), null=True)
    # what makes a notice that is sent by the clock go once: a deadline and how many days are left
    key = models.CharField(max_length=120, blank=True, db_default="")
    actor = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("caused by")
    )
    delivery = models.CharField(
        _("by mail"), max_length=8, choices=NoticeDelivery.choices, db_default=NoticeDelivery.DAILY
    )
    created_at = models.DateTimeField(_("time"), db_default=Now())
    read_at = models.DateTimeField(_("read"), null=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True)
    daily_mail = models.ForeignKey(
        DailyMail, models.PROTECT, null=True, related_name="notices", verbose_name=_("daily mail")
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["recipient", "kind", "url"],
                condition=Q(read_at__isnull=True, key=""),
                name="notice_grouped",
            ),
            models.UniqueConstraint(
                fields=["recipient", "kind", "key"], condition=~Q(key=""), name="notice_once"
            ),
        )
        indexes = (
            # the notices page
            models.Index(fields=["recipient", "-created_at", "-id"], name="notice_newest"),
            # the number beside the bell
            models.Index(
                fields=["recipient"], name="notice_unread", condition=Q(read_at__isnull=True)
            ),
            # what the daily mail collects
            models.Index(
                fields=["recipient"],
                name="notice_for_daily_mail",
                condition=Q(read_at__isnull=True, daily_mail__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient_id}"


class NoticeSettingsQuerySet(models.QuerySet["NoticeSettings"]):
    def visible_to(self, membership: Membership) -> NoticeSettingsQuerySet:
        """One's own."""
        return self.filter(user=membership.user_id)


class NoticeSettings(models.Model):
    """How a person wants to be told: per kind at once, daily or on the page only; the language of mails."""

    user = models.OneToOneField(
        User, models.PROTECT, related_name="notice_settings", verbose_name=_("person")
    )
    # {name of a kind: NoticeDelivery}; a kind that is missing goes as its registration says
    deliveries = models.JSONField(_("by mail"), default=dict)
    language = models.CharField(_("language of mails"), max_length=7, default="zh-hans")
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = NoticeSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice settings")
        verbose_name_plural = _("notice settings")

    def __str__(self) -> str:
        return str(self.user_id)
