"""Patents of several holders: who files, handing filing over, and what a co-holder objects to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from inventory.holder_choices import LIVE_OBJECTIONS, HandoverState, ObjectionState
from inventory.models.campaigns import BaseListEntry
from inventory.models.dossiers import Dossier
from inventory.models.participations import CampaignInstitution
from portal.choices import Role
from portal.models import Membership, Organisation

_READERS = frozenset(
    {Role.INSTITUTION_MANAGER, Role.AUDITOR, Role.DEPARTMENT_OFFICIAL, Role.DISTRICT_OFFICIAL}
)


class HandoverOfferQuerySet(models.QuerySet["HandoverOffer"]):
    def visible_to(self, membership: Membership) -> HandoverOfferQuerySet:
        """Offers by or to the institutions in one's charge; the lead bureau sees all."""
        if membership.role == Role.CITY_OFFICIAL:
            return self
        if membership.role not in _READERS:
            return self.none()
        watched = Organisation.objects.is_watched
        return self.filter(
            Q(watched(membership, "from_participation__institution"))
            | Q(watched(membership, "to_participation__institution"))
        )

    def open(self) -> HandoverOfferQuerySet:
        return self.filter(state=HandoverState.OFFERED)


class HandoverOffer(models.Model):
    """The filing institution of a co-owned patent offers filing to another holder that takes part."""

    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="handovers", verbose_name=_("dossier")
    )
    from_participation = models.ForeignKey(
        CampaignInstitution,
        models.PROTECT,
        related_name="handovers_offered",
        verbose_name=_("filing institution"),
    )
    to_participation = models.ForeignKey(
        CampaignInstitution,
        models.PROTECT,
        related_name="handovers_received",
        verbose_name=_("offered to"),
    )
    reason = models.TextField(_("reason"), max_length=500)
    state = models.CharField(
        _("state"), max_length=10, choices=HandoverState.choices, default=HandoverState.OFFERED
    )
    offered_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("offered by")
    )
    offered_at = models.DateTimeField(_("offered"))
    answered_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer = models.TextField(_("answer"), max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = HandoverOfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer to hand over")
        verbose_name_plural = _("offers to hand over")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(state=HandoverState.OFFERED),
                name="handover_one_open",
                violation_error_message=_("Handing over this dossier was offered already."),
            ),
            models.CheckConstraint(
                condition=~Q(from_participation=models.F("to_participation")),
                name="handover_to_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.from_participation_id} → {self.to_participation_id}"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, membership: Membership) -> ObjectionQuerySet:
        """Objections to the dossiers one may see."""
        seen = Dossier.objects.visible_to(membership).values("pk")
        return self.filter(entry__dossier__in=seen)

    def live(self) -> ObjectionQuerySet:
        return self.filter(state__in=LIVE_OBJECTIONS)


class Objection(models.Model):
    """A co-holder's objection to what was approved: it flags the dossier and blocks nothing."""

    # the objector's own entry of the patent
    entry = models.ForeignKey(
        BaseListEntry, models.PROTECT, related_name="objections", verbose_name=_("entry")
    )
    approved_version = models.PositiveIntegerField(_("approved version"))
    text = models.TextField(_("objection"), max_length=1000)
    fields = ArrayField(
        models.CharField(max_length=40), default=list, verbose_name=_("fields concerned")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ObjectionState.choices, default=ObjectionState.OPEN
    )
    raised_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("raised by")
    )
    raised_at = models.DateTimeField(_("raised"))
    answer = models.TextField(_("answer"), max_length=1000, blank=True, default="")
    opens_revision = models.BooleanField(_("answered by a revision"), default=False)
    answered_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    ending_note = models.CharField(_("note of the end"), max_length=500, blank=True, default="")
    ended_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(state__in=LIVE_OBJECTIONS),
                name="objection_one_live",
                violation_error_message=_("Your institution has objected already."),
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_OBJECTIONS


def has_objection(outer: str = "dossier") -> Exists:
    """Condition on rows with a dossier: a co-holder's objection is not settled."""
    return Exists(Objection.objects.live().filter(entry__dossier=OuterRef(outer)))


def has_open_handover(outer: str = "dossier") -> Exists:
    """Condition on rows with a dossier: handing over is offered and not answered."""
    return Exists(HandoverOffer.objects.open().filter(dossier=OuterRef(outer)))
