"""Organisations of every kind, who supervises whom, former names, and the unit tree."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.choices import (
    INSTITUTION_KINDS,
    OTHER_UNIT_LEVELS,
    UNIT_LEVELS,
    Affiliation,
    District,
    OrganisationKind,
    Role,
)
from portal.text import fold
from portal.validators import validate_credit_code

if TYPE_CHECKING:
    from portal.models.people import Membership


class IsOneOf(Func):
    """Condition: a key is among a queryset's, which are read once per statement and not once per row."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY ("
    output_field = models.BooleanField()

    def __init__(self, path: str, found: models.QuerySet[Any]) -> None:
        super().__init__(models.F(path), ArraySubquery(found.values("pk")))


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def active(self) -> OrganisationQuerySet:
        return self.filter(is_active=True)

    def institutions(self) -> OrganisationQuerySet:
        """Universities, research institutes and hospitals: those that take stock."""
        return self.filter(kind__in=INSTITUTION_KINDS)

    def watched_by(self, membership: Membership) -> OrganisationQuerySet:
        """Institutions whose stock-taking this membership may read: its own, or those in its charge."""
        organisation = membership.organisation
        if organisation.kind == OrganisationKind.LEAD_BUREAU:
            return self.institutions()
        if organisation.kind == OrganisationKind.DEPARTMENT:
            return self.institutions().filter(
                supervisions__bureau=organisation, supervisions__is_active=True
            )
        if organisation.kind == OrganisationKind.DISTRICT_OFFICE:
            return self.institutions().filter(district=organisation.district)
        if organisation.kind in INSTITUTION_KINDS:
            return self.filter(pk=organisation.pk)
        return self.none()

    def is_watched(self, membership: Membership, path: str) -> Q | IsOneOf:
        """Condition on another table: the institution at `path` is one of watched_by."""
        if membership.organisation.kind in INSTITUTION_KINDS:
            return Q(**{path: membership.organisation_id})
        return IsOneOf(path, self.watched_by(membership))

    def visible_to(self, membership: Membership) -> OrganisationQuerySet:
        """Organisations whose record this membership may open: all for administrators, else own and watched.

        The lead bureau loads the lists of bureaus, enterprises and service bodies, and sees them, too.
        """
        if membership.role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
            return self
        if membership.organisation.kind == OrganisationKind.LEAD_BUREAU:
            return self.exclude(kind=OrganisationKind.OPERATOR)
        watched = Organisation.objects.watched_by(membership)
        return self.filter(Q(pk=membership.organisation_id) | Q(pk__in=watched.values("pk")))

    def audited_by(self, membership: Membership) -> OrganisationQuerySet:
        """Organisations whose trail this membership may read, as AuditEntryQuerySet.visible_to says."""
        if membership.role == Role.AUDIT_ADMIN:
            return self
        if membership.role in (Role.AUDITOR, Role.INSTITUTION_MANAGER):
            return self.filter(pk=membership.organisation_id)
        return self.none()

    def named(self, name: str) -> Organisation | None:
        """The organisation of this name, former and further names included; None for a stranger."""
        if not name.strip():
            return None
        same = Q(name=name.strip()) | Q(names__folded=fold(name))
        return self.filter(same).order_by("pk").first()

    def with_supervisors(self) -> OrganisationQuerySet:
        """With the active charges and their bureaus."""
        charges = Supervision.objects.filter(is_active=True).select_related("bureau")
        shown = charges.order_by("bureau__name_key")
        return self.prefetch_related(models.Prefetch("supervisions", shown, to_attr="charges_now"))


