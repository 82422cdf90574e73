"""Round-trip workbooks (回填工作簿): which were made, what each row said when it went out, what was decided since."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.models.dossiers import Dossier
from portal.choices import Role
from portal.fields import SealedJSONField
from portal.merging import MINE, THEIRS
from portal.models import Membership, Organisation, StoredFile, Unit, User


class WorkbookQuerySet(models.QuerySet["Workbook"]):
    def visible_to(self, membership: Membership) -> WorkbookQuerySet:
        """The institution's for its manager, those of the own branch for a unit's, one's own for a person."""
        own = self.filter(institution=membership.organisation_id)
        if membership.role == Role.INSTITUTION_MANAGER:
            return own
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            return own.filter(unit__in=Unit.objects.below(membership.unit))
        return self.none()


class Workbook(models.Model):
    """A workbook made for a unit (with what is below it), a person, or the patents that no unit has."""

    institution = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("institution"),
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=pgettext_lazy("kind of record", "unit"),
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("responsible person")
    )
    # its content goes after a day, as that of every export; the row stays and says that there was one
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    count = models.PositiveIntegerField(_("dossiers"))
    made_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = WorkbookQuerySet.as_manager()

    class Meta:
        verbose_name = _("round-trip workbook")
        verbose_name_plural = _("round-trip workbooks")
        ordering = ("-pk",)
        indexes = (
            # the newest of each unit and person of an institution
            models.Index(fields=["institution", "unit", "person", "-id"], name="workbook_newest"),
        )

    def __str__(self) -> str:
        return self.file.name


class WorkbookBaseQuerySet(models.QuerySet["WorkbookBase"]):
    def visible_to(self, membership: Membership) -> WorkbookBaseQuerySet:
        """Of the dossiers that the own institution files."""
        seen = Dossier.objects.filed_for(membership)
        return self.filter(dossier__in=seen.values("pk"))


class WorkbookBase(models.Model):
    """What a dossier said when it went out in a workbook: the base of the merge when the row comes back.

    The same answers are kept once, however many workbooks they go out in.
    """

    dossier = models.ForeignKey(
        Dossier, models.CASCADE, related_name="+", db_index=False, verbose_name=_("dossier")
    )
    version = models.PositiveIntegerField(_("version"))
    # of the values: the content hash of the row
    digest = models.CharField(max_length=32)
    # as a reading of the row would give them (inventory.importing.national_plan.normal_values)
    values = SealedJSONField(default=dict)
    made_at = models.DateTimeField(_("made"))

    objects = WorkbookBaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("answers as exported")
        verbose_name_plural = _("answers as exported")
        constraints = (
            models.UniqueConstraint(fields=["dossier", "digest"], name="workbook_base_unique"),
        )
        indexes = (
            # what is older than anybody may bring back
            models.Index(fields=["made_at"], name="workbook_base_age"),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id}:{self.digest}"


class WorkbookDecisionQuerySet(models.QuerySet["WorkbookDecision"]):
    def visible_to(self, membership: Membership) -> WorkbookDecisionQuerySet:
        """Of the dossiers that the own institution files."""
        seen = Dossier.objects.filed_for(membership)
        return self.filter(dossier__in=seen.values("pk"))


class WorkbookDecision(models.Model):
    """Which side a person chose where file and portal both changed a field.

    It holds for exactly these three values (`sides`): once one of them is another, it must be decided again.
    """

    class Side(models.TextChoices):
        # the names of the merge view (portal.merging)
        MINE = MINE, _("File")
        THEIRS = THEIRS, _("Portal")

    dossier = models.ForeignKey(
        Dossier, models.CASCADE, related_name="+", db_index=False, verbose_name=_("dossier")
    )
    field = models.CharField(_("field"), max_length=20)
    sides = models.CharField(max_length=32)
    keep = models.CharField(_("kept"), max_length=6, choices=Side.choices)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"))

    objects = WorkbookDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision on a conflict")
        verbose_name_plural = _("decisions on conflicts")
        constraints = (
            models.UniqueConstraint(
                fields=["dossier", "field", "sides"], name="workbook_decision_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.field}: {self.keep}"
