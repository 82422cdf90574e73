"""Campaigns, the institutions in them, the pushed base lists, and exclusions from them."""

from __future__ import annotations

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    CampaignKind,
    CampaignScope,
    CampaignState,
    DossierState,
    Priority,
)
from inventory.models.goals import DUE_SOON, REACHED, Stage
from inventory.models.patents import HolderChange, Patent, PatentHolder
from portal.choices import (
    BUREAU_KINDS,
    INSTITUTION_KINDS,
    INSTITUTION_ROLES,
    OFFICIAL_ROLES,
    Role,
)
from portal.models import ImportBatch, Membership, Organisation, Unit
from portal.models.organisations import IsOneOf

# whose role lets them read stock-taking within their border; experts and enterprises get what is pushed to them
READERS = frozenset({*OFFICIAL_ROLES, *INSTITUTION_ROLES, Role.AUDITOR})


PERIOD = (MinValueValidator(1), MaxValueValidator(365))


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, membership: Membership) -> CampaignQuerySet:
        """All for officials and auditors of bureaus; institutions see opened ones they take part in."""
        is_inside = membership.organisation.kind in INSTITUTION_KINDS
        is_of_bureau = membership.organisation.kind in BUREAU_KINDS
        if membership.role in OFFICIAL_ROLES or (membership.role == Role.AUDITOR and is_of_bureau):
            return self
        if membership.role in READERS and is_inside:
            return self.exclude(state=CampaignState.DRAFT).filter(
                participations__institution=membership.organisation_id
            )
        return self.none()

    def opened_with_answers(self) -> CampaignQuerySet:
        """Open campaigns that opened with the approved answers of another."""
        return self.filter(kind=CampaignKind.FIXED, follows__isnull=False, state=CampaignState.OPEN)


class Campaign(models.Model):
    """A round of stock-taking: which grants, in which scope, by when."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(
        _("kind of campaign"),
        max_length=8,
        choices=CampaignKind.choices,
        default=CampaignKind.FIXED,
        db_default=CampaignKind.FIXED,
    )
    # fixed: the campaign whose approved answers this one opens with; rolling: the one whose later grants it takes
    follows = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="followers",
        verbose_name=_("follows"),
    )
    # rolling only: grants after this day, each due so many days after its own grant announcement day
    granted_after = models.DateField(_("granted after"), null=True, blank=True)
    days_to_file = models.PositiveSmallIntegerField(
        _("days to file after the grant"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
    )
    # cut-off rule: granted (授权公告日) on or before this day (专利法 第39、40条)
    cutoff_on = models.DateField(_("granted up to and including"))
    scope = models.CharField(
        _("scope"), max_length=16, choices=CampaignScope.choices, default=CampaignScope.ALL
    )
    # the day on which validity and holders are judged
    base_day = models.DateField(_("base day"))
    opens_on = models.DateField(_("opens on"))
    due_on = models.DateField(_("due on"))
    # calendar days after the approval; a last day that is no working day moves to the next one
    objection_days = models.PositiveSmallIntegerField(
        _("days for an objection of a co-holder"), default=15, db_default=15, validators=PERIOD
    )
    appeal_days = models.PositiveSmallIntegerField(
        _("days for an appeal against a refused exclusion"),
        default=15,
        db_default=15,
        validators=PERIOD,
    )
    state = models.CharField(
        _("state"), max_length=8, choices=CampaignState.choices, default=CampaignState.DRAFT
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-opens_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opens_on")),
                name="campaign_due_after_opening",
                violation_error_message=_("The due day lies before the opening day."),
            ),
            models.CheckConstraint(
                condition=Q(kind="fixed", granted_after__isnull=True, days_to_file__isnull=True)
                | Q(
                    kind="rolling",
                    granted_after__isnull=False,
                    granted_after__lt=F("cutoff_on"),
                    days_to_file__gte=1,
                ),
                name="campaign_rolling_complete",
                violation_error_message=_(
                    "A rolling campaign needs the day after which grants count, before its last day, and days to file."
                ),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_rolling(self) -> bool:
        return self.kind == CampaignKind.ROLLING


class BaseListEntryQuerySet(models.QuerySet["BaseListEntry"]):
    def visible_to(self, membership: Membership) -> BaseListEntryQuerySet:
        """Entries of the institutions in one's charge; a unit's or an inventor's own dossiers."""
        if membership.role == Role.CITY_OFFICIAL:
            return self
        is_lost = membership.role == Role.UNIT_MANAGER and membership.unit is None
        if is_lost or membership.role not in READERS:
            return self.none()
        own = self.filter(institution=membership.organisation_id)
        if membership.unit is not None and membership.role == Role.UNIT_MANAGER:
            return own.filter(IsOneOf("dossier__unit", Unit.objects.below(membership.unit)))
        if membership.role == Role.INVENTOR:
            entries = BaseListEntry.objects.order_by()
            invented = entries.filter(patent__inventors__user=membership.user_id).values("pk")
            kept = entries.filter(dossier__responsible=membership.user_id).values("pk")
            return own.filter(IsOneOf("pk", kept.union(invented)))
        return self.filter(Organisation.objects.is_watched(membership, "institution"))

    def included(self) -> BaseListEntryQuerySet:
        return self.filter(is_included=True)

    def open(self) -> BaseListEntryQuerySet:
        """Entries that count and that their campaign has not confirmed yet."""
        return self.filter(is_included=True, confirmed_on__isnull=True)

    def to_confirm(self) -> BaseListEntryQuerySet:
        """Open entries whose dossier stands approved from before: to be confirmed unchanged, or revised."""
        return self.open().filter(is_complete=True)

    def overdue(self, today: date) -> BaseListEntryQuerySet:
        return self.open().filter(due_on__lt=today)

    def due_soon(self, today: date) -> BaseListEntryQuerySet:
        return self.open().filter(due_on__range=(today, today + DUE_SOON))

    def lacking(self, goal: str) -> BaseListEntryQuerySet:
        """Open entries that have not reached what a milestone asks."""
        return self.open().exclude(REACHED[goal])

    def co_owned(self) -> BaseListEntryQuerySet:
        """Entries of patents that have a second holder, of the portal or not."""
        others = PatentHolder.objects.filter(patent=OuterRef("patent"), position__gt=1)
        return self.filter(Exists(others))


