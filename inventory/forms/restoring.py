"""Which value of the history is brought back, and why."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RestoreForm(forms.Form):
    entry_id = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    name = forms.CharField(max_length=40)
    reason = forms.CharField(max_length=500, label=_("Reason"))
