"""Forms of exclusions: asking, deciding, appealing, revoking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.choices import TRANSFER_REASONS
from inventory.models import Exclusion

# first bytes of PDF, PNG and JPEG
EVIDENCE_TYPES = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
MOST_BYTES = 10 * 1024 * 1024
_TRANSFERS = ",".join(sorted(str(reason) for reason in TRANSFER_REASONS))


class EvidenceField(forms.FileField):
    """A PDF or picture of at most 10 MB."""

    def __init__(self, **kwargs: Any) -> None:
        usual = {
            "required": False,
            "label": _("Evidence file"),
            "help_text": _("PDF, PNG or JPEG, 10 MB at most."),
        }
        super().__init__(**{**usual, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if not upload:
            return None
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        head = upload.read(8)
        upload.seek(0)
        if not head.startswith(EVIDENCE_TYPES):
            raise forms.ValidationError(_("Only PDF, PNG and JPEG files are accepted."))
        return upload


class ExclusionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Reason, explanation and an optional file; a transfer names the new holder and the day."""

    when = _TRANSFERS
    evidence_file = EvidenceField()

    class Meta:
        model = Exclusion
        fields = ("reason", "effective_on", "new_holder", "registered_on", "explanation")
        widgets = {"explanation": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "new_holder": _("The name in the register."),
            "registered_on": _("The day of registration, not of the contract."),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reason") in TRANSFER_REASONS:
            for name in ("new_holder", "registered_on"):
                if not data.get(name):
                    self.add_error(name, _("A transfer needs the new holder and the day."))
        return data


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


class AppealForm(forms.Form):
    text = forms.CharField(
        max_length=2000, label=_("Grounds of the appeal"), widget=forms.Textarea(attrs={"rows": 4})
    )
    evidence_file = EvidenceField(label=_("New evidence"))


class WithdrawalForm(forms.Form):
    note = forms.CharField(required=False, max_length=500, label=_("Note"))


class RevocationForm(forms.Form):
    reason = forms.CharField(max_length=500, label=_("Reason"))
    counts_from = forms.DateField(
        label=_("Counts again from"),
        help_text=_("For a restored right, the day of the restoration."),
    )
