"""Forms about people: the account, its contact, the roles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portal.choices import ROLES_BY_KIND, Role
from portal.forms.merging import MergingForm
from portal.models import Membership, Organisation, Unit, User
from portal.permissions import MANAGER_GIVES
from portal.services.accounts import in_trail
from portal.text import clean, mask_mail, mask_phone

PHONE_SHAPE = RegexValidator(
    r"^\+?[0-9][0-9 ()\-]{4,30}$", _("Write a telephone number with digits, blanks and hyphens.")
)
_SEARCHABLE = {"data-select": ""}


class ContactForm(MergingForm):
    """Name and contact. Others' stored contact is not sent to the page: blank keeps it, a new value replaces it."""

    email = forms.EmailField(label=_("Mail address"), max_length=254, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=32, required=False, validators=[PHONE_SHAPE]
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ("name", "email", "phone")
        labels = {"name": _("Full name")}

    def __init__(self, *args: Any, is_own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keeps = not is_own and self.instance.pk is not None
        if not self.keeps:
            return
        masks = {"email": mask_mail, "phone": mask_phone}
        for field, mask in masks.items():
            self.initial[field] = ""
            if stored := self.stored[field]:
                hint = _("Now %(value)s. Leave empty to keep it.")
                self.fields[field].help_text = hint % {"value": mask(stored)}

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.keeps:
            for field in ("email", "phone"):
                if field in cleaned:
                    cleaned[field] = cleaned[field] or self.stored[field]
        return cleaned

    def in_trail(self, name: str, value: Any) -> Any:
        return in_trail(name, value)

    def contact(self) -> dict[str, str]:
        return {field: self.cleaned_data[field] for field in ("email", "phone")}


class AccountForm(ContactForm):
    """A new account."""

    class Meta(ContactForm.Meta):
        fields = ("username", "name", "email", "phone")
        help_texts = {"username": _("Letters, digits and @ . + - _; it cannot be changed later.")}


class MemberAccountForm(AccountForm):
    """A new account of an institution, with the role it begins with."""

    role = forms.ChoiceField(label=_("Role"))
    unit = forms.ModelChoiceField(
        label=_("School or unit"),
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.Select(attrs=_SEARCHABLE),
        help_text=_("Needed for a unit manager; an inventor may have one."),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((role.value, role.label) for role in Role if role in MANAGER_GIVES),
        ]
        self.fields["unit"].queryset = active_units(  # type: ignore[attr-defined]
            membership, membership.organisation
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("role") == Role.UNIT_MANAGER and cleaned.get("unit") is None:
            self.add_error("unit", _("A unit manager needs a unit."))
        return cleaned


class MembershipForm(forms.Form):
    """A role for a person in an organisation."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        widget=forms.Select(attrs=_SEARCHABLE),
    )
    role = forms.ChoiceField(label=_("Role"))
    unit = forms.ModelChoiceField(
        label=_("School or unit"),
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.Select(attrs=_SEARCHABLE),
        help_text=_("Needed for a unit manager; an inventor may have one."),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_manager = membership.role == Role.INSTITUTION_MANAGER
        organisations = Organisation.objects.visible_to(membership).active()
        units = Unit.objects.visible_to(membership).filter(is_active=True)
        if is_manager:
            organisations = organisations.filter(pk=membership.organisation_id)
            units = active_units(membership, membership.organisation)
            self.initial["organisation"] = membership.organisation_id
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units.select_related(  # type: ignore[attr-defined]
            "organisation"
        )
        if not is_manager:
            self.fields["unit"].label_from_instance = _with_organisation  # type: ignore[attr-defined]
        offered = MANAGER_GIVES if is_manager else frozenset(Role.values)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((role.value, role.label) for role in Role if role in offered),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        organisation, role, unit = (
            cleaned.get("organisation"),
            cleaned.get("role"),
            cleaned.get("unit"),
        )
        if organisation and role and role not in ROLES_BY_KIND[organisation.kind]:
            self.add_error("role", _("This kind of organisation has no such role."))
        if role == Role.UNIT_MANAGER and unit is None:
            self.add_error("unit", _("A unit manager needs a unit."))
        if organisation and unit and unit.organisation_id != organisation.pk:
            self.add_error("unit", _("This unit belongs to another organisation."))
        return cleaned


class ReasonForm(forms.Form):
    """Why something ends; kept in the trail."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


def active_units(membership: Membership, organisation: Organisation) -> Any:
    """Units of one organisation to choose from."""
    return Unit.objects.visible_to(membership).filter(organisation=organisation, is_active=True)


def _with_organisation(unit: Unit) -> str:
    return f"{unit.organisation.name} · {unit.name}"
