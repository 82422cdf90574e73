"""Acts on many rows at once: the run with its parameters, and each row with the version seen and what became of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.choices import BulkOutcome, BulkState, Role
from portal.fields import EncryptedTextField, SealedJSONField
from portal.models.jobs import Job
from portal.models.organisations import Organisation
from portal.models.people import Membership


class BulkRunQuerySet(models.QuerySet["BulkRun"]):
    def visible_to(self, membership: Membership) -> BulkRunQuerySet:
        """One's own; an institution's manager also those of the institution's people, once they were started."""
        own = Q(membership__user=membership.user_id, organisation=membership.organisation_id)
        if membership.role == Role.INSTITUTION_MANAGER:
            own |= Q(organisation=membership.organisation_id) & ~Q(state=BulkState.PREVIEW)
        return self.filter(own)

    def newest_first(self) -> BulkRunQuerySet:
        return self.select_related("membership__user", "organisation").order_by("-pk")


class BulkRun(models.Model):
    """One act on many rows: frozen at the preview, applied once, undone at most once."""

    # name in portal.bulk.registry
    act = models.CharField(_("act"), max_length=60)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    # the list's query string when all that match were meant; blank for rows ticked one by one
    query = models.TextField(_("filter of the list"), blank=True, default="")
    is_everything = models.BooleanField(_("all that matched"), default=False)
    # digest of act and selection: the same selection sent twice is one run
    selection = models.CharField(max_length=64)
    # what was posted, field → values, as JSON; encrypted, because it may name a contact
    params = EncryptedTextField(_("parameters"), blank=True, default="")
    reason = models.TextField(_("reason"), blank=True, default="")
    state = models.CharField(
        _("state"), max_length=10, choices=BulkState.choices, default=BulkState.PREVIEW
    )
    total = models.PositiveIntegerField(_("rows"), default=0)
    # rows by outcome, once ended
    counts = models.JSONField(_("rows by outcome"), default=dict)
    problem = models.TextField(_("problem"), blank=True, default="")
    # null where the rows were few enough for the request
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    undo_of = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="undone_by", verbose_name=_("undoes")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    finished_at = models.DateTimeField(_("finished"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk act")
        verbose_name_plural = _("bulk acts")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["membership", "selection"],
                condition=Q(state=BulkState.PREVIEW),
                name="bulk_run_one_preview",
            ),
        )
        indexes = (
            # BulkRunQuerySet.visible_to
            models.Index(fields=["organisation", "-id"], name="bulk_run_organisation"),
        )

    def __str__(self) -> str:
        return f"{self.act} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("portal:bulk-detail", args=[self.pk])

    @property
    def is_ended(self) -> bool:
        return self.state in (BulkState.DONE, BulkState.CANCELLED, BulkState.FAILED)


class BulkRunRow(models.Model):
    """One row of a run: which record in which version, what became of it, and how it was before."""

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    target_id = models.BigIntegerField()
    # null where the act's records carry no version
    version_seen = models.PositiveIntegerField(null=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=BulkOutcome.choices, default=BulkOutcome.WAITING
    )
    # why it was refused
    note = models.TextField(_("reason"), blank=True, default="")
    # what the act needs to undo itself; emptied when the time to undo is over
    before = SealedJSONField(default=dict)
    version_after = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("row of a bulk act")
        verbose_name_plural = _("rows of bulk acts")
        constraints = (
            models.UniqueConstraint(fields=["run", "target_id"], name="bulk_row_unique"),
        )
        indexes = (
            # the next chunk
            models.Index(fields=["run", "position"], name="bulk_row_position"),
            # the result page, by outcome
            models.Index(fields=["run", "outcome", "position"], name="bulk_row_outcome"),
        )

    def __str__(self) -> str:
        return f"{self.run_id}: {self.target_id}"
