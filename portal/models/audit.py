"""The one append-only trail. Partitioned by month; UPDATE, DELETE and TRUNCATE are refused by triggers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.choices import AuditAction, Role
from portal.models.organisations import Organisation
from portal.models.people import Membership, User

ACCOUNT_TYPES = ("portal.user", "portal.membership")


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, membership: Membership) -> AuditEntryQuerySet:
        """Everything for the audit administrator; own organisation's objects for its auditors and managers.

        Not the trail of accounts and roles for managers: they make accounts and give roles, so somebody else reads it.
        """
        if membership.role == Role.AUDIT_ADMIN:
            return self
        own = self.filter(owner=membership.organisation_id)
        if membership.role == Role.AUDITOR:
            return own
        if membership.role == Role.INSTITUTION_MANAGER:
            return own.exclude(object_type__in=ACCOUNT_TYPES)
        return self.none()

    def with_people(self) -> AuditEntryQuerySet:
        """With who acted, for whom and whose record it is."""
        return self.select_related("user", "organisation", "owner")

    def about(self, target: models.Model) -> AuditEntryQuerySet:
        """Entries of one row, newest first."""
        return self.filter(object_type=target._meta.label_lower, object_id=target.pk).order_by(
            "-at", "-pk"
        )

    def of_same_record(self, entry: AuditEntry) -> AuditEntryQuerySet:
        """The other entries of the record that an entry is about, newest first; none without a record."""
        if entry.object_id is None:
            return self.none()
        same = self.filter(object_type=entry.object_type, object_id=entry.object_id)
        return same.exclude(pk=entry.pk).order_by("-at", "-pk")

    def later_than(self, entry: AuditEntry) -> AuditEntryQuerySet:
        """What was written after an entry, the nearest first."""
        later = Q(at__gt=entry.at) | Q(at=entry.at, pk__gt=entry.pk)
        return self.filter(later).order_by("at", "pk")

    def earlier_than(self, entry: AuditEntry) -> AuditEntryQuerySet:
        """What was written before an entry, the nearest first."""
        earlier = Q(at__lt=entry.at) | Q(at=entry.at, pk__lt=entry.pk)
        return self.filter(earlier).order_by("-at", "-pk")


class AuditEntry(models.Model):
    """Who did what to which row, when, why: field-level before and after, in the business transaction."""

    at = models.DateTimeField(_("time"), db_default=Now())
    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=24, choices=Role.choices, blank=True, default="")
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("acting for"),
    )
    owner = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("owner of the record"),
    )
    action = models.CharField(_("action"), max_length=16, choices=AuditAction.choices)
    object_type = models.CharField(_("kind of record"), max_length=40)
    object_id = models.BigIntegerField(_("record"), null=True)
    changes = models.JSONField(_("changes"), default=dict)
    reason = models.TextField(_("reason"), blank=True, default="")
    request_id = models.UUIDField(_("request"), null=True)
    job_id = models.BigIntegerField(_("job"), null=True)
    # the act on many rows this was part of (BulkRun); no foreign key: the trail outlives it
    run_id = models.BigIntegerField(_("bulk act"), null=True)
    # version of the record after this entry, where it has one
    version = models.PositiveIntegerField(_("version"), null=True)
    address = models.GenericIPAddressField(_("address"), null=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ("-at", "-pk")
        indexes = (
            # AuditEntryQuerySet.about: the history of one record
            models.Index(fields=["object_type", "object_id", "-at"], name="audit_object"),
            # the audit list of one organisation, and of all
            models.Index(fields=["owner", "-at"], name="audit_owner"),
            models.Index(fields=["-at"], name="audit_time"),
            # AuditFilter: everything one bulk act, job or request did
            models.Index(fields=["run_id"], name="audit_run", condition=Q(run_id__isnull=False)),
            models.Index(fields=["job_id"], name="audit_job", condition=Q(job_id__isnull=False)),
            models.Index(fields=["request_id"], name="audit_request"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_type} {self.object_id}"
