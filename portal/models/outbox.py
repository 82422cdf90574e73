"""Mail to be sent: a row in the transaction, delivered afterwards, at least once with a stable id."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.fields import EncryptedTextField
from portal.models.people import User


class OutboxMessage(models.Model):
    """One mail; the message id stays the same however often delivery is tried."""

    message_id = models.UUIDField(default=uuid.uuid4, unique=True)
    recipient = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    address = EncryptedTextField(_("address"))
    subject = models.CharField(_("subject"), max_length=200)
    body = EncryptedTextField(_("text"))
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    error = models.TextField(blank=True, default="")

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
