"""The expert pool as a list, for the office that keeps it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from evaluation import permissions
from evaluation.choices import ExpertState
from evaluation.filters.experts import ExpertFilter
from evaluation.models import Expert
from inventory.classification.strategic import STRATEGIC
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering
from portal.text import mask_mail, mask_phone

_GONE = (ExpertState.REMOVED, ExpertState.ERASED)


def _rows(asked: Asked) -> QuerySet[Expert]:
    return Expert.objects.visible_to(asked.membership).with_names()


def fields_in_words(expert: Expert) -> list[str]:
    """Technical fields: IPC subclasses as they are, strategic industries with their names."""
    return [
        f"{code} {STRATEGIC[code].name}" if code in STRATEGIC else code
        for code in expert.technical_fields
    ]


def _state(expert: Expert) -> list[Badge]:
    return [("expert", expert.state, expert.get_state_display())]


EXPERTS = ListSpec(
    name="evaluation.experts",
    label=_("Experts"),
    url_name="evaluation:expert-list",
    rows=_rows,
    filterset=ExpertFilter,
    orderings={
        "name": Ordering(_("Name"), ("name_key",)),
        "newest": Ordering(_("Newest first"), ("-pk",)),
        "until": Ordering(_("End of term"), ("term_until",)),
    },
    columns=(
        Column("name", _("Full name"), lambda e: e.name, order="name"),
        Column("employer", _("Employer"), lambda e: (e.employer, e.position), cells.PAIR),
        Column("fields", _("Technical fields"), fields_in_words, cells.LINES, filter="strategic"),
        Column("products", _("Products known"), lambda e: e.products, cells.LONG),
        Column("recommender", _("Recommended by"), lambda e: e.recommender),
        Column(
            "contact",
            _("Contact details"),
            lambda e: (mask_phone(e.phone), mask_mail(e.email)),
            cells.PAIR,
        ),
        Column("until", _("Appointed until"), lambda e: e.term_until, cells.DAY, "until", "term"),
        Column("state", _("State"), _state, cells.BADGES, filter="state"),
        Column("education", _("Degree and subject"), lambda e: e.education, is_default=False),
        Column("years", _("Years of practice"), lambda e: e.years, cells.NUMBER, is_default=False),
        Column(
            "achievements",
            _("Achievements"),
            lambda e: e.achievements,
            cells.LONG,
            is_default=False,
        ),
        Column("avoided", _("Avoids"), lambda e: e.avoided, cells.LINES, is_default=False),
    ),
    link=lambda expert: reverse("evaluation:expert-detail", args=[expert.pk]),
    tone=lambda expert: "is-muted" if expert.state in _GONE else "",
    empty=Empty(
        "user-star", _("There are no experts yet"), _("Import a list of recommended experts.")
    ),
    has_drawer=True,
    is_stacked=True,
    may_open=permissions.can_list_experts,
)
