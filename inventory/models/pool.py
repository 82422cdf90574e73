"""The city pool (专利转化资源库): versioned screening rules and the patents nominated by them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import POOL_OUT, PatentKind, PoolState, SimpleStatus
from inventory.models.dossiers import Dossier
from inventory.models.patents import Patent
from portal import clock
from portal.choices import OFFICIAL_ROLES, Role
from portal.models import Membership, Organisation
from portal.models.organisations import IsOneOf

# bureaus and institutions; people of a unit see less, enterprises see the catalogue
READERS = frozenset({*OFFICIAL_ROLES, Role.INSTITUTION_MANAGER, Role.AUDITOR})


class PoolRuleQuerySet(models.QuerySet["PoolRule"]):
    def visible_to(self, membership: Membership) -> PoolRuleQuerySet:
        """The rule is readable for every institution and bureau."""
        allowed = membership.is_of_institution or membership.is_official
        return self if allowed or membership.role == Role.AUDITOR else self.none()


class PoolRule(models.Model):
    """One version of the readable rule by which dossiers qualify; never changed, only followed by the next."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    min_stars = models.PositiveSmallIntegerField(_("at least so many stars"), default=3)
    kinds = ArrayField(
        models.CharField(max_length=10, choices=PatentKind.choices),
        default=list,
        verbose_name=_("kinds of patent"),
    )
    needs_key_industry = models.BooleanField(_("strategic emerging industry only"), default=False)
    min_months_left = models.PositiveSmallIntegerField(
        _("at least so many months left"), default=24
    )
    created_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("set"), auto_now_add=True)

    objects = PoolRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("pool rule")
        verbose_name_plural = _("pool rules")
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(condition=Q(min_stars__range=(1, 5)), name="pool_rule_stars"),
        )

    def __str__(self) -> str:
        return f"v{self.number}"

    @property
    def kind_labels(self) -> list[str]:
        """Labels of the kinds that qualify; empty when every kind does."""
        return [str(PatentKind(kind).label) for kind in self.kinds]


class PoolEntryQuerySet(models.QuerySet["PoolEntry"]):
    def visible_to(self, membership: Membership) -> PoolEntryQuerySet:
        """Entries nominated or held by institutions in one's charge; in a unit, or of an inventor, its dossiers'."""
        if membership.role == Role.CITY_OFFICIAL:
            return self
        if membership.role in (Role.UNIT_MANAGER, Role.INVENTOR):
            return self.filter(IsOneOf("dossier", Dossier.objects.visible_to(membership)))
        if membership.role not in READERS:
            return self.none()
        watched = Organisation.objects.watched_by(membership)
        return self.filter(institutions__overlap=list(watched.values_list("pk", flat=True)))

    def live(self) -> PoolEntryQuerySet:
        """Nominated or admitted."""
        return self.exclude(state__in=POOL_OUT)

    def in_pool(self) -> PoolEntryQuerySet:
        """Admitted by the city: what the world outside may see."""
        return self.filter(state=PoolState.ADMITTED)

    def of_ended_rights(self) -> PoolEntryQuerySet:
        """Live entries whose patent has ended meanwhile."""
        over = Q(patent__simple_status=SimpleStatus.ENDED) | Q(patent__expires_on__lt=clock.today())
        return self.live().filter(over)


class PoolEntry(models.Model):
    """A patent nominated to the city pool, with what qualified it at that moment."""

    patent = models.ForeignKey(
        Patent, models.PROTECT, related_name="pool_entries", verbose_name=_("patent")
    )
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="pool_entries", verbose_name=_("dossier")
    )
    institution = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="pool_entries",
        db_index=False,
        verbose_name=_("institution"),
    )
    rule = models.ForeignKey(
        PoolRule, models.PROTECT, related_name="entries", verbose_name=_("rule")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=PoolState.choices, default=PoolState.NOMINATED
    )
    # the reason, per patent, as it was when nominated
    stars = models.PositiveSmallIntegerField(_("own rating"))
    is_key_industry = models.BooleanField(_("strategic emerging industry"))
    months_left = models.PositiveSmallIntegerField(_("months left"))
    note = models.TextField(_("note"), blank=True, default="")
    nominated_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("nominated by")
    )
    nominated_at = models.DateTimeField(_("nominated"))
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    # of the city's decision; what was said at each step stands in the steps
    decision_note = models.TextField(
        _("reason of the decision"), blank=True, default="", db_default=""
    )
    removed_reason = models.TextField(_("why removed"), blank=True, default="")
    # the nominating institution and every holder of the patent: kept by the database (migration 0026)
    institutions = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        editable=False,
        verbose_name=_("institutions concerned"),
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = PoolEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("pool entry")
        verbose_name_plural = _("pool entries")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["patent"],
                condition=Q(state__in=[PoolState.NOMINATED, PoolState.ADMITTED]),
                name="pool_entry_one_live",
                violation_error_message=_("This patent is nominated already."),
            ),
        )
        indexes = (
            # the pool by longest term, and by most stars
            models.Index(fields=["-months_left", "-id"], name="pool_term"),
            models.Index(fields=["-stars", "-id"], name="pool_stars"),
            # PoolEntryQuerySet.visible_to
            GinIndex(fields=["institutions"], name="pool_institutions"),
            # the city's queue and the tabs of the list
            models.Index(fields=["state", "-id"], name="pool_state"),
            # what an institution nominated already, without the rows themselves
            models.Index(fields=["institution", "state", "dossier"], name="pool_nominated"),
        )

    def __str__(self) -> str:
        return f"{self.patent_id} {self.state}"

    @property
    def is_over(self) -> bool:
        """Whether the patent's right has ended, as far as the register says."""
        end = self.patent.expires_on
        return self.patent.simple_status == SimpleStatus.ENDED or (
            end is not None and end < clock.today()
        )

    @property
    def outcome_reason(self) -> str:
        """What was said last: why it was taken out, declined, or admitted."""
        return self.removed_reason or self.decision_note


class PoolStep(models.Model):
    """One step of a patent into or out of the pool: who, when, from where to where, why."""

    entry = models.ForeignKey(
        PoolEntry, models.PROTECT, related_name="steps", verbose_name=_("pool entry")
    )
    from_state = models.CharField(_("from"), max_length=10, blank=True, choices=PoolState.choices)
    to_state = models.CharField(_("to"), max_length=10, choices=PoolState.choices)
    actor = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("time"))
    reason = models.TextField(_("reason"), blank=True, default="")

    class Meta:
        verbose_name = _("step of a pool entry")
        verbose_name_plural = _("steps of pool entries")
        ordering = ("entry", "pk")

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.from_state} → {self.to_state}"
