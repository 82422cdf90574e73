"""The dossier (盘点表): the one living stock-taking record of a patent, its marks, steps and comments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory.choices import (
    CampaignKind,
    DossierState,
    Maturity,
    PriceBand,
    Priority,
    Stars,
    StepAct,
    UploadStanding,
)
from inventory.models.campaigns import BaseListEntry
from inventory.models.patents import Patent, PatentHolder
from portal.choices import Role
from portal.fields import EncryptedTextField
from portal.models import Membership, Organisation, Unit, User
from portal.models.organisations import IsOneOf

# relations of a dossier's marks, and what stands before the name where they were read
MARKS = ("status_marks", "intent_marks")
LOADED = "loaded_"


class TextDigest(models.Func):
    """What remains of a text when case, width, blanks and punctuation are taken away, as an MD5 in hex."""

    function = "inventory_text_digest"
    output_field = models.CharField()


def says_what_is_approved(path: str = "") -> Q:
    """Condition for dossiers whose content is the approved one: complete, or confirmed unchanged and under review."""
    return Q(**{f"{path}state": DossierState.COMPLETED}) | Q(**{f"{path}is_confirming": True})


class DossierQuerySet(models.QuerySet["Dossier"]):
    def visible_to(self, membership: Membership) -> DossierQuerySet:
        """Dossiers of patents held or listed by institutions in one's charge; a unit's; an inventor's own."""
        if membership.role == Role.CITY_OFFICIAL:
            return self
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            return self.filter(unit__in=Unit.objects.below(membership.unit))
        if membership.role == Role.INVENTOR:
            mine = self.filter(participation__institution=membership.organisation_id)
            return mine.filter(IsOneOf("pk", Dossier.objects.of_person(membership.user_id)))
        if membership.role in (
            Role.INSTITUTION_MANAGER,
            Role.AUDITOR,
            Role.DEPARTMENT_OFFICIAL,
            Role.DISTRICT_OFFICIAL,
        ):
            holding = Organisation.objects.is_watched(membership, "organisation")
            listing = Organisation.objects.is_watched(membership, "institution")
            held = PatentHolder.objects.filter(holding, patent=OuterRef("patent"))
            listed = BaseListEntry.objects.filter(listing, dossier=OuterRef("pk"))
            return self.filter(Exists(held) | Exists(listed))
        return self.none()

    def filed_for(self, membership: Membership) -> DossierQuerySet:
        """Of what a person sees, the dossiers that the own institution files: its people look after them.

        A manager's are all that it files, which needs no look at holders and lists.
        """
        own = self.filter(participation__institution=membership.organisation_id)
        return own if membership.role == Role.INSTITUTION_MANAGER else own.visible_to(membership)

    def of_person(self, user: int) -> models.QuerySet[Any, Any]:
        """Keys of dossiers a person answers for or whose patent he invented: two look-ups, no scan of a table."""
        kept, invented = self.filter(responsible=user), self.filter(patent__inventors__user=user)
        return kept.order_by().values("pk").union(invented.order_by().values("pk"))

    def with_due_day(self) -> DossierQuerySet:
        """`due_on`: the day of the filing institution's own entry, which in a fixed campaign is the campaign's."""
        own = BaseListEntry.objects.filter(
            dossier=OuterRef("pk"),
            campaign=OuterRef("participation__campaign"),
            institution=OuterRef("participation__institution"),
        )
        of_campaign = F("participation__campaign__due_on")
        # only a rolling campaign gives each entry its own day
        rolling = models.When(
            participation__campaign__kind=CampaignKind.ROLLING,
            then=Coalesce(Subquery(own.values("due_on")[:1]), of_campaign),
        )
        return self.annotate(due_on=models.Case(rolling, default=of_campaign))

    def waiting_for(self, membership: Membership) -> DossierQuerySet:
        """Dossiers whose next step is this membership's: own drafts, or the review of its step."""
        if membership.role == Role.INSTITUTION_MANAGER:
            return self.filter(
                state=DossierState.INSTITUTION_REVIEW,
                participation__institution=membership.organisation_id,
            )
        if membership.role == Role.UNIT_MANAGER:
            return self.filter(state=DossierState.UNIT_REVIEW)
        return self.filter(
            state__in=[DossierState.UNFILED, DossierState.DRAFT], responsible=membership.user_id
        )

    def with_marks(self) -> DossierQuerySet:
        """With the marks of each as plain lists: a queryset each would take longer than the marks themselves."""
        loaded = (Prefetch(name, to_attr=f"{LOADED}{name}") for name in MARKS)
        return self.prefetch_related(*loaded)

    def with_return(self) -> DossierQuerySet:
        """With `is_returned`: a draft whose last step was a reviewer's return."""
        last = DossierStep.objects.filter(dossier=OuterRef("pk")).order_by("-pk").values("act")[:1]
        back = models.When(state=DossierState.DRAFT, last_act=StepAct.RETURN, then=True)
        return self.annotate(
            last_act=models.Subquery(last), is_returned=models.Case(back, default=False)
        )


