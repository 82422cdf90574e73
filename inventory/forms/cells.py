"""One field of a dossier edited in a row of the work list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from inventory.choices import Maturity, PriceBand, Stars
from inventory.dossier_fields import BY_NAME
from inventory.forms.assignments import offered_people, offered_units
from inventory.forms.dossiers import NOTHING
from inventory.forms.selects import SwiftSelect
from inventory.models import Dossier
from inventory.services.edits import Edit
from portal.models import Membership

#: What can be edited in a row: fields with few values that need no other field beside them.
ASSIGNMENT = ("unit", "responsible")
CONTENT: dict[str, Sequence[tuple[Any, Any]]] = {
    "stars": Stars.choices,
    "maturity": Maturity.choices,
    "price_band": PriceBand.choices,
}
CELLS = (*ASSIGNMENT, *CONTENT)


class CellForm(forms.Form):
    """A select of the field's values; blank clears it. After is_valid(), `edit` is what is asked for."""

    def __init__(self, data: Any, *, field: str, dossier: Dossier, membership: Membership) -> None:
        self.field = field
        is_key = field in ASSIGNMENT
        present = getattr(dossier, f"{field}_id" if is_key else field)
        super().__init__(data, initial={"value": "" if present is None else str(present)})
        self.fields["value"] = forms.ChoiceField(
            choices=[NOTHING, *self._offered(field, membership)],
            required=False,
            label=label_of_cell(field),
            widget=SwiftSelect,
        )

    def _offered(self, field: str, membership: Membership) -> list[tuple[str, Any]]:
        if field == "unit":
            return [(str(unit.pk), unit.name) for unit in offered_units(membership)]
        if field == "responsible":
            return [(str(person.pk), person.name) for person in offered_people(membership)]
        return [(str(value), label) for value, label in CONTENT[field]]

    @property
    def edit(self) -> Edit:
        value = self.cleaned_data["value"]
        if self.field in ASSIGNMENT:
            return Edit(assignment={self.field: int(value) if value else None})
        if self.field == "stars":
            return Edit({"stars": int(value) if value else None})
        return Edit({self.field: value})


def label_of_cell(field: str) -> Any:
    """The name of the field on the page."""
    return (
        BY_NAME[field].label if field in BY_NAME else Dossier._meta.get_field(field).verbose_name  # type: ignore[union-attr]
    )
