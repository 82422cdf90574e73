"""Remarks of reviewers on fields of a dossier."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from inventory.models.dossiers import Dossier
from portal.models import Membership


class FieldCommentQuerySet(models.QuerySet["FieldComment"]):
    def visible_to(self, membership: Membership) -> FieldCommentQuerySet:
        """Remarks are between reviewers and fillers of the filing institution; officials look on."""
        seen = self.filter(dossier__in=Dossier.objects.visible_to(membership).values("pk"))
        if membership.is_official:
            return seen
        return seen.filter(dossier__participation__institution=membership.organisation_id)


class FieldComment(models.Model):
    """A reviewer's remark on one field: answered and settled by whoever fills in, at the latest by approval."""

    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="comments", verbose_name=_("dossier")
    )
    field = models.CharField(_("field"), max_length=40)
    text = models.TextField(_("comment"), max_length=1000)
    author = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("author")
    )
    created_at = models.DateTimeField(_("time"), auto_now_add=True)
    answer = models.TextField(_("answer"), max_length=1000, blank=True, db_default="", default="")
    answered_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    settled_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    settled_at = models.DateTimeField(_("settled"), null=True)

    objects = FieldCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a field")
        verbose_name_plural = _("comments on fields")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.text
