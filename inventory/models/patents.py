"""Patents as the register knows them: one row per application number, whoever holds it."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inventory import numbers
from inventory.choices import EventKind, PatentKind, SimpleStatus
from portal.choices import Role
from portal.fields import UnreadArrayField, UnreadGeneratedField
from portal.models import ImportBatch, Membership, Organisation, Unit, User
from portal.models.organisations import IsOneOf

Q_ = TypeVar("Q_", bound="models.QuerySet[Any]")
# characters of a piece of the search index (`portal_pieces`)
PIECE = 2


class TextPieces(Func):
    """Two-character pieces of a text as text[]: the SQL function of migration 0002."""

    function = "portal_pieces"
    output_field = ArrayField(models.TextField())


class PatentQuerySet(models.QuerySet["Patent"]):
    def visible_to(self, membership: Membership) -> PatentQuerySet:
        """Patents held by institutions in one's charge; in a unit, its dossiers; an inventor's own."""
        if membership.role == Role.CITY_OFFICIAL:
            return self
        if membership.role == Role.UNIT_MANAGER and membership.unit is not None:
            return self.filter(
                dossier__unit__in=Unit.objects.below(membership.unit),
            )
        if membership.role == Role.INVENTOR:
            user = membership.user_id
            invented = PatentInventor.objects.filter(user=user).values("patent")
            own = self.filter(dossier__responsible=user).order_by().values("pk").union(invented)
            held = PatentHolder.objects.filter(
                patent=OuterRef("pk"), organisation=membership.organisation_id
            )
            return self.filter(Exists(held), IsOneOf("pk", own))
        if membership.role in (
            Role.INSTITUTION_MANAGER,
            Role.AUDITOR,
            Role.DEPARTMENT_OFFICIAL,
            Role.DISTRICT_OFFICIAL,
        ):
            watched = Organisation.objects.is_watched(membership, "organisation")
            return self.filter(Exists(PatentHolder.objects.filter(watched, patent=OuterRef("pk"))))
        return self.none()

    def containing(self, words: str) -> PatentQuerySet:
        """Patents whose number, title, holders or inventors contain every given (folded) word."""
        return containing(self, words)


def containing(queryset: Q_, words: str, *, path: str = "") -> Q_:
    """Rows whose patent, along `path` (e.g. "patent__"), contains every word of an already folded text.

    Written as conditions on the joined patent, not as a subquery: for a rare word the planner takes the index of
    two-character pieces, for a common one it walks the list's own order and looks into the pieces of each row. A word
    of two characters is one piece, and asked as that alone: a second condition that says the same would make the
    planner expect far fewer rows than there are. For any other LIKE decides.
    """
    for word in words.split():
        if len(word) > 1:
            pieces = TextPieces(models.Value(word))
            queryset = queryset.filter(**{f"{path}search_pieces__contains": pieces})
        if len(word) != PIECE:
            queryset = queryset.filter(**{f"{path}search_key__contains": word})
    return queryset


class Patent(models.Model):
    """A Chinese patent or application, one record per application number (ZC 0006-2003)."""

    # identity
    application_number = models.CharField(
        _("application number"),
        max_length=13,
        unique=True,
        help_text=_("Digits with check character, without prefix and point."),
    )
    kind = models.CharField(_("kind of patent"), max_length=10, choices=PatentKind.choices)
    is_pct = models.BooleanField(_("entered through PCT"), default=False)
    # bibliographic
    title = models.TextField(_("title"))
    abstract = models.TextField(_("abstract"), blank=True, default="")
    first_claim = models.TextField(_("first claim"), blank=True, default="")
    claims = models.TextField(_("claims"), blank=True, default="")
    full_text_url = models.URLField(_("full text"), max_length=500, blank=True, default="")
    drawings_url = models.URLField(_("drawings"), max_length=500, blank=True, default="")
    # IPC; Locarno classes for designs
    classes = ArrayField(models.CharField(max_length=40), default=list, verbose_name=_("classes"))
    filed_on = models.DateField(_("filing day"), null=True)
    granted_on = models.DateField(_("grant announcement day"), null=True)
    published_on = models.DateField(_("publication day"), null=True)
    publication_number = models.CharField(
        _("publication number"), max_length=20, blank=True, default=""
    )
    # legal status, with the day it was last confirmed
    simple_status = models.CharField(
        _("legal status"),
        max_length=8,
        choices=SimpleStatus.choices,
        default=SimpleStatus.UNKNOWN,
    )
    status_confirmed_on = models.DateField(_("status confirmed on"), null=True)
    # derived by inventory.terms whenever the days above change
    expires_on = models.DateField(_("term end"), null=True)
    next_fee_on = models.DateField(_("next annual fee due"), null=True)
    next_fee_yuan = models.DecimalField(
        _("next annual fee (yuan)"), max_digits=8, decimal_places=0, null=True
    )
    # folded number, title, holders and inventors: what the search looks in
    search_key = models.TextField(editable=False, default="")
    # its two-character pieces: stored, as cutting them anew for each row takes twenty times as long as looking
    search_pieces = UnreadGeneratedField(
        expression=TextPieces(F("search_key")),
        output_field=UnreadArrayField(models.TextField()),
        db_persist=True,
    )
    # book-keeping
    source_batch = models.ForeignKey(
        ImportBatch, models.SET_NULL, null=True, related_name="+", verbose_name=_("came with")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = PatentQuerySet.as_manager()

    class Meta:
        verbose_name = _("patent")
        verbose_name_plural = _("patents")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(application_number__regex=r"^([0-9]{8}|[0-9]{12})[0-9X]$"),
                name="patent_number_shape",
                violation_error_message=_(
                    "An application number has 8 or 12 digits and a check character."
                ),
            ),
            models.CheckConstraint(
                condition=Q(granted_on__isnull=True)
                | Q(filed_on__isnull=True)
                | Q(granted_on__gte=F("filed_on")),
                name="patent_granted_after_filed",
                violation_error_message=_("The grant day lies before the filing day."),
            ),
        )
        indexes = (
            # PatentQuerySet.containing
            GinIndex(fields=["search_pieces"], name="patent_search"),
            # services.pool: what a rule asks of every patent of an institution
            models.Index(
                fields=["id"],
                include=["kind", "expires_on", "simple_status"],
                name="patent_screened",
            ),
            # later grants as they come; cut-off rule
            models.Index(fields=["granted_on"], name="patent_granted"),
            # queries.known_numbers: the patent of a publication number
            models.Index(
                fields=["publication_number"],
                condition=Q(publication_number__gt=""),
                name="patent_publication",
            ),
            # queries.exclusions: what the register proposes
            models.Index(
                fields=["id"], condition=Q(simple_status=SimpleStatus.ENDED), name="patent_ended"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("inventory:patent-detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The application number as people write it: CN201710192287.6."""
        return numbers.display(self.application_number)


