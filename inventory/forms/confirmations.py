"""Which unit confirms in which campaign; the scan of the stamped sheet."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.forms.exclusions import EVIDENCE_TYPES
from inventory.models import Campaign
from portal.models import Membership, Unit

MOST_BYTES: Final = 20 * 1024 * 1024


class ConfirmationForm(forms.Form):
    campaign = forms.ModelChoiceField(Campaign.objects.none(), label=_("Campaign"))
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"))

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields
        offered["campaign"].queryset = Campaign.objects.visible_to(membership)
        offered["unit"].queryset = Unit.objects.offered_to(membership)


class ScanForm(forms.Form):
    """PDF or picture, told by its first bytes, not by its name."""

    scan = forms.FileField(
        label=_("Scan of the stamped sheet"), help_text=_("PDF, PNG or JPEG, 20 MB at most.")
    )

    def clean_scan(self) -> Any:
        upload = self.cleaned_data["scan"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        head = upload.read(8)
        upload.seek(0)
        if not head.startswith(EVIDENCE_TYPES):
            raise forms.ValidationError(_("Only PDF, PNG and JPEG files are accepted."))
        return upload
