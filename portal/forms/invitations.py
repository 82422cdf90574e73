"""Forms about invitations, namesakes and leavers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.choices import Role
from portal.forms.people import PHONE_SHAPE, active_units
from portal.handing_over import BY_PROPOSALS, TO_QUEUE, TO_SUCCESSOR
from portal.models import Membership, StaffMember, Unit, User
from portal.permissions import MANAGER_GIVES, can_invite
from portal.text import clean

_SEARCHABLE = {"data-select": ""}


class InvitationForm(forms.Form):
    """One person to be invited."""

    name = forms.CharField(label=_("Full name"), max_length=80)
    staff_number = forms.CharField(
        label=_("Staff number"),
        max_length=32,
        required=False,
        help_text=_("Tells namesakes apart."),
    )
    email = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        required=False,
        help_text=_("Needed only to send the link by mail."),
    )
    phone = forms.CharField(
        label=_("Phone"), max_length=32, required=False, validators=[PHONE_SHAPE]
    )
    role = forms.ChoiceField(label=_("Role"))
    unit = forms.ModelChoiceField(
        label=_("School or unit"),
        queryset=Unit.objects.none(),
        required=False,
        widget=forms.Select(attrs=_SEARCHABLE),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership = membership
        is_manager = membership.role == Role.INSTITUTION_MANAGER
        offered = MANAGER_GIVES if is_manager else frozenset({Role.INVENTOR})
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in Role if role in offered
        ]
        self.fields["role"].initial = Role.INVENTOR
        self.fields["unit"].queryset = active_units(  # type: ignore[attr-defined]
            membership, membership.organisation
        )
        if not is_manager:
            self.fields["unit"].required = True
            self.fields["unit"].initial = membership.unit_id

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        role, unit = cleaned.get("role"), cleaned.get("unit")
        if role == Role.UNIT_MANAGER and unit is None:
            self.add_error("unit", _("A unit manager needs a unit."))
        elif role and not self.errors and not can_invite(self.membership, role, unit):
            self.add_error("role", _("You cannot invite for this role and unit."))
        return cleaned

    def person(self) -> dict[str, str]:
        """What the service wants to know about the person."""
        names = ("name", "staff_number", "email", "phone")
        return {name: self.cleaned_data[name] for name in names}


class NamesakeForm(forms.Form):
    """Whether a doubtful line is somebody of their own, or one of those of the same name."""

    same_as = forms.TypedChoiceField(
        label=_("Who is it"), coerce=int, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, namesakes: list[StaffMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["same_as"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [
            ("0", _("Somebody else of the same name")),
            *((str(one.pk), described(one)) for one in namesakes),
        ]

    @property
    def chosen(self) -> int | None:
        return self.cleaned_data["same_as"] or None


def described(member: StaffMember) -> str:
    """A person in one line: 王伟 · 材料学院 · 1001 · 教授."""
    facts = (member.name, str(member.unit or ""), member.staff_number, member.title)
    return " · ".join(fact for fact in facts if fact)


class DepartureForm(forms.Form):
    """Why somebody leaves, and where the work goes."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    how = forms.ChoiceField(
        label=_("The work goes"),
        choices=[
            (TO_SUCCESSOR, _("to one successor")),
            (BY_PROPOSALS, _("to whoever is proposed clearly; the rest to the unassigned patents")),
            (TO_QUEUE, _("to the unassigned patents of the units")),
        ],
        initial=BY_PROPOSALS,
        widget=forms.RadioSelect,
    )
    successor = forms.ModelChoiceField(
        label=_("Successor"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.Select(attrs=_SEARCHABLE),
        help_text=_("Somebody with an active role in your institution."),
    )

    def __init__(
        self, *args: Any, membership: Membership, leaving: list[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = (  # type: ignore[attr-defined]
            User.objects.visible_to(membership)
            .filter(
                pk__in=Membership.objects.active()
                .filter(organisation=membership.organisation_id)
                .values("user")
            )
            .exclude(pk__in=leaving)
            .order_by("name_key", "pk")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("how") == TO_SUCCESSOR and not self.errors and not cleaned.get("successor"):
            self.add_error("successor", _("Choose who takes the work over."))
        return cleaned


class DepartureManyForm(DepartureForm):
    """The same for several people; who is among them takes nobody's work over (services.departures)."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, membership=membership, leaving=[], **kwargs)


class RevocationForm(forms.Form):
    """Nothing is asked: the picked rows say it all."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
