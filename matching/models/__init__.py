"""Models of matching."""

from matching.models.supply import SupplyIntent

__all__ = ["SupplyIntent"]
