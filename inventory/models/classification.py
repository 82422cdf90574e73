"""Loaded classification tables, the industries they give each patent, and the city's key industries."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.choices import ClassScheme, ClassState, TableKind
from inventory.models.patents import Patent
from portal.choices import Role
from portal.models import ImportBatch, Membership


def reads_tables(membership: Membership) -> bool:
    """Published standards and what comes first: who works with stock-taking, and who keeps the tables."""
    is_working = membership.is_of_institution or membership.is_official
    return is_working or membership.role in (Role.AUDITOR, Role.SYSTEM_ADMIN)


class ClassificationTableQuerySet(models.QuerySet["ClassificationTable"]):
    def visible_to(self, membership: Membership) -> ClassificationTableQuerySet:
        return self if reads_tables(membership) else self.none()


class ClassificationTable(models.Model):
    """One edition of a table brought as a file: deeper codes with names, or a concordance with the IPC."""

    kind = models.CharField(_("kind of table"), max_length=12, choices=TableKind.choices)
    scheme = models.CharField(_("classification"), max_length=10, choices=ClassScheme.choices)
    edition = models.CharField(_("edition"), max_length=160)
    is_current = models.BooleanField(_("in force"), default=False)
    batch = models.OneToOneField(
        ImportBatch, models.PROTECT, related_name="+", verbose_name=_("came with")
    )
    loaded_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("loaded by")
    )
    loaded_at = models.DateTimeField(_("loaded"), auto_now_add=True)
    # the register's changes up to this moment were classified by this edition
    applied_at = models.DateTimeField(_("applied to the patents"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ClassificationTableQuerySet.as_manager()

    class Meta:
        verbose_name = _("classification table")
        verbose_name_plural = _("classification tables")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "scheme"],
                condition=Q(is_current=True),
                name="classification_table_one_in_force",
            ),
        )

    def __str__(self) -> str:
        return self.edition

    def get_absolute_url(self) -> str:
        name = "rules" if self.kind == TableKind.CONCORDANCE else "codes"
        return f"{reverse(f'inventory:classification-{name}')}?table={self.pk}"


class ClassificationCode(models.Model):
    """A code of a loaded table with its name: 小类 of 国民经济行业, or a deeper level of 战略性新兴产业."""

    table = models.ForeignKey(
        ClassificationTable, models.CASCADE, related_name="codes", verbose_name=_("table")
    )
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("code of a table")
        verbose_name_plural = _("codes of a table")
        ordering = ("table", "code")
        constraints = (
            models.UniqueConstraint(fields=["table", "code"], name="classification_code_unique"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class RuleEffect(models.TextChoices):
    """What a rule of a concordance does with a patent that it fits."""

    BELONGS = "belongs", _("Belongs")
    PROPOSES = "proposes", _("Proposes")
    EXCLUDED = "excluded", pgettext_lazy("rule", "Excluded")


class ConcordanceRule(models.Model):
    """One pattern of IPC symbols of a loaded concordance, and the code it leads to or is kept from."""

    table = models.ForeignKey(
        ClassificationTable, models.CASCADE, related_name="rules", verbose_name=_("table")
    )
    code = models.CharField(_("code"), max_length=12)
    # as the table writes it; inventory.classification.symbols reads it
    pattern = models.CharField(_("pattern of classes"), max_length=60)
    is_exclusion = models.BooleanField(_("excluded"), default=False)
    # folded; such a rule proposes, a person confirms
    keyword = models.CharField(_("keyword"), max_length=60, blank=True, default="")

    class Meta:
        verbose_name = _("rule of a concordance")
        verbose_name_plural = _("rules of a concordance")
        ordering = ("table", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["table", "code", "pattern", "is_exclusion", "keyword"],
                name="concordance_rule_unique",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pattern} → {self.code}"

    @property
    def effect(self) -> RuleEffect:
        """What it does; one with a keyword proposes only."""
        if self.is_exclusion:
            return RuleEffect.EXCLUDED
        return RuleEffect.PROPOSES if self.keyword else RuleEffect.BELONGS


class PatentIndustry(models.Model):
    """An industry a patent belongs to, where that comes from, and how sure it is: many per patent."""

    patent = models.ForeignKey(
        Patent, models.CASCADE, related_name="industries", verbose_name=_("patent")
    )
    scheme = models.CharField(_("classification"), max_length=10, choices=ClassScheme.choices)
    code = models.CharField(_("code"), max_length=12)
    state = models.CharField(_("confidence"), max_length=10, choices=ClassState.choices)
    # the edition and the pattern that led here; none where a person said so
    table = models.ForeignKey(
        ClassificationTable, models.PROTECT, null=True, related_name="+", verbose_name=_("table")
    )
    pattern = models.CharField(_("pattern of classes"), max_length=60, blank=True, default="")
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        verbose_name = _("industry of a patent")
        verbose_name_plural = _("industries of patents")
        ordering = ("patent", "scheme", "code")
        constraints = (
            models.UniqueConstraint(
                fields=["patent", "scheme", "code"], name="patent_industry_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.patent_id} {self.code}"


class KeyIndustryQuerySet(models.QuerySet["KeyIndustry"]):
    def visible_to(self, membership: Membership) -> KeyIndustryQuerySet:
        return self if reads_tables(membership) else self.none()


class KeyIndustry(models.Model):
    """重点产业: what the city wants first, by class symbols and by codes of 战略性新兴产业."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    patterns = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        size=200,
        verbose_name=_("classes (IPC)"),
    )
    strategic_codes = ArrayField(
        models.CharField(max_length=4),
        default=list,
        blank=True,
        verbose_name=_("strategic emerging industries"),
    )
    is_active = models.BooleanField(_("in force"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = KeyIndustryQuerySet.as_manager()

    class Meta:
        verbose_name = _("key industry")
        verbose_name_plural = _("key industries")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(patterns=[]) | ~Q(strategic_codes=[]),
                name="key_industry_says_what",
                violation_error_message=_("Name at least one class or one strategic industry."),
            ),
        )

    def __str__(self) -> str:
        return self.name
