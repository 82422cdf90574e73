"""The enterprise's own page: kind and industries."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from evaluation.choices import EnterpriseCategory
from inventory.classification.industries import SECTION_NAMES

SECTION_CHOICES = [(code, f"{code} {name}") for code, name in SECTION_NAMES.items()]


class ProfileForm(forms.Form):
    categories = forms.MultipleChoiceField(
        choices=EnterpriseCategory.choices,
        required=False,
        label=_("Kind of enterprise"),
        widget=forms.CheckboxSelectMultiple,
    )
    sections = forms.MultipleChoiceField(
        choices=SECTION_CHOICES,
        label=_("Industry sections"),
        help_text=_("The catalogue shows patents of these industries first."),
        widget=forms.SelectMultiple(attrs={"data-select": ""}),
    )
