"""What evaluation holds about one person: the entry of the expert pool."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluation.services.expert_erasure import entries_of
from portal.models import User
from portal.my_data import DataSection, Row, add_data_section


def _entries(person: User) -> Iterable[Row]:
    sure, _unsure = entries_of(person.name, person.phone, person.email)
    for each in sure:
        yield {
            _("Name"): each.name,
            _("State"): str(each.get_state_display()),
            _("Employer"): each.employer,
            _("Post and title"): each.position,
            _("Degree and subject"): each.education,
            _("Technical fields"): "、".join(each.technical_fields),
            _("Products known"): each.products,
            _("Years of practice"): each.years,
            _("Achievements"): each.achievements,
            _("Recommended by"): each.recommender,
            _("Phone"): each.phone,
            _("Mail address"): each.email,
            _("Avoids"): "、".join(each.avoided),
            _("Appointed from"): each.term_from,
            _("Appointed until"): each.term_until,
        }


def register() -> None:
    """Called once from AppConfig.ready."""
    add_data_section(
        DataSection("evaluation_1_expert", gettext_lazy("My entry in the expert pool"), _entries)
    )
