"""Models of evaluation."""

from evaluation.models.catalogue import CatalogueEntry
from evaluation.models.enterprises import EnterpriseProfile

__all__ = ["CatalogueEntry", "EnterpriseProfile"]
