"""Saved views: a list with filters, order and columns under a name; for oneself, one's unit or one's organisation."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.models.organisations import Organisation, Unit
from portal.models.people import Membership

QUERY_LENGTH = 2_000


class Shared(models.TextChoices):
    NOBODY = "nobody", _("Only me")
    UNIT = "unit", _("My unit")
    ORGANISATION = "organisation", _("My organisation")


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, membership: Membership) -> SavedViewQuerySet:
        """One's own, and those shared with the organisation or with a unit that one belongs to."""
        mine = Q(owner=membership)
        everybody = Q(shared=Shared.ORGANISATION, organisation=membership.organisation_id)
        found = mine | everybody
        if membership.unit is not None:
            above = [int(key) for key in membership.unit.path.split("/") if key]
            found |= Q(shared=Shared.UNIT, unit__in=above)
        return self.filter(found)

    def with_usual(self, membership: Membership) -> SavedViewQuerySet:
        """With `is_usual`: whether the list opens with it for this membership."""
        usual = UsualView.objects.filter(membership=membership, view=OuterRef("pk"))
        return self.annotate(is_usual=Exists(usual))


class SavedView(models.Model):
    """A named query of a list: keys of its allow-lists only; each use asks the rights of the reader."""

    list_name = models.CharField(_("list"), max_length=60)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters, order and columns"), max_length=QUERY_LENGTH, blank=True)
    owner = models.ForeignKey(
        Membership, models.PROTECT, related_name="saved_views", verbose_name=_("owner")
    )
    # the owner's, as they were when it was shared
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("organisation")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit")
    )
    shared = models.CharField(
        _("shared with"), max_length=12, choices=Shared.choices, default=Shared.NOBODY
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("list_name", "name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "list_name", "name"],
                name="saved_view_name_unique",
                violation_error_message=_("You have a view of this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(shared="unit") | Q(unit__isnull=False),
                name="saved_view_shared_with_a_unit",
            ),
        )

    def __str__(self) -> str:
        return self.name


class UsualView(models.Model):
    """The view with which a list opens for a membership."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    list_name = models.CharField(_("list"), max_length=60)
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("usual view")
        verbose_name_plural = _("usual views")
        constraints = (
            models.UniqueConstraint(
                fields=["membership", "list_name"], name="usual_view_one_for_each_list"
            ),
        )

    def __str__(self) -> str:
        return f"{self.list_name}: {self.view_id}"
