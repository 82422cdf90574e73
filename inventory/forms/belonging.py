"""Forms of “not ours” and “not mine”."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.models import Dossier
from portal.models import Membership, Unit


def _reason(label: Any = None, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label or _("Reason"),
        max_length=500,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the history."),
    )


class _UnitForm(forms.Form):
    """A unit of the institution that files, and why."""

    to_unit = forms.ModelChoiceField(
        label=_("Unit"),
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.Select(attrs={"data-select": ""}),
    )

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_unit"].queryset = Unit.objects.filter(  # type: ignore[attr-defined]
            organisation=dossier.participation.institution_id, is_active=True
        ).order_by("path")


class PassOnForm(_UnitForm):
    """Where the dossier should go; nobody named: the manager decides."""

    reason = _reason()

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, dossier=dossier, **kwargs)
        field = self.fields["to_unit"]
        field.label = _("Whose is it")
        field.empty_label = _("I do not know: the institution's manager decides")  # type: ignore[attr-defined]
        field.queryset = field.queryset.exclude(pk=dossier.unit_id)  # type: ignore[attr-defined]


class DecideForm(_UnitForm):
    """The manager's word."""

    reason = _reason(_("Explanation"))

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, dossier=dossier, **kwargs)
        self.fields["to_unit"].empty_label = _("It stays where it is")  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """Take over, or refuse with a reason."""

    accepts = forms.ChoiceField(choices=[("yes", ""), ("no", "")], widget=forms.HiddenInput)
    reason = _reason(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("accepts") == "no" and not data.get("reason"):
            self.add_error("reason", _("Say why you refuse."))
        return data


class ClearForm(forms.Form):
    """Taking the clear proposals of many patents: only a reason for the history may be given."""

    reason = _reason(required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class NotMineForm(forms.Form):
    """Why the patent is somebody else's."""

    reason = _reason()
