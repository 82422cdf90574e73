"""Whose patent it is: dossiers offered to another unit, and people who said that a patent is not theirs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.choices import TRANSFER_OPEN, TransferState
from inventory.models.dossiers import Dossier
from inventory.models.patents import Patent
from portal.choices import Role
from portal.models import Membership, Organisation, Unit, User


class UnitTransferQuerySet(models.QuerySet["UnitTransfer"]):
    def visible_to(self, membership: Membership) -> UnitTransferQuerySet:
        """The institution's for its manager; for a unit's manager those from and to the own branch."""
        own = self.filter(institution=membership.organisation_id)
        if membership.role == Role.INSTITUTION_MANAGER:
            return own
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            below = Unit.objects.below(membership.unit)
            return own.filter(Q(from_unit__in=below) | Q(to_unit__in=below))
        return self.none()

    def waiting_for(self, membership: Membership) -> UnitTransferQuerySet:
        """Those this membership has to answer."""
        if membership.role == Role.INSTITUTION_MANAGER:
            return self.filter(
                state=TransferState.AT_MANAGER, institution=membership.organisation_id
            )
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            below = Unit.objects.below(membership.unit)
            return self.filter(state=TransferState.AT_UNIT, to_unit__in=below)
        return self.none()

    def open(self) -> UnitTransferQuerySet:
        return self.filter(state__in=TRANSFER_OPEN)

    def with_names(self) -> UnitTransferQuerySet:
        return self.select_related(
            "dossier__patent",
            "dossier__responsible",
            "from_unit",
            "to_unit",
            "asked_by__user",
            "decided_by__user",
        ).prefetch_related("dossier__patent__inventors")


class UnitTransfer(models.Model):
    """“Not ours”: a unit passes a dossier to another, which accepts or refuses; in the end the manager decides."""

    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="transfers", verbose_name=_("dossier")
    )
    # the institution that files, kept here so that the border needs no joins
    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("institution")
    )
    from_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("from unit")
    )
    to_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("to unit")
    )
    reason = models.TextField(_("reason"), max_length=500)
    state = models.CharField(_("state"), max_length=12, choices=TransferState.choices)
    asked_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    decided_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by")
    )
    decided_at = models.DateTimeField(_("answered"), null=True)
    answer = models.TextField(_("answer"), blank=True, default="", max_length=500)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = UnitTransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("transfer between units")
        verbose_name_plural = _("transfers between units")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(state__in=sorted(TRANSFER_OPEN)),
                name="transfer_one_open",
                violation_error_message=_("This dossier is being passed on already."),
            ),
        )
        indexes = (
            # the queue of an institution
            models.Index(fields=["institution", "state", "id"], name="transfer_queue"),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.from_unit_id} → {self.to_unit_id}"

    @property
    def is_open(self) -> bool:
        return self.state in TRANSFER_OPEN


class NotMine(models.Model):
    """A person said that a patent with the own name on it is somebody else's: not proposed or linked again."""

    patent = models.ForeignKey(
        Patent, models.CASCADE, related_name="disowned", verbose_name=_("patent")
    )
    user = models.ForeignKey(
        User, models.PROTECT, related_name="disowned", verbose_name=_("person")
    )
    reason = models.TextField(_("reason"), max_length=500)
    said_at = models.DateTimeField(_("said"), auto_now_add=True)

    class Meta:
        verbose_name = _("patent of somebody else")
        verbose_name_plural = _("patents of somebody else")
        constraints = (models.UniqueConstraint(fields=["patent", "user"], name="not_mine_unique"),)

    def __str__(self) -> str:
        return f"{self.patent_id} ≠ {self.user_id}"
