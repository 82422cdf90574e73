"""Mail to be sent: a row in the transaction, delivered afterwards, at least once with a stable id.

Mail to many is held in a batch until its sender has seen it.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.choices import OFFICIAL_ROLES, BatchState, Role
from portal.fields import EncryptedTextField
from portal.models.notices import Notice
from portal.models.people import Membership, User
from portal.models.staff import Invitation

# who sends to many
SENDERS = frozenset({*OFFICIAL_ROLES, Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER})


class OutboxBatchQuerySet(models.QuerySet["OutboxBatch"]):
    def visible_to(self, membership: Membership) -> OutboxBatchQuerySet:
        """One's own, and those of colleagues who hold the same role in the same organisation (and unit)."""
        if membership.role not in SENDERS:
            return self.none()
        return self.filter(
            author__organisation=membership.organisation_id,
            author__role=membership.role,
            author__unit=membership.unit_id,
        )

    def held(self) -> OutboxBatchQuerySet:
        return self.filter(state=BatchState.HELD)

    def with_names(self) -> OutboxBatchQuerySet:
        return self.select_related("author__user", "decided_by__user")


class OutboxBatch(models.Model):
    """One text to many people: nothing of it goes before a person has seen it and restated the number."""

    title = models.CharField(_("subject"), max_length=200)
    author = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("sender")
    )
    state = models.CharField(
        _("state"), max_length=9, choices=BatchState.choices, db_default=BatchState.HELD
    )
    count = models.PositiveIntegerField(_("mails"))
    created_at = models.DateTimeField(_("created"), db_default=Now())
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = OutboxBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail to many")
        verbose_name_plural = _("mails to many")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    def visible_to(self, membership: Membership) -> OutboxMessageQuerySet:
        """Mails of the batches one may see; single mails are nobody's to read."""
        return self.filter(batch__in=OutboxBatch.objects.visible_to(membership).values("pk"))

    def of_batch(self, batch: OutboxBatch) -> OutboxMessageQuerySet:
        """The mails of one batch; while it is held, those that would go."""
        mails = self.filter(batch=batch)
        return mails.still_useful() if batch.state == BatchState.HELD else mails

    def may_go(self) -> OutboxMessageQuerySet:
        """Single mails, and those of released batches."""
        return self.filter(
            models.Q(batch__isnull=True) | models.Q(batch__state=BatchState.RELEASED)
        )

    def still_useful(self) -> OutboxMessageQuerySet:
        """Without those whose notice was read meanwhile, went with a daily mail, or has a later mail."""
        later = OutboxMessage.objects.filter(
            notice=models.OuterRef("notice"), pk__gt=models.OuterRef("pk")
        )
        return self.filter(
            models.Q(notice__isnull=True)
            | models.Q(notice__read_at__isnull=True, notice__daily_mail__isnull=True)
            & ~models.Exists(later)
        )


class OutboxMessage(models.Model):
    """One mail; the message id stays the same however often delivery is tried."""

    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    recipient = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    address = EncryptedTextField(_("address"))
    batch = models.ForeignKey(
        OutboxBatch, models.PROTECT, null=True, related_name="messages", verbose_name=_("batch")
    )
    # the notice it brings, which may be read before a held mail goes
    notice = models.ForeignKey(
        Notice, models.PROTECT, null=True, related_name="+", verbose_name=_("notice")
    )
    # the invitation whose link it brings, which may be revoked or get another link before a held mail goes
    invitation = models.ForeignKey(
        Invitation, models.PROTECT, null=True, related_name="+", verbose_name=_("invitation")
    )
    subject = models.CharField(_("subject"), max_length=200)
    body = EncryptedTextField(_("text"))
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, default="")

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message to be sent")
        verbose_name_plural = _("messages to be sent")
        indexes = (
            # what delivery looks through
            models.Index(
                fields=["next_try_at"],
                name="outbox_waiting",
                condition=models.Q(sent_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return str(self.message_id)
