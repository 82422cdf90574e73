"""Forms of campaigns, participations and exclusions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.models import Campaign, CampaignInstitution, Exclusion
from portal.models import Organisation

# first bytes of PDF, PNG and JPEG
EVIDENCE_TYPES = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]
    """A campaign with the institutions that take part."""

    institutions = forms.ModelMultipleChoiceField(
        queryset=Organisation.objects.institutions().active(),
        required=False,
        label=_("Institutions that take part"),
        help_text=_("Institutions that take part already stay, whatever is chosen here."),
        widget=forms.SelectMultiple(attrs={"data-select": ""}),
    )

    class Meta:
        model = Campaign
        fields = ("name", "scope", "cutoff_on", "base_day", "opens_on", "due_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["institutions"].initial = Organisation.objects.filter(
                participations__campaign=self.instance
            )


class ParticipationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CampaignInstitution
        fields = ("review_steps", "filing_mode", "contact_name", "contact_phone")
        widgets = {"contact_phone": forms.TextInput}


class ExclusionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Reason, explanation and an optional file (PDF or picture, 10 MB)."""

    evidence_file = forms.FileField(
        required=False,
        label=_("Evidence file"),
        help_text=_("PDF, PNG or JPEG, 10 MB at most."),
    )

    class Meta:
        model = Exclusion
        fields = ("reason", "effective_on", "explanation")
        widgets = {"explanation": forms.Textarea(attrs={"rows": 4})}

    def clean_evidence_file(self) -> Any:
        upload = self.cleaned_data["evidence_file"]
        if upload is None:
            return None
        if upload.size > 10 * 1024 * 1024:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        head = upload.read(8)
        upload.seek(0)
        if not head.startswith(EVIDENCE_TYPES):
            raise forms.ValidationError(_("Only PDF, PNG and JPEG files are accepted."))
        return upload


class DecisionForm(forms.Form):
    note = forms.CharField(
        required=False,
        max_length=500,
        label=_("Note of the decision"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    decision = forms.ChoiceField(
        choices=(("approve", _("Approve")), ("refuse", _("Refuse"))), label=_("Decision")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "refuse" and not data.get("note"):
            self.add_error("note", _("Say why the request is refused."))
        return data