class Organisation(models.Model):
    """A legal body that takes part: bureau, institution, enterprise, service body or the operator."""

    code = models.SlugField(_("short code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=200, unique=True)
    # Sorting by name goes by pinyin, which the database's C.UTF-8 collation does not know.
    name_key = models.CharField(_("pinyin key"), max_length=400, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=18,
        null=True,
        blank=True,
        unique=True,
        validators=[validate_credit_code],
    )
    affiliation = models.CharField(
        _("affiliation"), max_length=12, choices=Affiliation.choices, default=Affiliation.OTHER
    )
    district = models.CharField(_("district"), max_length=16, choices=District.choices, blank=True)
    supervisors = models.ManyToManyField(
        "self",
        through="portal.Supervision",
        through_fields=("institution", "bureau"),
        symmetrical=False,
        related_name="supervised",
        verbose_name=_("supervising bureaus"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ("name_key", "pk")
        indexes = (
            # Organisation.objects.watched_by for a district office
            models.Index(fields=["district", "kind"], name="organisation_district_kind"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_institution(self) -> bool:
        return self.kind in INSTITUTION_KINDS

    def unit_level_name(self, level: int) -> str:
        """Name of the unit level (1 = directly below the organisation) for this kind of organisation."""
        names = UNIT_LEVELS.get(self.kind, OTHER_UNIT_LEVELS)
        return str(names[min(level, len(names)) - 1])


class OrganisationName(models.Model):
    """A former or further name under which registers and files know an organisation."""

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="names", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=200)
    # portal.text.fold(name): how holders' names in files find their organisation
    folded = models.CharField(_("folded name"), max_length=200, unique=True)

    class Meta:
        verbose_name = _("name of an organisation")
        verbose_name_plural = _("names of organisations")

    def __str__(self) -> str:
        return self.name


class Supervision(models.Model):
    """A bureau's charge over an institution; ended ones stay, inactive."""

    institution = models.ForeignKey(
        Organisation, models.PROTECT, related_name="supervisions", verbose_name=_("institution")
    )
    bureau = models.ForeignKey(
        Organisation, models.PROTECT, related_name="charges", verbose_name=_("bureau")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("supervision")
        verbose_name_plural = _("supervisions")
        constraints = (
            models.UniqueConstraint(fields=["institution", "bureau"], name="supervision_unique"),
        )

    def __str__(self) -> str:
        return f"{self.bureau_id} → {self.institution_id}"


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, membership: Membership) -> UnitQuerySet:
        """Units of the institutions in charge; a unit manager sees the own subtree."""
        if membership.role in (Role.UNIT_MANAGER, Role.INVENTOR):
            return self.below(membership.unit) if membership.unit else self.none()
        return self.filter(organisation__in=Organisation.objects.visible_to(membership))

    def offered_to(self, membership: Membership) -> UnitQuerySet:
        """Units of one's own institution, as choices in tree order."""
        visible = self.visible_to(membership)
        return visible.filter(organisation=membership.organisation_id).order_by("path")

    def below(self, unit: Unit) -> UnitQuerySet:
        """The unit itself and everything under it."""
        return self.filter(organisation_id=unit.organisation_id, path__startswith=unit.path)

    def below_any(self, units: Iterable[Unit]) -> UnitQuerySet:
        """The units themselves and everything under them."""
        branches = [
            Q(organisation=each.organisation_id, path__startswith=each.path) for each in units
        ]
        return self.filter(reduce(or_, branches)) if branches else self.none()

    def with_people_count(self) -> UnitQuerySet:
        """With how many active roles are held directly in the unit."""
        held = Q(memberships__is_active=True, memberships__user__is_active=True)
        return self.annotate(people_count=models.Count("memberships", filter=held))


class Unit(models.Model):
    """A part of an organisation (学院, 科室, 研究室 …), a node of its tree."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="units", verbose_name=_("organisation")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent unit"),
    )
    name = models.CharField(_("name"), max_length=120)
    name_key = models.CharField(_("pinyin key"), max_length=240, editable=False)
    level = models.PositiveSmallIntegerField(_("level"), default=1)
    # "/12/45/": ids from the top down, so that a subtree is a prefix
    path = models.CharField(_("path"), max_length=200, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    # 优势学科: what the institution names as its strong disciplines comes first everywhere
    is_strong_discipline = models.BooleanField(
        _("strong discipline"), default=False, db_default=False
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("kind of record", "unit")
        verbose_name_plural = _("units")
        ordering = ("organisation", "path")
        constraints = (
            models.UniqueConstraint(
                fields=["organisation", "parent", "name"],
                nulls_distinct=False,
                name="unit_name_unique",
                violation_error_message=_("A unit of this name exists here already."),
            ),
        )
        indexes = (
            # UnitQuerySet.below: prefix search
            models.Index(
                fields=["organisation", "path"],
                name="unit_subtree",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def level_name(self) -> str:
        return self.organisation.unit_level_name(self.level)
