"""Forms about organisations and their units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc

from portal.choices import INSTITUTION_KINDS, District, OrganisationKind
from portal.forms.merging import MergingForm
from portal.models import Organisation, OrganisationName, Unit
from portal.services.organisations import UNIT_FIELDS
from portal.text import clean, fold


class OrganisationForm(MergingForm):
    """An organisation with its further names and supervising bureaus."""

    district = forms.ChoiceField(label=_("District"), required=False)
    # longer than the code: people paste it with blanks
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=40,
        required=False,
        help_text=_("18 characters, the last one is checked."),
    )
    names = forms.CharField(
        label=_("Further and former names"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One name a line. Files that use one of them are understood."),
    )
    supervisors = forms.ModelMultipleChoiceField(
        label=_("Supervising bureaus"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"data-select": ""}),
        help_text=_("They read the stock-taking of this institution."),
    )

    class Meta:
        model = Organisation
        fields = ("name", "code", "kind", "credit_code", "affiliation", "district", "is_active")
        help_texts = {
            "code": _("For commands and file names: letters, digits, hyphens."),
        }

    def __init__(self, *args: Any, bureaus: Any, further_names: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [("", "—"), *District.choices]  # type: ignore[attr-defined]
        self.fields["supervisors"].queryset = bureaus.filter(  # type: ignore[attr-defined]
            kind=OrganisationKind.DEPARTMENT
        )
        self.initial["names"] = "\n".join(further_names)
        self.stored["names"] = sorted(further_names)
        if self.instance.pk is None:
            del self.fields["is_active"]
            return
        charges = self.instance.supervisions.filter(is_active=True)
        in_charge = sorted(charges.values_list("bureau_id", flat=True))
        self.initial["supervisors"] = self.stored["supervisors"] = in_charge

    def clean_name(self) -> str:
        name = clean(self.cleaned_data["name"])
        self._refuse_taken([name])
        return name

    def clean_credit_code(self) -> str | None:
        code = self.cleaned_data["credit_code"]
        return uscc.compact(code).upper() if code else None

    def clean_names(self) -> list[str]:
        lines = self.cleaned_data["names"].splitlines()
        names = list(dict.fromkeys(name for line in lines if (name := clean(line))))
        if any(len(name) > 200 for name in names):
            raise forms.ValidationError(_("A name has at most 200 characters."))
        self._refuse_taken(names)
        return names

    def _refuse_taken(self, names: list[str]) -> None:
        """A name leads to one organisation only, or files could not be read without asking."""
        taken = OrganisationName.objects.filter(folded__in=[fold(name) for name in names])
        other = taken.exclude(organisation=self.instance.pk).select_related("organisation").first()
        if other is not None:
            raise forms.ValidationError(
                _("%(name)s is a name of %(organisation)s already."),
                params={"name": other.name, "organisation": other.organisation.name},
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind and cleaned.get("supervisors") and kind not in INSTITUTION_KINDS:
            self.add_error("supervisors", _("Only institutions have supervising bureaus."))
        return cleaned

    def _typed(self, name: str) -> Any:
        """Lists sorted, as the record and its trail keep them."""
        typed = super()._typed(name)
        if name == "names":
            return sorted(typed.splitlines() if isinstance(typed, str) else typed)
        if name == "supervisors":
            return sorted(getattr(each, "pk", each) for each in typed)
        return typed

    def values(self) -> dict[str, Any]:
        """The organisation's own columns."""
        return {
            field: self.cleaned_data[field] for field in self.Meta.fields if field in self.fields
        }


class UnitForm(MergingForm):
    """Name of a unit, whether it is a strong discipline, and whether it is still in use."""

    class Meta:
        model = Unit
        fields = UNIT_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"], self.fields["is_strong_discipline"]

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])

    def _get_validation_exclusions(self) -> set[str]:
        """Organisation and parent are set by the view: the name is unique below them."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return excluded - {"organisation", "parent"}
