"""A reviewer's remark on one field of a dossier."""

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
