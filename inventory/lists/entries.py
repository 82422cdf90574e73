"""The work list of everybody: base list entries with the state of their dossiers."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.entries import EntryFilter
from inventory.models import BaseListEntry
from portal.lists.spec import Asked, ListSpec, Ordering

ORDERINGS = {
    # key industries and strong disciplines first; the key of the dossier keeps to its index
    "priority": Ordering(_("Priority"), ("dossier__priority", "dossier_id")),
    "listed": Ordering(_("As listed"), ("pk",)),
    "number": Ordering(_("Application number"), ("patent__application_number",)),
    "state": Ordering(_("State"), ("dossier__state",)),
    "changed": Ordering(_("Last changed"), ("-dossier__updated_at",)),
}


def entries_of(asked: Asked) -> QuerySet[BaseListEntry]:
    """The entries a person may see, with what a row shows."""
    return BaseListEntry.objects.visible_to(asked.membership).select_related(
        "patent",
        "dossier__unit",
        "dossier__responsible",
        "dossier__participation",
        "institution",
        "campaign",
    )


ENTRIES = ListSpec(
    name="inventory.entries",
    label=_("Work list"),
    url_name="inventory:entry-list",
    rows=entries_of,
    filterset=EntryFilter,
    orderings=ORDERINGS,
)
