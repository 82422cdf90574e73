"""Forms of the city pool: the rule, and the reasons for decisions and removals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.choices import PatentKind, Stars
from inventory.models import PoolRule
from portal.models import Membership


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


class _ReasonForm(forms.Form):
    """Why; the institution and the inventors read it."""

    reason = forms.CharField(
        max_length=500,
        label=_("Reason"),
        help_text=_("The institution and the inventors read it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class RequiredReasonForm(_ReasonForm):
    """A decline and a removal say why."""


class OptionalReasonForm(_ReasonForm):
    """A word with an admission is welcome."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, membership=membership, **kwargs)
        self.fields["reason"].required = False


class NominationForm(forms.Form):
    """A nomination may carry a note to the city."""

    note = forms.CharField(max_length=500, required=False, label=_("Note"))

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
