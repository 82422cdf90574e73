"""The figures of the demonstration city, so that the board is full at the first look; the trend follows by itself."""

from __future__ import annotations

from inventory.models import Campaign
from portal.demo.city import City, add_files
from reporting.services.coverage import take_snapshot


def count_campaigns(city: City) -> None:
    """Count every campaign once, when all rows are in."""
    for campaign in Campaign.objects.order_by("pk"):
        take_snapshot(campaign=campaign)


add_files(count_campaigns)
