"""The catalogue as a list: by default an enterprise gets its own industries."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluation import permissions
from evaluation.filters.catalogue import CatalogueFilter
from evaluation.models import CatalogueEntry, EnterpriseProfile
from evaluation.models.catalogue import CatalogueEntryQuerySet
from portal.lists import cells
from portal.lists.columns import Column
from portal.lists.spec import Asked, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-pk",)),
    "stars": Ordering(_("Most stars first"), ("-stars",)),
    "term": Ordering(_("Longest term first"), ("-months_left",)),
}
SHOWN = (
    "id",
    "stars",
    "months_left",
    "state",
    "patent",
    "dossier__industry",
    "dossier__maturity",
    "institution__name",
)
OF_PATENT = ("application_number", "title", "kind", "expires_on", "granted_on")


def own_sections(membership: Membership) -> list[str]:
    """The industries an enterprise named; none for others."""
    profile = EnterpriseProfile.objects.visible_to(membership).first()
    return list(profile.sections) if profile else []


def _entries(membership: Membership) -> CatalogueEntryQuerySet:
    return (
        CatalogueEntry.objects.visible_to(membership)
        .select_related("patent", "dossier", "institution")
        .only(*SHOWN, *(f"patent__{name}" for name in OF_PATENT))
    )


def of_own_industries(membership: Membership) -> CatalogueEntryQuerySet:
    """The catalogue as it opens: an enterprise's own industries, everything for whoever named none."""
    entries, sections = _entries(membership), own_sections(membership)
    return entries.of_sections(sections) if sections else entries


def _rows(asked: Asked) -> CatalogueEntryQuerySet:
    is_everything = asked.GET.get("section") or asked.GET.get("all") == "1"
    return (_entries if is_everything else of_own_industries)(asked.membership)


CATALOGUE = ListSpec(
    name="evaluation.catalogue",
    label=_("Catalogue"),
    url_name="evaluation:catalogue",
    rows=_rows,
    filterset=CatalogueFilter,
    orderings=ORDERINGS,
    columns=(
        Column("number", _("Application number"), lambda e: e.patent.number, cells.CODE),
        Column("title", _("Title"), lambda e: e.patent.title, cells.LONG),
        Column("kind", _("Kind"), lambda e: cells.word_of(e.patent, "kind"), filter="kind"),
        Column("institution", _("Institution"), lambda e: e.institution.name),
        Column("industry", _("Industry"), lambda e: e.section_name, filter="section"),
        Column(
            "maturity",
            _("Maturity"),
            lambda e: cells.word_of(e.dossier, "maturity"),
            filter="maturity",
        ),
        Column("stars", _("Own rating"), lambda e: e.stars, cells.STARS, "stars", "stars"),
        Column("expires", _("Term end"), lambda e: e.patent.expires_on, cells.DAY, "term"),
        Column("granted", _("Granted"), lambda e: e.patent.granted_on, cells.DAY, is_default=False),
    ),
    link=lambda entry: reverse("evaluation:catalogue-detail", args=[entry.pk]),
    is_stacked=True,
    may_open=permissions.can_read_catalogue,
    scope=("all",),
)
