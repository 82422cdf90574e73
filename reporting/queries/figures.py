"""Figures as plain numbers, alike for the command and the API."""

from __future__ import annotations

from typing import Any

from reporting.choices import Measure
from reporting.indicators import Counts


def as_numbers(counts: Counts) -> dict[str, Any]:
    """Every measure and both rates; a rate without a denominator is null."""
    rates = {
        "rate": counts.rate,
        "untransformed_rate": counts.untransformed_rate,
        "uploaded_rate": counts.uploaded_rate,
    }
    return {
        **{measure.value: getattr(counts, measure.value) for measure in Measure},
        **{name: None if rate is None else round(float(rate), 6) for name, rate in rates.items()},
    }
