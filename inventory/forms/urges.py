"""Urging and answering it."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from inventory import urge_text
from inventory.models import Campaign
from inventory.queries.late import open_campaigns
from portal import clock
from portal.models import Membership
from portal.text import clean


class UrgeForm(forms.Form):
    """The text and, for those urged today, that it is meant to be a second one. Keys are picked in the list."""

    campaign = forms.ModelChoiceField(queryset=Campaign.objects.none(), widget=forms.HiddenInput)
    nonce = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    text = forms.CharField(
        label=_("Text"),
        max_length=urge_text.LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("{name}, {open}, {total}, {due} and {state} are filled in for each recipient."),
    )
    is_repeat = forms.BooleanField(label=_("Also urge those urged today already"), required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["campaign"].queryset = open_campaigns(membership)  # type: ignore[attr-defined]

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).strip()


class AnswerForm(forms.Form):
    """A word and the day by which it will be done."""

    answer = forms.CharField(
        label=_("Answer"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    promised_on = forms.DateField(label=_("Done by"), widget=forms.DateInput)

    def clean_answer(self) -> str:
        return clean(self.cleaned_data["answer"])

    def clean_promised_on(self) -> Any:
        day = self.cleaned_data["promised_on"]
        if day < clock.today():
            raise ValidationError(_("Promise a day that is not past."))
        return day
