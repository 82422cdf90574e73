"""Why an act on many rows is taken back."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class UndoForm(forms.Form):
    reason = forms.CharField(max_length=500, label=_("Reason"))
