"""Letting mail to many go: the number restated by hand."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReleaseForm(forms.Form):
    """How many mails will go, as the person writes it."""

    count = forms.IntegerField(
        label=_("Number of mails"),
        min_value=0,
        max_value=1_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
