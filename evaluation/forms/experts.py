"""Why a person leaves the expert pool, or is forgotten there."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluation.choices import ErasureGround


class RemovalForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ErasureForm(forms.Form):
    """The ground is chosen, not written: what people write names the person, and the trail keeps it."""

    ground = forms.ChoiceField(
        label=_("Reason"), choices=ErasureGround.choices, widget=forms.RadioSelect
    )
    is_read = forms.BooleanField(label=_("I have read what it does."))