class BaseListEntry(models.Model):
    """A patent on an institution's base list (存量专利基础库) of a campaign: the denominator of 盘点率."""

    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="entries",
        db_index=False,
        verbose_name=_("campaign"),
    )
    institution = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="base_entries",
        db_index=False,
        verbose_name=_("institution"),
    )
    patent = models.ForeignKey(
        Patent, models.PROTECT, related_name="base_entries", verbose_name=_("patent")
    )
    dossier = models.ForeignKey(
        "inventory.Dossier", models.PROTECT, related_name="entries", verbose_name=_("dossier")
    )
    listed_on = models.DateField(_("listed on"))
    # the campaign's due day, or in a rolling campaign so many days after the grant announcement day
    due_on = models.DateField(_("due on"), null=True)
    # False once an exclusion was approved; the day is in the exclusion and the fact
    is_included = models.BooleanField(_("counts"), default=True)
    # copied from the dossier by the database (migration 0026): lists by priority and counts of what waits to be
    # confirmed would else read the dossiers of a whole institution
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        choices=Priority.choices,
        default=Priority.OTHER,
        db_default=Priority.OTHER,
        editable=False,
    )
    is_complete = models.BooleanField(
        _("dossier complete"), default=False, db_default=False, editable=False
    )
    # copied too (migration 0030): what milestones ask of open entries
    stage = models.PositiveSmallIntegerField(
        _("stage of the dossier"),
        choices=Stage.choices,
        default=Stage.NOBODY,
        db_default=Stage.NOBODY,
        editable=False,
    )
    # which version of the dossier this campaign confirmed, and when
    confirmed_on = models.DateField(_("confirmed on"), null=True)
    confirmed_version = models.PositiveIntegerField(_("confirmed version"), null=True)
    source_batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, related_name="+", verbose_name=_("came with")
    )
    # the transfer inside the scope that brought the entry here: an achievement of the former holder
    came_by = models.ForeignKey(
        HolderChange,
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name=_("came by transfer"),
    )

    objects = BaseListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("base list entry")
        verbose_name_plural = _("base list entries")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "institution", "patent"],
                name="base_entry_unique",
                violation_error_message=_("This patent is on the list already."),
            ),
            # not a NOT NULL column, so that the column could be added to a table in use
            models.CheckConstraint(
                condition=Q(due_on__isnull=False), name="base_entry_has_due_day"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True, confirmed_version__isnull=True)
                | Q(confirmed_on__isnull=False, confirmed_version__isnull=False),
                name="base_entry_confirmed_with_version",
            ),
        )
        indexes = (
            # work list of an institution; how many there are and how many are open, without the rows themselves
            models.Index(
                fields=["institution", "campaign", "id"],
                include=["is_included", "confirmed_on", "due_on", "dossier"],
                name="base_entry_counted",
            ),
            # work list of the city
            models.Index(fields=["campaign", "id"], name="base_entry_campaign"),
            # what is overdue or soon due
            models.Index(
                fields=["institution", "due_on", "campaign"],
                include=["dossier"],
                condition=Q(is_included=True, confirmed_on__isnull=True),
                name="base_entry_due",
            ),
            # how far a campaign is
            models.Index(
                fields=["campaign", "institution", "due_on"],
                include=["stage"],
                condition=Q(is_included=True, confirmed_on__isnull=True),
                name="base_entry_stages",
            ),
            # the work list by priority, of an institution and of the city; what its dossiers say is joined to it
            models.Index(
                fields=["institution", "priority", "patent", "id"],
                include=["dossier"],
                name="base_entry_ranked",
            ),
            models.Index(fields=["priority", "patent", "id"], name="base_entry_city_ranked"),
            # what is excluded: few of very many
            models.Index(
                fields=["priority", "patent", "id"],
                condition=Q(is_included=False),
                name="base_entry_excluded",
            ),
            # last year's answers to confirm
            models.Index(
                fields=["institution", "campaign", "due_on"],
                condition=Q(is_included=True, confirmed_on__isnull=True, is_complete=True),
                name="base_entry_to_confirm",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.institution_id} {self.patent_id}"

    def is_overdue(self, today: date) -> bool:
        """BaseListEntryQuerySet.overdue, row by row. Only an entry that is not stored yet has no due day."""
        is_open = self.is_included and self.confirmed_on is None
        return is_open and self.due_on is not None and self.due_on < today

    @property
    def is_to_confirm(self) -> bool:
        """Whether its dossier stands approved from before and this campaign has not confirmed it."""
        return (
            self.is_included
            and self.confirmed_on is None
            and self.dossier.state == DossierState.COMPLETED
        )
