"""Help with the writing: drafts that wait for a person, and phrases people keep."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import DraftOrigin, DraftState, PhraseField
from inventory.models.dossiers import Dossier
from portal.models import Membership, Organisation, Unit, User


class TextDraftQuerySet(models.QuerySet["TextDraft"]):
    def visible_to(self, membership: Membership) -> TextDraftQuerySet:
        """Drafts are for those who fill in: people of the filing institution who see the dossier."""
        mine = Dossier.objects.visible_to(membership).filter(
            participation__institution=membership.organisation_id
        )
        return self.filter(dossier__in=mine.values("pk"))

    def proposed(self) -> TextDraftQuerySet:
        return self.filter(state=DraftState.PROPOSED)


class TextDraft(models.Model):
    """A proposal for one text of a dossier, kept apart from the dossier until a person takes it over."""

    dossier = models.ForeignKey(
        Dossier, models.CASCADE, related_name="drafts", verbose_name=_("dossier")
    )
    field = models.CharField(
        _("field"), max_length=12, choices=[c for c in PhraseField.choices if c[0] != "remark"]
    )
    origin = models.CharField(_("origin"), max_length=10, choices=DraftOrigin.choices)
    # the name of the language model; blank for extraction
    model_name = models.CharField(_("language model"), max_length=80, blank=True, default="")
    # [{text, source, reference}] in order: where each sentence stands
    sentences = models.JSONField(_("sentences"), default=list)
    text = models.TextField(_("text"), validators=[MaxLengthValidator(500)])
    state = models.CharField(
        _("state"), max_length=9, choices=DraftState.choices, default=DraftState.PROPOSED
    )
    made_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"))
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    objects = TextDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a text")
        verbose_name_plural = _("drafts of texts")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["dossier", "field", "origin"],
                condition=Q(state=DraftState.PROPOSED),
                name="draft_one_proposed",
            ),
        )

    def __str__(self) -> str:
        return self.text


class PhraseQuerySet(models.QuerySet["Phrase"]):
    def visible_to(self, membership: Membership) -> PhraseQuerySet:
        """One's own; those shared in the institution, or in a unit at or above one's own."""
        here = self.filter(organisation=membership.organisation_id)
        shared = Q(is_shared=True, unit__isnull=True)
        if membership.unit is not None:
            above = [int(part) for part in membership.unit.path.split("/") if part]
            shared |= Q(is_shared=True, unit__in=above)
        elif membership.is_of_institution:
            shared |= Q(is_shared=True)
        return here.filter(Q(owner=membership.user_id) | shared)


class Phrase(models.Model):
    """A wording kept for the texts of dossiers: one's own, or shared in the unit or the institution."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="+", verbose_name=_("organisation")
    )
    unit = models.ForeignKey(
        Unit, models.CASCADE, null=True, related_name="+", verbose_name=_("unit")
    )
    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("owner"))
    field = models.CharField(_("field"), max_length=12, choices=PhraseField.choices)
    text = models.TextField(_("text"), validators=[MaxLengthValidator(500)])
    is_shared = models.BooleanField(_("shared"), default=False)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = _("phrase")
        verbose_name_plural = _("phrases")
        ordering = ("field", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "owner", "field", "text"], name="phrase_once"
            ),
        )

    def __str__(self) -> str:
        return self.text
