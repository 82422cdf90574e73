"""What stock-taking holds about one person: dossiers, inventions, review steps, remarks, urgings."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Dossier, DossierStep, FieldComment, PatentInventor, Urge
from portal.models import User
from portal.my_data import DataSection, Row, add_data_section


def _dossiers(person: User) -> Iterable[Row]:
    found = Dossier.objects.filter(responsible=person).select_related("patent").order_by("pk")
    for each in found:
        yield {
            _("Application number"): each.patent.number,
            _("Title"): each.patent.title,
            _("State"): str(each.get_state_display()),
        }


def _inventions(person: User) -> Iterable[Row]:
    found = PatentInventor.objects.filter(user=person).select_related("patent").order_by("pk")
    for each in found:
        yield {
            _("Application number"): each.patent.number,
            _("Title"): each.patent.title,
            _("Name in the register"): each.name,
        }


def _steps(person: User) -> Iterable[Row]:
    steps = DossierStep.objects.filter(actor__user=person).select_related("dossier__patent")
    for each in steps.order_by("-pk"):
        yield {
            _("Time"): each.at,
            _("Application number"): each.dossier.patent.number,
            _("Act"): str(each.get_act_display()),
            _("Reason"): each.reason,
        }


def _remarks(person: User) -> Iterable[Row]:
    remarks = FieldComment.objects.filter(author__user=person).select_related("dossier__patent")
    for each in remarks.order_by("-pk"):
        yield {
            _("Time"): each.created_at,
            _("Application number"): each.dossier.patent.number,
            _("Comment"): each.text,
        }


def _urges(person: User) -> Iterable[Row]:
    for each in Urge.objects.filter(person=person).with_names().order_by("-pk"):
        yield {
            _("Time"): each.sent_at,
            _("Campaign"): each.campaign.name,
            _("Text"): each.text,
            _("Answer"): each.answer,
        }


def register() -> None:
    """Called once from AppConfig.ready."""
    for section in (
        DataSection(
            "inventory_1_dossiers", gettext_lazy("Dossiers I am responsible for"), _dossiers
        ),
        DataSection(
            "inventory_2_inventions", gettext_lazy("Patents I am inventor of"), _inventions
        ),
        DataSection("inventory_3_steps", gettext_lazy("My review steps"), _steps),
        DataSection("inventory_4_remarks", gettext_lazy("My remarks"), _remarks),
        DataSection("inventory_5_urges", gettext_lazy("Urgings to me"), _urges),
    ):
        add_data_section(section)
