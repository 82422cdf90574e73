"""Facts that figures are made of, kept with validity in time.

A fact holds from `valid_from` up to (not including) `valid_to`, and was believed from `recorded_at` until
`superseded_at`. Rows are never changed but for setting `superseded_at` once (database trigger), so every figure
can be asked as of any day and again later with the same answer.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from inventory.choices import DossierState, PoolState, UploadStanding
from inventory.models.campaigns import BaseListEntry, Campaign
from inventory.models.dossiers import Dossier
from inventory.models.patents import Patent
from inventory.models.pool import PoolEntry
from portal.models import Organisation


def holding(valid_on: date, known_at: datetime | None, prefix: str = "") -> Q:
    """Condition for the facts that held on a day, as known at a moment (None: as known now)."""
    p = prefix
    held = Q(**{f"{p}valid_from__lte": valid_on}) & (
        Q(**{f"{p}valid_to__isnull": True}) | Q(**{f"{p}valid_to__gt": valid_on})
    )
    if known_at is None:
        return held & Q(**{f"{p}superseded_at__isnull": True})
    return (
        held
        & Q(**{f"{p}recorded_at__lte": known_at})
        & (Q(**{f"{p}superseded_at__isnull": True}) | Q(**{f"{p}superseded_at__gt": known_at}))
    )


class FactQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def as_of(self, valid_on: date, known_at: datetime | None = None) -> Self:
        """Facts that held on the day, as known at the moment."""
        return self.filter(holding(valid_on, known_at))

    def current(self) -> Self:
        """The open row of each subject: what is believed now to hold until further notice."""
        return self.filter(superseded_at__isnull=True, valid_to__isnull=True)


class Fact(models.Model):
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    superseded_at = models.DateTimeField(_("superseded"), null=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True


class EntryFact(Fact):
    """Whether a base list entry counted.

    The only fact that outlives what it is about: an entry that an import made and that was taken back is gone, what
    was believed of it in the meantime stays (services.facts.retract_facts, ADR 24).
    """

    entry = models.ForeignKey(
        BaseListEntry, models.DO_NOTHING, related_name="facts", db_constraint=False
    )
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    patent = models.ForeignKey(
        Patent, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    is_included = models.BooleanField()

    class Meta:
        verbose_name = _("fact about an entry")
        verbose_name_plural = _("facts about entries")
        constraints = (
            # one open row per subject: two writers cannot both believe
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(superseded_at__isnull=True, valid_to__isnull=True),
                name="entry_fact_one_open",
            ),
        )
        indexes = (
            # reporting: facts of a campaign as of a day
            models.Index(
                fields=["campaign", "institution", "patent"],
                include=["is_included", "valid_from", "valid_to", "recorded_at", "superseded_at"],
                name="entry_fact_campaign",
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.valid_from}"


class ConfirmationFact(Fact):
    """Whether an entry's campaign confirmed the dossier, and what the confirmed version says. No row: never.

    Apart from DossierFact, because the dossier lives on and each campaign counts what it confirmed itself.
    """

    entry = models.ForeignKey(BaseListEntry, models.PROTECT, related_name="confirmations")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False)
    patent = models.ForeignKey(Patent, models.PROTECT, related_name="+", db_index=False)
    is_confirmed = models.BooleanField()
    is_transformed = models.BooleanField()
    stars = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = _("fact about a confirmation")
        verbose_name_plural = _("facts about confirmations")
        constraints = (
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(superseded_at__isnull=True, valid_to__isnull=True),
                name="confirmation_fact_one_open",
            ),
        )
        indexes = (
            # reporting: joined by patent within a campaign as of a day
            models.Index(
                fields=["campaign", "patent"],
                include=[
                    "is_confirmed",
                    "is_transformed",
                    "stars",
                    "valid_from",
                    "valid_to",
                    "recorded_at",
                    "superseded_at",
                ],
                name="confirmation_fact_campaign",
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.valid_from}"


class DossierFact(Fact):
    """Where a dossier stood, and what its approved version says. No row: not filed."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="facts")
    patent = models.ForeignKey(Patent, models.PROTECT, related_name="dossier_facts", db_index=False)
    state = models.CharField(max_length=20, choices=DossierState.choices)
    # an approved version exists and counts, also while a revision is being written
    is_covered = models.BooleanField()
    is_transformed = models.BooleanField()
    is_unsuitable = models.BooleanField()
    stars = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = _("fact about a dossier")
        verbose_name_plural = _("facts about dossiers")
        constraints = (
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(superseded_at__isnull=True, valid_to__isnull=True),
                name="dossier_fact_one_open",
            ),
        )
        indexes = (
            # reporting: joined by patent as of a day
            models.Index(
                fields=["patent"],
                include=[
                    "state",
                    "is_covered",
                    "is_transformed",
                    "stars",
                    "valid_from",
                    "valid_to",
                    "recorded_at",
                    "superseded_at",
                ],
                name="dossier_fact_patent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.state} {self.valid_from}"


class PoolFact(Fact):
    """Whether and how far a patent was in the city pool."""

    pool_entry = models.ForeignKey(PoolEntry, models.PROTECT, related_name="facts")
    patent = models.ForeignKey(Patent, models.PROTECT, related_name="pool_facts")
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=PoolState.choices)

    class Meta:
        verbose_name = _("fact about the pool")
        verbose_name_plural = _("facts about the pool")
        constraints = (
            models.UniqueConstraint(
                fields=["pool_entry"],
                condition=Q(superseded_at__isnull=True, valid_to__isnull=True),
                name="pool_fact_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pool_entry_id} {self.state}"


class UploadFact(Fact):
    """How a patent stood with the national platform, seen from here. No row: never uploaded."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="upload_facts")
    patent = models.ForeignKey(Patent, models.PROTECT, related_name="upload_facts", db_index=False)
    standing = models.CharField(max_length=10, choices=UploadStanding.choices)

    class Meta:
        verbose_name = _("fact about an upload")
        verbose_name_plural = _("facts about uploads")
        constraints = (
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(superseded_at__isnull=True, valid_to__isnull=True),
                name="upload_fact_one_open",
            ),
        )
        indexes = (
            # reporting: joined by patent as of a day
            models.Index(
                fields=["patent"],
                include=["standing", "valid_from", "valid_to", "recorded_at", "superseded_at"],
                name="upload_fact_patent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.standing}"
