"""Forms of batches for the national platform."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.choices import CampaignState, SignOffCheck, UploadKind
from inventory.models import Campaign
from portal import clock
from portal.models import Membership
from portal.text import clean

STATEMENT = _(
    "The contents of this batch were reviewed for confidentiality; they hold no state secret, no working "
    "secret and nothing else that must not be given to the national platform."
)


class BatchForm(forms.Form):
    """What goes into a batch."""

    # chosen by the tab of the page, which shows what would go in each
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), label=_("Campaign"), widget=forms.HiddenInput
    )
    kind = forms.ChoiceField(
        choices=UploadKind.choices,
        label=_("Contents"),
        widget=forms.RadioSelect,
        initial=UploadKind.CHANGED,
    )
    query = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["campaign"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = Campaign.objects.visible_to(membership).exclude(state=CampaignState.DRAFT)
        if not self["query"].value():
            self.fields["kind"].choices = [  # type: ignore[attr-defined]
                choice for choice in UploadKind.choices if choice[0] != UploadKind.SELECTED
            ]


class SignOffForm(forms.Form):
    """The confidentiality review: every point and the statement to sign; a reason to send it back."""

    decision = forms.ChoiceField(choices=(("sign", _("Sign")), ("refuse", _("Send back"))))
    checks = forms.MultipleChoiceField(
        choices=SignOffCheck.choices,
        required=False,
        label=_("Confirmed by the reviewer"),
        widget=forms.CheckboxSelectMultiple,
    )
    statement = forms.CharField(
        required=False,
        max_length=1000,
        label=_("Statement"),
        initial=STATEMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reason = forms.CharField(
        required=False,
        max_length=500,
        label=_("Reason for sending it back"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "sign":
            if set(data.get("checks", ())) != set(SignOffCheck.values):
                self.add_error(
                    "checks", _("Every point must be confirmed; otherwise send it back.")
                )
            if not data.get("statement"):
                self.add_error("statement", _("The statement is missing."))
        elif not data.get("reason"):
            self.add_error("reason", _("Say why it is sent back."))
        return data


class UploadedForm(forms.Form):
    on = forms.DateField(label=_("Uploaded on"), initial=clock.today)


class UploadReasonForm(forms.Form):
    reason = forms.CharField(max_length=500, label=_("Reason"))


class WordsForm(forms.Form):
    """The institution's confidential words, one a line."""

    words = forms.CharField(
        required=False,
        max_length=8000,
        label=_("Confidential words, one a line"),
        widget=forms.Textarea(attrs={"rows": 12}),
    )

    def clean_words(self) -> list[str]:
        words = [clean(line) for line in self.cleaned_data["words"].splitlines()]
        found = list(dict.fromkeys(word for word in words if word))
        if len(found) > 200 or any(len(word) > 40 for word in found):
            raise forms.ValidationError(_("At most 200 words of at most 40 characters."))
        return found
