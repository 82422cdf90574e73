"""Models of evaluation."""

from evaluation.models.catalogue import CatalogueEntry
from evaluation.models.enterprises import EnterpriseProfile
from evaluation.models.experts import Expert

__all__ = ["CatalogueEntry", "EnterpriseProfile", "Expert"]
