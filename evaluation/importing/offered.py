"""The kinds of tables that evaluation imports."""

from evaluation.importing.enterprises import EnterpriseImporter
from evaluation.importing.experts import ExpertImporter
from portal.intake.registry import register


def register_importers() -> None:
    """Offer them to the engine; called when the app starts."""
    register(EnterpriseImporter())
    register(ExpertImporter())
