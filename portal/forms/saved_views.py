"""Name and readers of a saved view."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.models import Membership, SavedView
from portal.models.saved_views import Shared


class SavedViewForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who acts for no unit shares with nobody or with the organisation."""

    is_usual = forms.BooleanField(label=_("Open the list with it"), required=False)

    class Meta:
        model = SavedView
        fields = ("name", "shared")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared: Any = self.fields["shared"]
        shared.choices = [
            (value, label)
            for value, label in Shared.choices
            if value != Shared.UNIT or membership.unit_id
        ]
