"""Batches of dossiers for the national platform: what went, who signed it off, what the platform answered."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    UPLOAD_RELEASED,
    Doubt,
    ItemOutcome,
    SignOffCheck,
    UploadKind,
    UploadState,
)
from inventory.models.campaigns import Campaign
from inventory.models.dossiers import Dossier
from portal.choices import Role
from portal.models import Job, Membership, Organisation, StoredFile

# who reads the batches of institutions in their charge; the file itself stays the institution's
UPLOAD_READERS = frozenset({Role.INSTITUTION_MANAGER, Role.AUDITOR, Role.CITY_OFFICIAL})


class UploadBatchQuerySet(models.QuerySet["UploadBatch"]):
    def visible_to(self, membership: Membership) -> UploadBatchQuerySet:
        """Managers and auditors their institution's, the lead bureau all."""
        if membership.role == Role.CITY_OFFICIAL:
            return self
        if membership.role not in UPLOAD_READERS:
            return self.none()
        return self.filter(Organisation.objects.is_watched(membership, "institution"))


class UploadBatch(models.Model):
    """One file (or several) in the national layout on its way out of an institution."""

    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="+", verbose_name=_("campaign")
    )
    # counted per institution
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("contents"), max_length=10, choices=UploadKind.choices)
    # filter of the work list, as its address has it
    query = models.CharField(_("filter"), max_length=1000, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=12, choices=UploadState.choices, default=UploadState.PREPARING
    )
    prepared_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    prepared_at = models.DateTimeField(_("prepared"), auto_now_add=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, related_name="+", verbose_name=_("file")
    )
    count = models.PositiveIntegerField(_("patents"), default=0)
    workbooks = models.PositiveSmallIntegerField(_("workbooks"), default=0)
    checks = ArrayField(
        models.CharField(max_length=12, choices=SignOffCheck.choices),
        default=list,
        verbose_name=_("confirmed"),
    )
    statement = models.TextField(_("statement"), blank=True, default="")
    # digest of the file that was signed
    signed_sha256 = models.CharField(max_length=64, blank=True, default="", editable=False)
    signed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed"), null=True)
    uploaded_on = models.DateField(_("uploaded on"), null=True)
    uploaded_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("said by")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = UploadBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload batch")
        verbose_name_plural = _("upload batches")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=["institution", "number"], name="upload_number_unique"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted({UploadState.SIGNED, *UPLOAD_RELEASED}))
                | (Q(signed_by__isnull=False) & ~Q(signed_sha256="")),
                name="upload_signed_before_it_leaves",
            ),
        )

    def __str__(self) -> str:
        return f"{self.institution_id} · {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:upload-detail", args=[self.pk])

    @property
    def is_released(self) -> bool:
        """Whether the file may be taken."""
        return self.state in UPLOAD_RELEASED


class UploadStep(models.Model):
    """One step of a batch: who, when, from where to where, why."""

    batch = models.ForeignKey(
        UploadBatch, models.PROTECT, related_name="steps", verbose_name=_("upload batch")
    )
    from_state = models.CharField(_("from"), max_length=12, blank=True, choices=UploadState.choices)
    to_state = models.CharField(_("to"), max_length=12, choices=UploadState.choices)
    actor = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("time"))
    reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("step of an upload batch")
        verbose_name_plural = _("steps of upload batches")
        ordering = ("batch", "pk")

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.from_state} → {self.to_state}"


class UploadItem(models.Model):
    """A dossier in a batch: the approved content that went, and what the platform said."""

    batch = models.ForeignKey(
        UploadBatch, models.PROTECT, related_name="items", verbose_name=_("upload batch")
    )
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="upload_items", verbose_name=_("dossier")
    )
    # digest of the approved content (services.upload_content)
    digest = models.CharField(max_length=64, editable=False)
    doubts = ArrayField(
        models.CharField(max_length=12, choices=Doubt.choices),
        default=list,
        verbose_name=_("doubts"),
    )
    # how many: what a reviewer sees first
    doubt_count = models.PositiveSmallIntegerField(default=0, editable=False)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=ItemOutcome.choices, default=ItemOutcome.WAITING
    )
    # the platform's words, or why it was left out
    message = models.TextField(_("message"), blank=True, default="")
    answered_on = models.DateField(_("answered on"), null=True)
    # while the batch is open: no patent is in two open batches
    is_open = models.BooleanField(default=True, editable=False)

    class Meta:
        verbose_name = _("patent of an upload batch")
        verbose_name_plural = _("patents of an upload batch")
        ordering = ("batch", "pk")
        constraints = (
            models.UniqueConstraint(fields=["batch", "dossier"], name="upload_item_unique"),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(is_open=True), name="upload_item_one_open"
            ),
        )
        indexes = (
            # the latest item of a dossier
            models.Index(fields=["dossier", "-id"], name="upload_item_latest"),
            # items of a batch by outcome
            models.Index(fields=["batch", "outcome", "id"], name="upload_item_outcome"),
        )

    def __str__(self) -> str:
        return f"{self.batch_id} {self.dossier_id} {self.outcome}"

    @property
    def doubt_labels(self) -> list[str]:
        labels = dict(Doubt.choices)
        return [str(labels.get(doubt, doubt)) for doubt in self.doubts]


class ConfidentialWords(models.Model):
    """Words of an institution that mark a text for the confidentiality reviewer."""

    institution = models.OneToOneField(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    words = ArrayField(
        models.CharField(max_length=40), default=list, size=200, verbose_name=_("words")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("confidential words")
        verbose_name_plural = _("confidential words")

    def __str__(self) -> str:
        return f"{self.institution_id}"
