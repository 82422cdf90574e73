"""Forms of handing over and of objections."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.dossier_fields import CONFIDENTIAL, FIELDS
from inventory.queries.co_owned import partners_of
from portal.models import Membership, Organisation

_TEXT = forms.Textarea(attrs={"rows": 3})
# what a co-holder can read it can object to
OBJECTED = [(field.name, field.label) for field in FIELDS if field.name not in CONFIDENTIAL]


class AskForm(forms.Form):
    """Nothing is asked: the picked rows say it all."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class BulkOfferForm(AskForm):
    """To whom, and why; only institutions that hold patents together with one's own are offered."""

    to = forms.ModelChoiceField(queryset=Organisation.objects.none(), label=_("Hand over to"))
    reason = forms.CharField(max_length=500, label=_("Reason"), widget=_TEXT)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, membership=membership, **kwargs)
        found = partners_of(membership.organisation_id).order_by("name_key")
        self.fields["to"].queryset = found  # type: ignore[attr-defined]


class NoteForm(AskForm):
    """A word with the answer is welcome."""

    note = forms.CharField(max_length=500, required=False, label=_("Note"), widget=_TEXT)


class DeclineForm(AskForm):
    """A refusal says why."""

    note = forms.CharField(max_length=500, label=_("Reason"), widget=_TEXT)


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
