"""Choosing unit and responsible person for picked dossiers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.access import membership_of
from portal.choices import INSTITUTION_ROLES
from portal.models import Unit, User


class AssignForm(forms.Form):
    """Unit, person, or both; a blank field leaves what is there."""

    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(),
        required=False,
        label=_("Unit"),
        empty_label=_("Leave as it is"),
        widget=forms.Select(attrs={"data-select": ""}),
    )
    responsible = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label=_("Responsible person"),
        empty_label=_("Leave as it is"),
        widget=forms.Select(attrs={"data-select": ""}),
    )
    reason = forms.CharField(
        required=False, max_length=500, label=_("Reason"), help_text=_("Kept in the history.")
    )

    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        membership = membership_of(request)
        self.fields["unit"].queryset = Unit.objects.offered_to(membership).filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["responsible"].queryset = (  # type: ignore[attr-defined]
            User.objects.visible_to(membership)
            .filter(
                is_active=True,
                memberships__is_active=True,
                memberships__organisation=membership.organisation_id,
                memberships__role__in=INSTITUTION_ROLES,
            )
            .distinct()
            .order_by("name_key", "pk")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("unit") and not data.get("responsible"):
            raise forms.ValidationError(_("Choose a unit, a responsible person, or both."))
        return data
