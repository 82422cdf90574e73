"""Requests to take entries off the base list."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.campaigns import ExclusionFilter
from inventory.models import Exclusion
from portal.lists.spec import Asked, ListSpec, Ordering

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-pk",)),
    "oldest": Ordering(_("Oldest first"), ("pk",)),
}
RELATED = ("entry__patent", "entry__institution", "requested_by__user", "decided_by__user")


def _rows(asked: Asked) -> QuerySet[Exclusion]:
    return Exclusion.objects.visible_to(asked.membership).select_related(*RELATED)


EXCLUSIONS = ListSpec(
    name="inventory.exclusions",
    label=_("Exclusions"),
    url_name="inventory:exclusion-list",
    rows=_rows,
    filterset=ExclusionFilter,
    orderings=ORDERINGS,
)
