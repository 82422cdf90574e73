"""Name and readers of a saved view."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.forms.merging import MergingForm
from portal.lists.asking import in_words
from portal.lists.spec import ListSpec
from portal.models import Membership, SavedView
from portal.models.saved_views import Shared


class SavedViewForm(MergingForm):
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

    def _get_validation_exclusions(self) -> set[str]:
        """The name is unique among the owner's views of the list, which the form does not ask."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded if self.instance.pk is None else excluded - {"owner", "list_name"}


class ViewQueryForm(MergingForm):
    """What a saved view asks from now on; the address is not for reading."""

    class Meta:
        model = SavedView
        fields = ("query",)
        widgets = {"query": forms.HiddenInput}

    def __init__(self, *args: Any, spec: ListSpec, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_words = partial(in_words, spec, membership)

    def _words(self, name: str, value: Any) -> str:
        return self._in_words(value)