class Dossier(models.Model):
    """What is known and wanted of one patent: implementation, intent, maturity, value, prospects."""

    patent = models.OneToOneField(
        Patent, models.PROTECT, related_name="dossier", verbose_name=_("patent")
    )
    # who files: the first holder inside the scope, with its review steps
    participation = models.ForeignKey(
        "inventory.CampaignInstitution",
        models.PROTECT,
        related_name="dossiers",
        db_index=False,
        verbose_name=_("filing institution"),
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        related_name="dossiers",
        db_index=False,
        verbose_name=_("unit"),
    )
    responsible = models.ForeignKey(  # 盘点负责人, apart from the inventors
        User,
        models.PROTECT,
        null=True,
        related_name="dossiers",
        db_index=False,
        verbose_name=_("responsible person"),
    )
    state = models.CharField(
        _("state"), max_length=20, choices=DossierState.choices, default=DossierState.UNFILED
    )
    # 组合专利 (template H–J)
    combination_name = models.CharField(
        _("name of the combination"), max_length=50, blank=True, default=""
    )
    combination_numbers = ArrayField(
        models.CharField(max_length=13),
        default=list,
        blank=True,
        size=9,
        verbose_name=_("patents of the combination"),
    )
    combination_note = models.TextField(
        _("description of the combination"),
        blank=True,
        default="",
        validators=[MaxLengthValidator(500)],
    )
    # 财政资助 (template K); the project is internal and never on public pages (国知发运字〔2024〕3号)
    is_publicly_funded = models.BooleanField(_("from a publicly funded project"), null=True)
    funding_kind = models.CharField(_("kind of project"), max_length=80, blank=True, default="")
    funding_name = models.CharField(
        _("name of the project"), max_length=200, blank=True, default=""
    )
    funding_number = models.CharField(
        _("number of the project"), max_length=80, blank=True, default=""
    )
    # 转化意愿 (template S–W; P–R are intent marks)
    partner_cities = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("partner cities")
    )
    partner_firms = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        size=10,
        verbose_name=_("partner enterprises"),
    )
    price_band = models.CharField(
        _("price expected"), max_length=10, choices=PriceBand.choices, blank=True, default=""
    )
    uses_default_contact = models.BooleanField(_("institution's default contact"), default=True)
    contact_name = models.CharField(_("contact"), max_length=80, blank=True, default="")
    contact_phone = EncryptedTextField(_("phone or mail of the contact"), blank=True, default="")
    # 技术成熟度, 自评, 应用场景 (template X–AD)
    maturity = models.CharField(
        _("maturity"), max_length=12, choices=Maturity.choices, blank=True, default=""
    )
    maturity_raw = models.CharField(  # the old six-value wording, where a file brought it
        _("maturity as written"), max_length=40, blank=True, default="", editable=False
    )
    stars = models.PositiveSmallIntegerField(_("own rating"), choices=Stars.choices, null=True)
    advantages = models.TextField(
        _("product, technical advantages, performance"),
        blank=True,
        default="",
        validators=[MaxLengthValidator(500)],
    )
    industry = models.CharField(_("industry section"), max_length=1, blank=True, default="")
    industry_division = models.CharField(
        _("industry division"), max_length=2, blank=True, default=""
    )
    prospects = models.TextField(
        _("prospects of industrialisation"),
        blank=True,
        default="",
        validators=[MaxLengthValidator(500)],
    )
    strategic_codes = ArrayField(
        models.CharField(max_length=4),
        default=list,
        blank=True,
        verbose_name=_("strategic emerging industries"),
    )
    # derived from the status marks in the same save: rule R1, and what counts as 已转化
    is_unsuitable = models.BooleanField(_("unsuitable for the pool"), default=False, editable=False)
    is_transformed = models.BooleanField(_("transformed"), default=False, editable=False)
    finding_weight = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # derived by the database from patent, unit and key industries however they are written (migration of priorities)
    in_key_industry = models.BooleanField(
        _("key industry"), db_default=False, default=False, editable=False
    )
    in_strong_discipline = models.BooleanField(
        _("strong discipline"), db_default=False, default=False, editable=False
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"),
        choices=Priority.choices,
        db_default=Priority.OTHER,
        default=Priority.OTHER,
        editable=False,
    )
    # on its way through review as "confirmed unchanged": it says what the approved version says
    is_confirming = models.BooleanField(
        _("confirmed unchanged, under review"), default=False, db_default=False, editable=False
    )
    # kept by services.upload_standing: digest of the approved content, and how it stands with the national platform
    approved_digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    upload_standing = models.CharField(
        _("national platform"),
        max_length=10,
        choices=UploadStanding.choices,
        default=UploadStanding.NOT_SENT,
        db_default=UploadStanding.NOT_SENT,
        editable=False,
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = _("dossier")
        verbose_name_plural = _("dossiers")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(stars__isnull=True) | Q(stars__range=(1, 5)),
                name="dossier_stars_1_to_5",
            ),
            models.CheckConstraint(
                condition=~Q(state=DossierState.COMPLETED)
                | Q(is_unsuitable=True)
                | (Q(stars__isnull=False) & ~Q(maturity="") & ~Q(industry="")),
                name="dossier_complete_has_rating",
                violation_error_message=_(
                    "A complete dossier needs maturity, rating and industry unless the patent is unsuitable."
                ),
            ),
            models.CheckConstraint(
                condition=Q(is_confirming=False)
                | Q(state__in=[DossierState.UNIT_REVIEW, DossierState.INSTITUTION_REVIEW]),
                name="dossier_confirming_is_under_review",
            ),
        )
        indexes = (
            # review queues and state filters of one institution; with what counts over all of it look at, so that they
            # need not read the rows, which are long and lie apart
            models.Index(
                fields=["participation", "state", "id"],
                include=["patent", "unit", "responsible", "stars", "is_unsuitable"],
                name="dossier_queue",
            ),
            # a unit's list, and my patents
            models.Index(fields=["unit", "state", "id"], name="dossier_unit_queue"),
            models.Index(fields=["responsible", "state", "id"], name="dossier_responsible_queue"),
            # what goes to the national platform next
            models.Index(fields=["participation", "upload_standing", "id"], name="dossier_upload"),
            # the work list by last change, and by priority
            models.Index(fields=["-updated_at", "-id"], name="dossier_changed"),
            models.Index(fields=["priority", "patent"], name="dossier_priority"),
            # services.findings: which other dossier says the same
            *(
                models.Index(TextDigest(it), name=f"dossier_{it}", condition=~Q(**{it: ""}))
                for it in ("advantages", "prospects")
            ),
            # whose the dossiers of many entries are and where they stand, without the rows themselves
            models.Index(
                fields=["id"], include=["unit", "responsible", "state"], name="dossier_standing"
            ),
        )

    def __str__(self) -> str:
        return str(self.patent)

    def get_absolute_url(self) -> str:
        return reverse("inventory:dossier-detail", args=[self.pk])

    def marks(self, relation: str) -> Iterable[Any]:
        """The marks that were read with it, else those of the database; `relation` is one of MARKS."""
        loaded: Iterable[Any] | None = self.__dict__.get(f"{LOADED}{relation}")
        return getattr(self, relation).all() if loaded is None else loaded

    def forget_marks(self, relation: str) -> None:
        """Drop marks that were read, so that the next read sees the new ones."""
        self.__dict__.pop(f"{LOADED}{relation}", None)
        self.__dict__.get("_prefetched_objects_cache", {}).pop(relation, None)

    @property
    def is_editable(self) -> bool:
        """Whether the form takes changes in this state."""
        return self.state in (DossierState.UNFILED, DossierState.DRAFT)


