"""Models of reporting."""

from reporting.models.coverage import CoverageFigure, CoverageSnapshot

__all__ = ["CoverageFigure", "CoverageSnapshot"]
