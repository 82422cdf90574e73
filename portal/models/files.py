"""Files kept for people: uploads, exports, evidence. Stored under a random name outside the web root."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models.organisations import Organisation
from portal.models.people import Membership, User


def stored_path(instance: StoredFile, filename: str) -> str:
    """Random name; the person's own file name lives only in the row."""
    token = uuid.uuid4().hex
    return f"{instance.purpose}/{token[:2]}/{token}"


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def visible_to(self, membership: Membership) -> StoredFileQuerySet:
        """One's own files, made in the same organisation; evidence is opened through its record.

        A file for the national platform is nobody's own: it is released by its batch.
        """
        own = self.filter(owner=membership.user_id, organisation=membership.organisation_id)
        return own.exclude(purpose=StoredFile.Purpose.NATIONAL)


class StoredFile(models.Model):
    """One file with its digest; the right to open it is the right to what it belongs to."""

    class Purpose(models.TextChoices):
        UPLOAD = "upload", _("Upload")
        EXPORT = "export", _("Export")
        EVIDENCE = "evidence", _("Evidence")
        REPORT = "report", _("Report of errors")
        NATIONAL = "national", _("File for the national platform")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices)
    name = models.CharField(_("file name"), max_length=255)
    content = models.FileField(_("content"), upload_to=stored_path, max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(_("size in bytes"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    # exports go after 24 hours; uploads, evidence and what was uploaded to the platform stay, but for uploads that name
    # a person who is forgotten
    expires_at = models.DateTimeField(_("kept until"), null=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether its content is gone, or its time is over and it goes with the next ones."""
        return not self.content or (self.expires_at is not None and self.expires_at <= clock.now())