class DossierStep(models.Model):
    """One step of a dossier through filing and review: who, when, from where to where, why."""

    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="steps", verbose_name=_("dossier")
    )
    act = models.CharField(_("act"), max_length=8, choices=StepAct.choices)
    from_state = models.CharField(_("from"), max_length=20, choices=DossierState.choices)
    to_state = models.CharField(_("to"), max_length=20, choices=DossierState.choices)
    actor = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("time"))
    reason = models.TextField(_("reason"), blank=True, default="")
    version = models.PositiveIntegerField(_("version"))

    class Meta:
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")
        ordering = ("dossier", "-pk")
        indexes = (
            # services.dossiers.last_filed: what somebody filed last
            models.Index(fields=["actor", "-id"], name="step_of_actor"),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.from_state} → {self.to_state}"


class DossierRevision(models.Model):
    """The content of a dossier as it was approved: an archive that counts until the next approval."""

    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="revisions", verbose_name=_("dossier")
    )
    version = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"))
    # apart from the content, encrypted; blank also where it was archived before this was kept
    contact_phone = EncryptedTextField(
        _("phone or mail of the contact"), blank=True, default="", db_default=""
    )
    approved_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"))

    class Meta:
        verbose_name = _("approved version")
        verbose_name_plural = _("approved versions")
        constraints = (
            models.UniqueConstraint(fields=["dossier", "version"], name="revision_unique"),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id} v{self.version}"
