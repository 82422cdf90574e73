"""The kinds of tables that stock-taking imports."""

from inventory.importing.answers import AnswerImporter
from inventory.importing.base import BaseImporter
from inventory.importing.classification import ClassificationImporter
from inventory.importing.national import NationalImporter
from inventory.importing.organisations import OrganisationImporter
from inventory.importing.personnel import PersonnelImporter
from portal.intake.registry import register


def register_importers() -> None:
    """Offer them to the engine; called when the app starts."""
    register(BaseImporter())
    register(NationalImporter())
    register(ClassificationImporter())
    register(PersonnelImporter())
    register(AnswerImporter())
    register(OrganisationImporter())
