"""Uploaded tables on their way in: batch, rows as read and as understood, issues, remembered columns.

The kernel knows no patent: apps register what they import (portal.intake.registry).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.choices import ImportState, IssueLevel, RowOutcome, UndoOutcome
from portal.fields import EncryptedTextField, SealedJSONField
from portal.models.files import StoredFile
from portal.models.jobs import Job
from portal.models.organisations import Organisation
from portal.models.people import Membership


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, membership: Membership) -> ImportBatchQuerySet:
        """Uploads of one's own organisation; a unit manager's and an inventor's own ones."""
        own = self.filter(organisation=membership.organisation_id)
        if membership.unit_id is not None:
            return own.filter(membership__user=membership.user_id)
        return own


class ImportBatch(models.Model):
    """One uploaded file and what is to become of it."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    kind = models.CharField(_("kind"), max_length=20, blank=True, default="")
    # what the importer needs besides the file, e.g. {"campaign": 3}
    options = models.JSONField(default=dict)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    state = models.CharField(
        _("state"), max_length=12, choices=ImportState.choices, default=ImportState.READING
    )
    # reading or applying, whichever came last
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    sheet = models.CharField(_("sheet"), max_length=100, blank=True, default="")
    header_row = models.PositiveIntegerField(_("header row"), null=True)
    # portal.intake.registry.ColumnGuess as dictionaries
    columns = models.JSONField(_("recognised columns"), default=list)
    # whose layout the file has (Importer.layout_words), and how certain that is in per cent
    layout = models.CharField(
        _("recognised layout"), max_length=20, blank=True, default="", db_default=""
    )
    layout_confidence = models.PositiveSmallIntegerField(default=0, db_default=0)
    ignored_confirmed = models.BooleanField(
        _("unknown columns confirmed as ignored"), default=False
    )
    counts = models.JSONField(_("counts"), default=dict)
    problem = models.TextField(_("problem"), blank=True, default="")
    # digest of the preview a person confirms; data changed meanwhile means a new preview
    preview_digest = models.CharField(max_length=64, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied"), null=True)
    # the applied import whose refused rows this one corrects; it reads those rows of the file and no others
    continues = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="continued_by",
        verbose_name=_("corrects the rows of"),
    )
    # taken back as one, by whom, when and why; what became of each row stands in the rows
    undone_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("taken back by")
    )
    undone_at = models.DateTimeField(_("taken back"), null=True)
    undo_reason = models.TextField(_("reason"), blank=True, default="", db_default="")

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-pk",)
        constraints = (
            # the rows that stayed out are corrected in one place at a time
            models.UniqueConstraint(
                fields=["continues"],
                name="import_continued_once",
                condition=~Q(state__in=[ImportState.DISCARDED, ImportState.UNREADABLE]),
            ),
        )

    def __str__(self) -> str:
        return self.file.name


class ImportRow(models.Model):
    """One subject of the file (a patent with its continuation rows): as read, as understood, what will happen."""

    # no index of its own: that of the constraint below begins with it
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", db_index=False)
    # Excel's own row number of the first row
    line = models.PositiveIntegerField(_("row"))
    # natural key, e.g. the canonical application number; blank when it could not be read
    key = models.CharField(_("key"), max_length=40, blank=True, default="")
    # Excel's numbers of its rows; their cells stay in the file of rows (portal.intake.files)
    raw = models.JSONField(default=list)
    # understood values by field; phone and mail sealed
    values = SealedJSONField(default=dict)
    outcome = models.CharField(_("outcome"), max_length=10, choices=RowOutcome.choices)
    # {field: [before, after]} for changed rows
    changes = models.JSONField(default=dict)
    target_id = models.BigIntegerField(null=True)
    # version of the target the preview saw
    target_version = models.PositiveIntegerField(null=True)
    # how it will be written, in the importer's form, where that was worked out with the verdict; gone once written
    plan = models.JSONField(null=True, default=None, editable=False)
    is_applied = models.BooleanField(default=False)
    # written with the row: what its target said before, in the importer's form, and the version it was left in;
    # null where nothing can be taken back, and emptied when the time to take back is over
    before = SealedJSONField(null=True)
    version_after = models.PositiveIntegerField(null=True)
    # what became of it when the import was taken back, and why it stays
    undo_outcome = models.CharField(
        _("taken back"),
        max_length=10,
        choices=UndoOutcome.choices,
        blank=True,
        default="",
        db_default="",
    )
    undo_note = models.TextField(_("reason"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("import row")
        verbose_name_plural = _("import rows")
        ordering = ("batch", "line")
        constraints = (models.UniqueConstraint(fields=["batch", "line"], name="import_row_unique"),)
        indexes = (
            # browsing the preview by outcome
            models.Index(fields=["batch", "outcome", "line"], name="import_row_outcome"),
            # duplicates inside the file, joins of the set-based checks
            models.Index(fields=["batch", "key"], name="import_row_key", condition=~Q(key="")),
            # what stays of an import that was taken back
            models.Index(
                fields=["batch", "undo_outcome", "line"],
                name="import_row_undone",
                condition=~Q(undo_outcome=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"


class ImportIssue(models.Model):
    """One thing wrong or worth knowing, with its place and what was expected."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="issues")
    # Excel's row; 0 for the file as a whole
    line = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column letter"), max_length=4, blank=True, default="")
    header = models.CharField(_("column"), max_length=200, blank=True, default="")
    level = models.CharField(_("level"), max_length=8, choices=IssueLevel.choices)
    rule = models.CharField(_("rule"), max_length=40)
    value = models.TextField(_("value"), blank=True, default="")
    # words are made when shown, in the reader's language: registry message of the rule + params
    params = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("issue of an import")
        verbose_name_plural = _("issues of an import")
        ordering = ("batch", "line", "pk")
        indexes = (
            # counting and browsing by rule
            models.Index(fields=["batch", "rule", "line"], name="import_issue_rule"),
        )

    def __str__(self) -> str:
        return f"{self.column}{self.line} {self.rule}"

    @property
    def short_header(self) -> str:
        """The head without the explanation in brackets that some templates put into it."""
        short = self.header.partition("（")[0].strip()
        return short if short and len(self.header) > 20 else self.header


class ImportCorrection(models.Model):
    """What a person wrote into one cell of an uploaded file in place of what stands there; the file stays as it is."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="corrections")
    # Excel's row
    line = models.PositiveIntegerField(_("row"))
    # counted from 0, as ColumnGuess.index
    column_index = models.PositiveSmallIntegerField(_("column"))
    # any column may hold a phone or a mail address; "" empties the cell
    value = EncryptedTextField(_("value"), blank=True, default="")

    class Meta:
        verbose_name = _("correction of an import")
        verbose_name_plural = _("corrections of an import")
        ordering = ("batch", "line", "column_index")
        constraints = (
            models.UniqueConstraint(
                fields=["batch", "line", "column_index"], name="import_correction_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}:{self.column_index}"


class ImportMapping(models.Model):
    """How an organisation's files of one shape (the same heads) were mapped last time."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    # digest of the folded heads: the vendor's layout
    signature = models.CharField(max_length=64)
    fields = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "kind", "signature"], name="import_mapping_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.kind}"
