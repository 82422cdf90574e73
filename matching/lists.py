"""Offers as a list."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from matching import permissions
from matching.filters.supply import SupplyFilter
from matching.models import SupplyIntent
from portal.lists.registry import register
from portal.lists.spec import Asked, ListSpec, Ordering

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-pk",)),
    "number": Ordering(_("Application number"), ("dossier__patent__application_number",)),
}


def _rows(asked: Asked) -> QuerySet[SupplyIntent]:
    return SupplyIntent.objects.visible_to(asked.membership).select_related(
        "dossier__patent", "dossier__participation__institution"
    )


SUPPLY = ListSpec(
    name="matching.supply",
    label=_("Offers"),
    url_name="matching:supply",
    rows=_rows,
    filterset=SupplyFilter,
    orderings=ORDERINGS,
    may_open=permissions.can_read_supply,
)


def register_lists() -> None:
    """Called once by MatchingConfig.ready."""
    register(SUPPLY)
