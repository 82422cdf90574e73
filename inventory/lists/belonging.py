"""Patents nobody looks after, and those that units pass on to each other."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.belonging import TransferFilter, UnassignedFilter
from inventory.models import Dossier, UnitTransfer
from inventory.permissions import can_see_unassigned
from inventory.queries.unassigned import unassigned, with_rows
from portal.lists.spec import Asked, ListSpec, Ordering


def _unassigned(asked: Asked) -> QuerySet[Dossier]:
    return with_rows(unassigned(asked.membership))


def _transfers(asked: Asked) -> QuerySet[UnitTransfer]:
    return UnitTransfer.objects.visible_to(asked.membership).with_names()


UNASSIGNED = ListSpec(
    name="inventory.unassigned",
    label=_("Unassigned patents"),
    url_name="inventory:unassigned-list",
    rows=_unassigned,
    filterset=UnassignedFilter,
    orderings={
        "listed": Ordering(_("As listed"), ("pk",)),
        "number": Ordering(_("Application number"), ("patent__application_number",)),
    },
    may_open=can_see_unassigned,
)
TRANSFERS = ListSpec(
    name="inventory.transfers",
    label=_("Between units"),
    url_name="inventory:transfer-list",
    rows=_transfers,
    filterset=TransferFilter,
    orderings={"newest": Ordering(_("Newest first"), ("-pk",))},
    may_open=can_see_unassigned,
)
