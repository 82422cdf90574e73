"""Drafts taken over, what to copy from a similar dossier, phrases."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.choices import PhraseField
from inventory.dossier_fields import COPIED_FIELDS, label_of

TEXTS = [choice for choice in PhraseField.choices if choice[0] != PhraseField.REMARK]


class DraftForm(forms.Form):
    """Which text to draft, and by whom."""

    field = forms.ChoiceField(choices=TEXTS)
    service = forms.BooleanField(required=False)


class TakeForm(forms.Form):
    """The text as the person confirms it."""

    text = forms.CharField(
        max_length=500,
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 6, "data-count": 500}),
    )


class CopyForm(forms.Form):
    source = forms.IntegerField(min_value=1, max_value=2**62)
    fields_taken = forms.MultipleChoiceField(
        choices=[(name, label_of(name)) for name in COPIED_FIELDS],
        label=_("Fields to copy"),
    )


class PhraseForm(forms.Form):
    field = forms.ChoiceField(choices=PhraseField.choices, label=_("For which text"))
    text = forms.CharField(
        max_length=500,
        label=_("Phrase"),
        widget=forms.Textarea(attrs={"rows": 3, "data-count": 500}),
    )
    is_shared = forms.BooleanField(
        required=False, label=_("Share in my unit (managers: in the institution)")
    )
