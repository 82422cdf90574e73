"""The pool of experts who evaluate patents (专利评价专家库): who was recommended, what they know, whom they avoid."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluation.choices import ExpertState
from portal import crypto
from portal.choices import OrganisationKind
from portal.fields import EncryptedTextField
from portal.models import Membership, Organisation
from portal.text import compact

#: a person names so many technical fields at most
MOST_FIELDS = 3

#: texts of an entry that say something about the person; gone once it is erased
OF_PERSON: Final = (
    "employer",
    "position",
    "education",
    "products",
    "achievements",
    "recommender",
    "phone",
    "email",
    "outcome_reason",
)


def identity_of(name: str, employer: str, phone: str) -> str:
    """Keyed digest by which a person is known: name, employer and mobile; no identity number is kept."""
    return crypto.lookup("\n".join((compact(name), compact(employer), phone)))


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, membership: Membership) -> ExpertQuerySet:
        """The lead bureau, which keeps the pool; nobody else."""
        if membership.organisation.kind == OrganisationKind.LEAD_BUREAU:
            return self
        return self.none()

    def with_names(self) -> ExpertQuerySet:
        return self.select_related("organisation", "recommended_by")


class Expert(models.Model):
    """A person of the pool. Contacts are encrypted and shown masked."""

    name = models.CharField(_("name"), max_length=80)
    # portal.text.pinyin_key: sorts by sound, a surname read as one
    name_key = models.CharField(_("pinyin key"), max_length=160, editable=False)
    employer = models.CharField(_("employer"), max_length=200)
    # the employer, where it is an organisation of the portal: whose patents are not evaluated
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("employer")
    )
    position = models.CharField(_("post and title"), max_length=120, blank=True, default="")
    education = models.CharField(_("degree and subject"), max_length=200, blank=True, default="")
    # IPC subclasses (H01L) or codes of 战略性新兴产业 (1.5)
    technical_fields = ArrayField(
        models.CharField(max_length=8), default=list, blank=True, verbose_name=_("technical fields")
    )
    products = models.CharField(_("products known"), max_length=500, blank=True, default="")
    years = models.PositiveSmallIntegerField(_("years of practice"), null=True)
    achievements = models.CharField(_("achievements"), max_length=1000, blank=True, default="")
    recommender = models.CharField(_("recommended by"), max_length=200, blank=True, default="")
    recommended_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("recommended by")
    )
    phone = EncryptedTextField(_("phone"))
    email = EncryptedTextField(_("mail address"), blank=True, default="")
    # organisations besides the employer whose patents this person does not evaluate
    avoided = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, verbose_name=_("avoids")
    )
    term_from = models.DateField(_("appointed from"), null=True)
    term_until = models.DateField(_("appointed until"), null=True)
    state = models.CharField(
        _("state"), max_length=12, choices=ExpertState.choices, default=ExpertState.RECOMMENDED
    )
    outcome_reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    identity = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("entered"), auto_now_add=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    objects = ExpertQuerySet.as_manager()

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        ordering = ("name_key", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(technical_fields__len__lte=MOST_FIELDS),
                name="expert_three_fields",
                violation_error_message=_("At most three technical fields."),
            ),
            models.CheckConstraint(
                condition=Q(term_until__isnull=True)
                | Q(term_from__isnull=True)
                | Q(term_until__gte=F("term_from")),
                name="expert_term_order",
                violation_error_message=_("The term ends before it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(state=ExpertState.ERASED) | Q(**dict.fromkeys(OF_PERSON, "")),
                name="expert_erased_says_nothing",
                violation_error_message=_("The personal data of this entry are erased."),
            ),
        )
        indexes = (
            # the list by name; namesakes of an import
            models.Index(fields=["name_key", "id"], name="expert_name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("evaluation:expert-detail", args=[self.pk])
