"""Forms of the city pool: the rule, and the reasons for decisions and removals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.choices import PatentKind, Stars
from inventory.models import PoolRule


class PoolRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    kinds = forms.MultipleChoiceField(
        choices=PatentKind.choices,
        label=_("Kinds of patent"),
        widget=forms.CheckboxSelectMultiple,
    )
    min_stars = forms.TypedChoiceField(
        choices=Stars.choices, coerce=int, label=_("At least so many stars")
    )

    class Meta:
        model = PoolRule
        fields = ("min_stars", "kinds", "needs_key_industry", "min_months_left")


class PoolReasonForm(forms.Form):
    """Why: compulsory for a decline and a removal, welcome with an admission."""

    reason = forms.CharField(
        max_length=500, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, is_needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_needed
