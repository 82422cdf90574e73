"""Marks of a dossier: what was done with the patent, and what the holder would do; several of each, in order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import IntentLevel1, IntentLevel2, StatusLevel1, StatusLevel2
from inventory.models.dossiers import Dossier

# a page of a list reads marks by the hundred; Django's own words for a choice gather all choices anew for each
_STATUS, _STATUS_DETAIL = dict(StatusLevel1.choices), dict(StatusLevel2.choices)
_INTENT, _INTENT_DETAIL = dict(IntentLevel1.choices), dict(IntentLevel2.choices)


def _in_words(*levels: tuple[Mapping[str, Any], str]) -> str:
    """The levels that are given, in the reader's language."""
    return " · ".join(str(words.get(value, value)) for words, value in levels if value)


class StatusMark(models.Model):
    """One implementation status of a dossier (template L–O); several per patent, in order."""

    dossier = models.ForeignKey(
        Dossier, models.CASCADE, related_name="status_marks", verbose_name=_("dossier")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    level1 = models.CharField(_("status"), max_length=24, choices=StatusLevel1.choices)
    level2 = models.CharField(
        _("status in detail"), max_length=28, choices=StatusLevel2.choices, blank=True, default=""
    )
    # the wording of 自定义, and legacy names of old files
    wording = models.CharField(_("own wording"), max_length=200, blank=True, default="")
    # 万元; 0 is a free licence, blank is "not said"
    amount = models.DecimalField(
        _("amount (10,000 yuan)"),
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    product_name = models.CharField(_("product"), max_length=200, blank=True, default="")
    report_result = models.CharField(
        _("result of the evaluation report"), max_length=200, blank=True, default=""
    )
    remark = models.CharField(_("remark"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("implementation status")
        verbose_name_plural = _("implementation statuses")
        ordering = ("dossier", "position")
        constraints = (
            models.UniqueConstraint(fields=["dossier", "position"], name="status_position_unique"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="status_amount_not_negative",
            ),
        )

    def __str__(self) -> str:
        return _in_words((_STATUS, self.level1), (_STATUS_DETAIL, self.level2))


class IntentMark(models.Model):
    """One thing the holder would do with the patent (template P–R); several per patent, in order."""

    dossier = models.ForeignKey(
        Dossier, models.CASCADE, related_name="intent_marks", verbose_name=_("dossier")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    level1 = models.CharField(_("intent"), max_length=12, choices=IntentLevel1.choices)
    level2 = models.CharField(
        _("intent in detail"), max_length=16, choices=IntentLevel2.choices, blank=True, default=""
    )
    wording = models.CharField(_("own wording"), max_length=200, blank=True, default="")
    # 万元; 0 differs from blank
    fee = models.DecimalField(
        _("fee (10,000 yuan)"),
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )

    class Meta:
        verbose_name = _("intent")
        verbose_name_plural = _("intents")
        ordering = ("dossier", "position")
        constraints = (
            models.UniqueConstraint(fields=["dossier", "position"], name="intent_position_unique"),
            models.CheckConstraint(
                condition=Q(fee__isnull=True) | Q(fee__gte=0), name="intent_fee_not_negative"
            ),
        )

    def __str__(self) -> str:
        return _in_words((_INTENT, self.level1), (_INTENT_DETAIL, self.level2))