class PatentHolder(models.Model):
    """A patentee in its place in the order; an organisation of the portal, or just a name."""

    patent = models.ForeignKey(
        Patent, models.CASCADE, related_name="holders", verbose_name=_("patent")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=300)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        related_name="holdings",
        verbose_name=_("organisation"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("patent holder")
        verbose_name_plural = _("patent holders")
        ordering = ("patent", "position")
        constraints = (
            models.UniqueConstraint(fields=["patent", "position"], name="holder_position_unique"),
            models.UniqueConstraint(
                fields=["patent", "organisation"], name="holder_organisation_unique"
            ),
        )
        indexes = (
            # PatentQuerySet.visible_to
            models.Index(fields=["organisation", "patent"], name="holder_organisation_patent"),
        )

    def __str__(self) -> str:
        return self.name


class HolderChange(models.Model):
    """A right that passed from one holder to another; it takes effect on registration (专利法 第10条)."""

    patent = models.ForeignKey(
        Patent, models.CASCADE, related_name="holder_changes", verbose_name=_("patent")
    )
    registered_on = models.DateField(_("day of registration"))
    from_name = models.CharField(_("former holder"), max_length=300)
    from_organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("former holder (organisation)"),
    )
    to_name = models.CharField(_("new holder"), max_length=300)
    to_organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("new holder (organisation)"),
    )
    confirmed_on = models.DateField(_("confirmed on"))

    class Meta:
        verbose_name = _("change of holder")
        verbose_name_plural = _("changes of holder")
        ordering = ("patent", "registered_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["patent", "registered_on", "from_name", "to_name"],
                name="holder_change_unique",
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_name} → {self.to_name}"


class PatentInventor(models.Model):
    """An inventor in order, with the account where one is known."""

    patent = models.ForeignKey(
        Patent, models.CASCADE, related_name="inventors", verbose_name=_("patent")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=120)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="inventions", verbose_name=_("account")
    )

    class Meta:
        verbose_name = _("inventor")
        verbose_name_plural = _("inventors")
        ordering = ("patent", "position")
        constraints = (
            models.UniqueConstraint(fields=["patent", "position"], name="inventor_position_unique"),
        )
        indexes = (
            # patents of the same inventors: queries.unassigned
            models.Index(fields=["name", "patent"], name="inventor_name"),
        )

    def __str__(self) -> str:
        return self.name


class LegalEvent(models.Model):
    """Something the register announced about a patent; the simple status is kept beside, not derived."""

    patent = models.ForeignKey(
        Patent, models.CASCADE, related_name="events", verbose_name=_("patent")
    )
    kind = models.CharField(_("event"), max_length=24, choices=EventKind.choices)
    occurred_on = models.DateField(_("day"), null=True)
    detail = models.TextField(_("detail"), blank=True, default="")
    confirmed_on = models.DateField(_("confirmed on"))

    class Meta:
        verbose_name = _("legal event")
        verbose_name_plural = _("legal events")
        ordering = ("patent", "occurred_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["patent", "kind", "occurred_on"],
                nulls_distinct=False,
                name="legal_event_unique",
            ),
        )
        indexes = (
            # queries.exclusions: what the register proposes
            models.Index(
                fields=["patent"],
                condition=Q(kind=EventKind.TRANSFER),
                name="legal_event_transfer",
            ),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class DualFiling(models.Model):
    """一案双申: an invention and the utility model filed the same day for the same creation."""

    invention = models.OneToOneField(
        Patent, models.CASCADE, related_name="dual_utility", verbose_name=_("invention")
    )
    utility = models.OneToOneField(
        Patent, models.CASCADE, related_name="dual_invention", verbose_name=_("utility model")
    )

    class Meta:
        verbose_name = _("dual filing")
        verbose_name_plural = _("dual filings")
        constraints = (
            models.CheckConstraint(
                condition=~Q(invention=F("utility")), name="dual_filing_two_patents"
            ),
        )

    def __str__(self) -> str:
        return f"{self.invention_id} / {self.utility_id}"
