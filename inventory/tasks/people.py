"""What stock-taking registers about people: the work they hand over when they leave or join."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from inventory.services import handing
from portal import handing_over
from portal.handing_over import Work


def register_people() -> None:
    """Called once by inventory.bulk_people.register_people_work."""
    handing_over.register(
        Work(
            name="dossiers",
            label=gettext_lazy("open dossiers get another responsible person"),
            count=handing.count_dossiers,
            hand_over=handing.hand_over_dossiers,
            follow=handing.follow_dossiers,
            welcome=handing.link_inventions,
        )
    )
    handing_over.register(
        Work(
            name="reviews",
            label=gettext_lazy("reviews wait in units without another manager"),
            count=handing.count_reviews,
            hand_over=handing.hand_over_reviews,
            follow=handing.follow_nothing,
        )
    )
