"""Forms of handing over and of objections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.dossier_fields import CONFIDENTIAL, FIELDS
from portal.models import Organisation

_TEXT = forms.Textarea(attrs={"rows": 3})
# what a co-holder can read it can object to
OBJECTED = [(field.name, field.label) for field in FIELDS if field.name not in CONFIDENTIAL]


class OfferForm(forms.Form):
    """To whom, and why; only holders of the ticked patents are offered."""

    to = forms.ModelChoiceField(queryset=Organisation.objects.none(), label=_("Hand over to"))
    reason = forms.CharField(max_length=500, label=_("Reason"), widget=_TEXT)

    def __init__(self, *args: Any, receivers: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Organisation.objects.filter(pk__in=set(receivers)).order_by("name_key")
        self.fields["to"].queryset = found  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    """A word with the answer; a refusal needs one."""

    note = forms.CharField(max_length=500, required=False, label=_("Note"), widget=_TEXT)

    def __init__(self, *args: Any, is_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_needed:
            self.fields["note"].required = True
            self.fields["note"].label = _("Reason")


class ObjectionForm(forms.Form):
    text = forms.CharField(max_length=1000, label=_("Objection"), widget=_TEXT)
    fields_concerned = forms.MultipleChoiceField(
        choices=OBJECTED,
        required=False,
        label=_("Fields concerned"),
        widget=forms.SelectMultiple(attrs={"data-select": ""}),
    )


class ObjectionAnswerForm(forms.Form):
    answer = forms.CharField(max_length=1000, label=_("Answer"), widget=_TEXT)
    opens_revision = forms.BooleanField(
        required=False,
        label=_("Reopen the dossier for a revision"),
        help_text=_("The approved version counts until the revised one is approved."),
    )


class EndingForm(forms.Form):
    note = forms.CharField(max_length=500, required=False, label=_("Note"))
