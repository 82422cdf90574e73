"""People, their memberships (the capacities in which they act), and the counter of failed sign-ins."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from portal import crypto
from portal.choices import ADMIN_ROLES, INSTITUTION_ROLES, OFFICIAL_ROLES, Role
from portal.fields import EncryptedTextField
from portal.models.organisations import Organisation, Unit
from portal.text import pinyin_key


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def without_role(self) -> UserQuerySet:
        """Accounts that hold no active role: they can sign in and do nothing."""
        held = Membership.objects.filter(user=models.OuterRef("pk"), is_active=True)
        return self.filter(~models.Exists(held))

    def visible_to(self, membership: Membership) -> UserQuerySet:
        """People of one's own organisation for managers; everybody for system and security administrators."""
        if membership.role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
            return self
        if membership.role == Role.INSTITUTION_MANAGER:
            return self.filter(memberships__organisation=membership.organisation_id).distinct()
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            units = Unit.objects.below(membership.unit)
            return self.filter(memberships__unit__in=units).distinct()
        return self.filter(pk=membership.user_id)

    def audited_by(self, membership: Membership) -> UserQuerySet:
        """People of the organisations whose trail one reads, named there."""
        audited = Organisation.objects.audited_by(membership)
        return self.filter(memberships__organisation__in=audited).distinct()

    def with_roles(self, membership: Membership) -> UserQuerySet:
        """With the memberships this membership may see, active ones first."""
        roles = Membership.objects.visible_to(membership).select_related("organisation", "unit")
        shown = roles.order_by("-is_active", "pk")
        return self.prefetch_related(models.Prefetch("memberships", shown, to_attr="roles"))

    def with_all_roles(self) -> UserQuerySet:
        """With every membership: what the permissions on accounts look at."""
        return self.prefetch_related("memberships__organisation")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people with their derived columns filled."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.build(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def build(
        self, *, username: str, name: str, email: str = "", phone: str = "", **more: Any
    ) -> User:
        """An unsaved user with pinyin key and look-up digests."""
        return User(
            username=username,
            name=name,
            name_key=pinyin_key(name, person=True),
            email=email,
            email_lookup=crypto.lookup(email),
            phone=phone,
            phone_lookup=crypto.lookup(phone),
            **more,
        )


class User(AbstractBaseUser):
    """A person who can sign in. Deactivated when they leave, never deleted."""

    username = models.CharField(
        _("user name"),
        max_length=64,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("This user name is taken.")},
    )
    name = models.CharField(_("name"), max_length=80)
    name_key = models.CharField(_("pinyin key"), max_length=160, editable=False)
    email = EncryptedTextField(_("mail address"), blank=True, default="")
    email_lookup = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_lookup = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must change password"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        indexes = (
            # inventory.queries.unassigned: who has left
            models.Index(fields=["id"], condition=models.Q(is_active=False), name="user_left"),
            # people of a name; the list of people
            models.Index(fields=["name_key", "id"], name="user_name_key"),
        )

    def __str__(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        return self.filter(is_active=True, user__is_active=True, organisation__is_active=True)

    def visible_to(self, membership: Membership) -> MembershipQuerySet:
        """Memberships of the people one may see, inside the same border."""
        if membership.role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
            return self
        if membership.role == Role.INSTITUTION_MANAGER:
            return self.filter(organisation=membership.organisation_id)
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            return self.filter(unit__in=Unit.objects.below(membership.unit))
        return self.filter(user=membership.user_id)

    def audited_by(self, membership: Membership) -> MembershipQuerySet:
        """Roles in the organisations whose trail one reads, named there."""
        return self.filter(organisation__in=Organisation.objects.audited_by(membership))

    def with_names(self) -> MembershipQuerySet:
        return self.select_related("user", "organisation", "unit")

    def with_unread(self) -> MembershipQuerySet:
        """With `unread`: how many notices of this capacity have not been read (for the bell: no query of its own)."""
        notices = apps.get_model("portal", "Notice").objects.unread()
        counted = (
            notices.filter(recipient=models.OuterRef("pk"))
            .order_by()
            .values("recipient")
            .annotate(count=models.Count("pk"))
            .values("count")
        )
        return self.annotate(unread=Coalesce(models.Subquery(counted), 0))


class Membership(models.Model):
    """The capacity in which a person acts: a role in an organisation, with a unit where the role needs one."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name=_("user")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name=_("organisation")
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("unit"),
    )
    role = models.CharField(_("role"), max_length=24, choices=Role.choices)
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["user", "organisation", "unit", "role"],
                nulls_distinct=False,
                name="membership_unique",
                violation_error_message=_("This person holds this role here already."),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(role__in=sorted(ADMIN_ROLES), is_active=True),
                name="membership_one_admin_role",
                violation_error_message=_(
                    "System, security and audit administrator must be three different people."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.UNIT_MANAGER) | Q(unit__isnull=False),
                name="membership_unit_manager_has_unit",
                violation_error_message=_("A unit manager needs a unit."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.unit or self.organisation}"

    @property
    def is_official(self) -> bool:
        return self.role in OFFICIAL_ROLES

    @property
    def is_administrator(self) -> bool:
        return self.role in ADMIN_ROLES

    @property
    def is_of_institution(self) -> bool:
        return self.role in INSTITUTION_ROLES


class SignInThrottle(models.Model):
    """Failed sign-ins of one (user name, address) pair, counted in the database so that races cannot slip through."""

    # HMAC of user name and address: no names of strangers are kept in clear
    key = models.CharField(_("key"), max_length=64, primary_key=True)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("sign-in throttle")
        verbose_name_plural = _("sign-in throttles")

    def __str__(self) -> str:
        return self.key


class RevealCount(models.Model):
    """How often a person looked at full contacts in an hour: in the database, so that races cannot slip through."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    hour = models.DateTimeField(_("hour"))
    count = models.PositiveIntegerField(_("count"), default=1)

    class Meta:
        verbose_name = _("count of full contacts looked at")
        verbose_name_plural = _("counts of full contacts looked at")

    def __str__(self) -> str:
        return f"{self.user_id} {self.count}"
