"""A reviewer's remark on one field of a dossier."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.dossier_fields import FIELDS, GROUPS


class CommentForm(forms.Form):
    """Which field, and what about it."""

    use_required_attribute = False

    field = forms.ChoiceField(
        label=_("Field"),
        choices=[
            (label, [(entry.name, entry.label) for entry in FIELDS if entry.group == group])
            for group, label in GROUPS
        ],
    )
    text = forms.CharField(
        label=_("Comment"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AnswerForm(forms.Form):
    """What the filler says to a remark; settling needs no words."""

    answer = forms.CharField(required=False, max_length=1000)
    settle = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("answer") and not data.get("settle"):
            raise forms.ValidationError(_("Write an answer, or settle the comment."))
        return data
