"""People of an organisation as its personnel list knows them, invitations to sign in, and who left."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.choices import InvitationState, Role, StaffCategory
from portal.fields import EncryptedTextField
from portal.models.organisations import Organisation, Unit
from portal.models.people import Membership, User


class StaffMemberQuerySet(models.QuerySet["StaffMember"]):
    def visible_to(self, membership: Membership) -> StaffMemberQuerySet:
        """The list of one's own institution for its manager, the own branch for a unit's manager; nobody else."""
        own = self.filter(organisation=membership.organisation_id)
        if membership.role == Role.INSTITUTION_MANAGER:
            return own
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            return own.filter(unit__in=Unit.objects.below(membership.unit))
        return self.none()

    def with_names(self) -> StaffMemberQuerySet:
        return self.select_related("unit", "user")


class StaffMember(models.Model):
    """A line of the personnel list: no more than is needed to say whose patent it is (PIPL art. 6)."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="staff", verbose_name=_("organisation")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="staff", verbose_name=_("unit")
    )
    # the account in which this person acts for the organisation
    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="staff_entries", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=80)
    # portal.text.pinyin_key: the same for 张三, 张 三 and Zhang San
    name_key = models.CharField(_("pinyin key"), max_length=160, editable=False)
    staff_number = models.CharField(_("staff number"), max_length=32, blank=True, default="")
    title = models.CharField(_("professional title"), max_length=40, blank=True, default="")
    category = models.CharField(
        _("category"),
        max_length=8,
        choices=StaffCategory.choices,
        default=StaffCategory.TEACHER,
    )
    email = EncryptedTextField(_("mail address"), blank=True, default="")
    email_lookup = models.CharField(max_length=64, blank=True, editable=False)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_lookup = models.CharField(max_length=64, blank=True, editable=False)
    # somebody of this name was on the list already and nothing said whether it is the same person
    is_doubtful = models.BooleanField(_("one person or two"), default=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("person on the personnel list")
        verbose_name_plural = _("personnel list")
        ordering = ("name_key", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "staff_number"],
                condition=~Q(staff_number=""),
                name="staff_number_unique",
                violation_error_message=_("This staff number is taken."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(user__isnull=False),
                name="staff_one_per_account",
            ),
        )
        indexes = (
            # who is meant by an inventor's name; the list by name
            models.Index(fields=["organisation", "name_key", "id"], name="staff_name"),
        )

    def __str__(self) -> str:
        return self.name


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, membership: Membership) -> InvitationQuerySet:
        """Invitations into one's own institution, or one's own branch of it."""
        own = self.filter(organisation=membership.organisation_id)
        if membership.role == Role.INSTITUTION_MANAGER:
            return own
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            return own.filter(unit__in=Unit.objects.below(membership.unit))
        return self.none()

    def in_state(self, state: str) -> InvitationQuerySet:
        """The state is a matter of days and marks: see Invitation.state."""
        open_ones = self.filter(accepted_at__isnull=True, revoked_at__isnull=True)
        now = clock.now()
        found = {
            InvitationState.ACCEPTED: self.filter(accepted_at__isnull=False),
            InvitationState.REVOKED: self.filter(revoked_at__isnull=False),
            InvitationState.NEW: open_ones.filter(token_digest__isnull=True),
            InvitationState.SENT: open_ones.filter(token_digest__isnull=False, expires_at__gte=now),
            InvitationState.EXPIRED: open_ones.filter(
                token_digest__isnull=False, expires_at__lt=now
            ),
        }
        return found.get(InvitationState(state), self.none())

    def pending(self) -> InvitationQuerySet:
        """Neither accepted nor revoked."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def with_names(self) -> InvitationQuerySet:
        return self.select_related(
            "user", "unit", "organisation", "created_by__user", "accepted_by"
        )


class Invitation(models.Model):
    """A link with which a person takes the account kept ready, or joins with an account of one's own."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="invitations", verbose_name=_("organisation")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit")
    )
    role = models.CharField(_("role"), max_length=24, choices=Role.choices, default=Role.INVENTOR)
    # the account kept ready: without a password until the link is used
    user = models.ForeignKey(
        User, models.PROTECT, related_name="invitations", verbose_name=_("person invited")
    )
    # SHA-256 of the token; the token itself is in the link only. None until a link was made.
    token_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001 - unique
    created_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(_("link made"), null=True)
    is_mailed = models.BooleanField(_("sent by mail"), default=False)
    expires_at = models.DateTimeField(_("valid until"), null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_one_pending",
                violation_error_message=_("An invitation of this person is waiting already."),
            ),
        )
        indexes = (
            # the list of an institution, newest first
            models.Index(fields=["organisation", "-id"], name="invitation_list"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} → {self.organisation_id}"

    @property
    def state(self) -> InvitationState:
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.revoked_at is not None:
            return InvitationState.REVOKED
        if self.token_digest is None or self.expires_at is None:
            return InvitationState.NEW
        is_over = self.expires_at < clock.now()
        return InvitationState.EXPIRED if is_over else InvitationState.SENT

    @property
    def is_pending(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None


class DepartureQuerySet(models.QuerySet["Departure"]):
    def visible_to(self, membership: Membership) -> DepartureQuerySet:
        """Who left one's own institution: for its manager."""
        if membership.role != Role.INSTITUTION_MANAGER:
            return self.none()
        return self.filter(organisation=membership.organisation_id)

    def standing(self) -> DepartureQuerySet:
        """Of people who have not come back."""
        return self.filter(returned_at__isnull=True)


class Departure(models.Model):
    """A person left an organisation: which roles ended, and what became of the work."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="departures", verbose_name=_("organisation")
    )
    user = models.ForeignKey(
        User, models.PROTECT, related_name="departures", verbose_name=_("person")
    )
    reason = models.CharField(_("reason"), max_length=500)
    # keys of the memberships that ended with it
    memberships: models.JSONField[Any, Any] = models.JSONField(_("roles ended"), default=list)
    # {kind of work: how many}
    handed_over: models.JSONField[Any, Any] = models.JSONField(_("handed over"), default=dict)
    successor = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("successor")
    )
    account_ended = models.BooleanField(_("account deactivated"), default=False)
    left_at = models.DateTimeField(_("left"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    returned_at = models.DateTimeField(_("came back"), null=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = DepartureQuerySet.as_manager()

    class Meta:
        verbose_name = _("departure")
        verbose_name_plural = _("departures")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(returned_at__isnull=True),
                name="departure_one_standing",
                violation_error_message=_("This person has left already."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} ← {self.organisation_id}"
