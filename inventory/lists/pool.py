"""What is in the city pool."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.pool import PoolFilter
from inventory.models import PoolEntry
from portal.lists.spec import Asked, ListSpec, Ordering

ORDERINGS = {
    "newest": Ordering(_("Newest first"), ("-pk",)),
    "stars": Ordering(_("Most stars first"), ("-stars",)),
    "term": Ordering(_("Longest term first"), ("-months_left",)),
}
# what a row shows
RELATED = ("patent", "dossier", "institution", "rule", "nominated_by__user")


def _rows(asked: Asked) -> QuerySet[PoolEntry]:
    return PoolEntry.objects.visible_to(asked.membership).select_related(*RELATED)


POOL = ListSpec(
    name="inventory.pool",
    label=_("City pool"),
    url_name="inventory:pool-list",
    rows=_rows,
    filterset=PoolFilter,
    orderings=ORDERINGS,
)
