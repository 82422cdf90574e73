"""Forms of an institution's part in a campaign: settings and contacts, work plan, milestones."""

from __future__ import annotations

import zipfile
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.models import CampaignInstitution, Milestone
from portal.forms.merging import MergingForm
from portal.models import Unit

MOST_BYTES = 20 * 1024 * 1024
_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# endings by first bytes; the parts a new Office file must have
_ENDINGS = {_PDF: (".pdf",), _ZIP: (".docx", ".xlsx"), _OLE: (".doc", ".xls")}
_PARTS = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}


class ParticipationForm(MergingForm):
    """Review steps, way of filing, default contact; responsible unit with two contacts."""

    together = {
        "responsible_name": "responsible_unit",
        "contact_phone": "contact_name",
        "first_contact_phone": "first_contact_name",
        "second_contact_phone": "second_contact_name",
    }

    class Meta:
        model = CampaignInstitution
        fields = (
            "review_steps",
            "filing_mode",
            "contact_name",
            "contact_phone",
            "responsible_unit",
            "responsible_name",
            "first_contact_name",
            "first_contact_phone",
            "second_contact_name",
            "second_contact_phone",
        )
        widgets = {
            "contact_phone": forms.TextInput,
            "first_contact_phone": forms.TextInput,
            "second_contact_phone": forms.TextInput,
            "responsible_unit": forms.Select(attrs={"data-select": ""}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.filter(organisation=self.instance.institution_id, is_active=True)
        self.fields["responsible_unit"].queryset = units.order_by("name_key")  # type: ignore[attr-defined]
        self.fields["responsible_unit"].empty_label = _("Not named yet")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("responsible_unit") and data.get("responsible_name"):
            self.add_error("responsible_name", _("Name the unit or write the office, not both."))
        for which in ("first_contact", "second_contact"):
            if data.get(f"{which}_phone") and not data.get(f"{which}_name"):
                self.add_error(f"{which}_name", _("Say whose number this is."))
        return data


class PlanForm(forms.Form):
    """A version of the work plan: PDF, Word or Excel by its content, 20 MB at most."""

    file = forms.FileField(label=_("Work plan"), help_text=_("PDF, Word or Excel, 20 MB at most."))
    note = forms.CharField(required=False, max_length=200, label=_("What is new"))

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB."))
        head = upload.read(8)
        upload.seek(0)
        endings = next((e for magic, e in _ENDINGS.items() if head.startswith(magic)), ())
        ending = next((e for e in endings if upload.name.lower().endswith(e)), None)
        if ending is None:
            raise forms.ValidationError(
                _("Only PDF, Word and Excel files are accepted, with the ending that fits them.")
            )
        if ending in _PARTS and not _is_office_file(upload, _PARTS[ending]):
            raise forms.ValidationError(_("The file cannot be read, or it holds macros."))
        upload.seek(0)
        return upload


def _is_office_file(upload: Any, part: str) -> bool:
    """Whether the package holds what its ending promises, and no macros."""
    try:
        with zipfile.ZipFile(upload) as package:
            names = {name.lower() for name in package.namelist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):  # the last for foreign packing
        return False
    return part in names and not any(name.endswith("vbaproject.bin") for name in names)


class MilestoneForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Milestone
        fields = ("name", "due_on", "goal", "share")
        widgets = {"share": forms.NumberInput(attrs={"data-suffix": "%"})}


class EarlierDayForm(forms.Form):
    """The institution's own day for a milestone of the campaign; blank takes it back."""

    due_on = forms.DateField(
        required=False,
        label=_("Our own day"),
        help_text=_("Earlier than the day of the campaign. Leave it blank to go by the campaign."),
        widget=forms.DateInput,
    )
