"""An entry of the expert pool corrected by hand; why a person leaves the pool, or is forgotten there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from evaluation.choices import ErasureGround
from evaluation.importing.expert_rows import (
    LONGEST,
    MOBILE,
    MOST_AVOIDED,
    MOST_YEARS,
    PARTS,
    codes_in,
    number_in,
)
from evaluation.models import Expert
from evaluation.models.experts import MOST_FIELDS, identity_of
from evaluation.services import experts
from inventory.importing.personnel_rows import fold_name
from portal.forms.merging import MergingForm
from portal.text import clean, mask_mail, mask_phone

_ROWS = {"rows": 3}


class ExpertForm(MergingForm):
    """What a list says of a person. The stored contact is not sent to the page: blank keeps it."""

    technical_fields = forms.CharField(
        label=_("Technical fields"),
        max_length=500,
        required=False,
        help_text=_(
            "At most three, parted by 、: IPC subclasses such as H01L, or groups of 战略性新兴产业 by code or name "
            "such as 1.5 or 人工智能."
        ),
    )
    years = forms.IntegerField(
        label=_("Years of practice"), min_value=0, max_value=MOST_YEARS, required=False
    )
    phone = forms.CharField(label=_("Mobile number"), max_length=32, required=False)
    email = forms.EmailField(label=_("Mail address"), max_length=254, required=False)
    avoided = forms.CharField(
        label=_("Avoids"),
        required=False,
        widget=forms.Textarea(attrs=_ROWS),
        help_text=_(
            "One name a line: whose patents this person does not evaluate, besides the employer's."
        ),
    )
    term_from = forms.DateField(label=_("Appointed from"), required=False)
    term_until = forms.DateField(label=_("Appointed until"), required=False)

    class Meta:
        model = Expert
        fields = experts.SAID
        labels = {
            "name": _("Full name"),
            "employer": _("Employer"),
            "position": _("Post and title"),
            "education": _("Degree and subject"),
            "products": _("Products known"),
            "achievements": _("Achievements"),
            "recommender": _("Recommended by"),
        }
        widgets = {
            "products": forms.Textarea(attrs=_ROWS),
            "achievements": forms.Textarea(attrs=_ROWS),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["technical_fields"] = "、".join(self.stored["technical_fields"])
        self.initial["avoided"] = "\n".join(self.stored["avoided"])
        for field, mask in (("phone", mask_phone), ("email", mask_mail)):
            self.initial[field] = ""
            if stored := self.stored[field]:
                hint = _("Now %(value)s. Leave empty to keep it.")
                self.fields[field].help_text = hint % {"value": mask(stored)}

    def in_trail(self, name: str, value: Any) -> Any:
        return experts.in_trail(name, value)

    def clean_name(self) -> str:
        name = fold_name(self.cleaned_data["name"])
        if PARTS.search(name) or any(mark.isdigit() for mark in name):
            raise ValidationError(_("Write one name, without digits."))
        return name

    def clean_employer(self) -> str:
        return clean(self.cleaned_data["employer"])

    def clean_technical_fields(self) -> list[str]:
        codes, unknown = codes_in(self.cleaned_data["technical_fields"])
        if unknown:
            raise ValidationError(_("Not known: %(names)s."), params={"names": "、".join(unknown)})
        if len(codes) > MOST_FIELDS:
            raise ValidationError(_("At most three technical fields."))
        return codes

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        if not typed:
            return str(self.stored["phone"])
        found = number_in(typed)
        if found is None or not MOBILE.fullmatch(found):
            raise ValidationError(_("Expected: 11 digits that begin with 1."))
        return found

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"] or self.stored["email"])

    def clean_avoided(self) -> list[str]:
        names = list(
            dict.fromkeys(filter(None, map(clean, PARTS.split(self.cleaned_data["avoided"]))))
        )
        if len(names) > MOST_AVOIDED or any(len(name) > LONGEST["employer"] for name in names):
            raise ValidationError(
                _("At most %(count)s full names, one a line."), params={"count": MOST_AVOIDED}
            )
        return names

    def clean(self) -> dict[str, Any]:
        """One person stands in the pool once; the term begins before it ends."""
        cleaned = super().clean() or self.cleaned_data
        who = [cleaned.get(name) for name in ("name", "employer", "phone")]
        if all(who):
            same = Expert.objects.filter(identity=identity_of(*map(str, who)))
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error("name", experts.KNOWN_ALREADY)
        begin, end = cleaned.get("term_from"), cleaned.get("term_until")
        if begin and end and end < begin:
            self.add_error("term_until", _("The term ends before it begins."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the entry is to say, by columns."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class RemovalForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ErasureForm(forms.Form):
    """The ground is chosen, not written: what people write names the person, and the trail keeps it."""

    ground = forms.ChoiceField(
        label=_("Reason"), choices=ErasureGround.choices, widget=forms.RadioSelect
    )
    is_read = forms.BooleanField(label=_("I have read what it does."))
