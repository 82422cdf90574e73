"""My patents: what a person has to fill in."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters.dossiers import DossierFilter
from inventory.models import Dossier
from portal.choices import Role
from portal.lists.spec import Asked, ListSpec, Ordering
from portal.models import Membership

ORDERINGS = {
    "due": Ordering(_("Deadline"), ("participation__campaign__due_on", "priority", "pk")),
    "priority": Ordering(_("Priority"), ("priority", "pk")),
    "number": Ordering(_("Application number"), ("patent__application_number",)),
    "state": Ordering(_("State"), ("state",)),
}


def my_dossiers(membership: Membership) -> QuerySet[Dossier]:
    """An inventor's own; for everybody else those one is responsible for."""
    mine = Dossier.objects.visible_to(membership)
    if membership.role != Role.INVENTOR:
        mine = mine.filter(responsible=membership.user_id)
    return mine.select_related("patent", "participation__campaign", "unit")


def _rows(asked: Asked) -> QuerySet[Dossier]:
    return my_dossiers(asked.membership)


MINE = ListSpec(
    name="inventory.mine",
    label=_("My patents"),
    url_name="inventory:my-patents",
    rows=_rows,
    filterset=DossierFilter,
    orderings=ORDERINGS,
)
