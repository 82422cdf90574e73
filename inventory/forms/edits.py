"""What is to be changed for many dossiers at once: every field is left, cleared or set."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory import rules
from inventory.choices import (
    Maturity,
    PriceBand,
    Stars,
)
from inventory.classification.industries import SECTIONS
from inventory.dossier_fields import BY_NAME
from inventory.forms.assignments import offered_people, offered_units
from inventory.forms.dossiers import (
    IntentForm,
    LongTextField,
    StatusForm,
    TextField,
    divisions,
    strategic,
)
from inventory.forms.selects import SwiftSelect, SwiftSelectMultiple
from inventory.services.edits import Edit, ListEdit, TextEdit
from portal.models import Membership, User

LEAVE, CLEAR = "", "-"
# digits of the largest key a table holds, less one
LONGEST_KEY = 18
_LEAVE = (LEAVE, _("Leave as it is"))
_CLEAR = (CLEAR, _("Clear"))
LIST_MODES = (
    _LEAVE,
    ("add", _("Add")),
    ("replace", _("Put in place of what is there")),
    (CLEAR, _("Clear")),
)
TEXT_MODES: tuple[tuple[str, Any], ...] = (
    _LEAVE,
    ("empty", _("Write it only where there is none yet")),
    ("append", _("Put it behind what is there")),
    ("replace", _("Put in place of what is there")),
)
CONTACTS = (
    _LEAVE,
    ("default", _("The institution's default contact")),
    ("own", _("The contact named here")),
)


class LeaveOrSet(forms.ChoiceField):
    """A choice that can also be left as it is, or cleared."""

    def __init__(self, *, choices: Any = (), label: Any, is_clearable: bool = True) -> None:
        self.is_clearable = is_clearable
        super().__init__(choices=(), required=False, label=label, widget=SwiftSelect)
        self.offer(choices)

    def offer(self, choices: Any) -> None:
        self.choices = [_LEAVE, *([_CLEAR] if self.is_clearable else []), *choices]


class PersonOrLeave(LeaveOrSet):
    """One of the people of an institution. They are thousands: listed where the field is shown, looked up where it is
    checked."""

    def offer_people(self, people: QuerySet[User]) -> None:
        self.people = people
        # names alone, as each person would be deciphered
        named = people.values_list("pk", "name", "name_key")
        self.choices = lambda: [_LEAVE, _CLEAR, *((str(pk), name) for pk, name, _key in named)]

    def valid_value(self, value: Any) -> bool:
        text = str(value)
        if text in (LEAVE, CLEAR):
            return True
        return (
            text.isdecimal() and len(text) <= LONGEST_KEY and self.people.filter(pk=text).exists()
        )


def _offer_places(form: forms.Form, membership: Membership) -> None:
    """Units and people of the own institution, or of the own branch."""
    units = offered_units(membership)
    form.fields["unit"].offer((str(unit.pk), unit.name) for unit in units)  # type: ignore[attr-defined]
    form.fields["responsible"].offer_people(offered_people(membership))  # type: ignore[attr-defined]
    for name in ("unit", "responsible"):
        form.fields[name].widget.attrs["data-select"] = ""


def _label(name: str) -> Any:
    return BY_NAME[name].label


class EditForm(forms.Form):
    """Cleaned data holds `edit` (services.edits.Edit) and `reason`."""

    use_required_attribute = False

    unit = LeaveOrSet(label=_("Unit"))
    responsible = PersonOrLeave(label=_("Responsible person"))
    stars = LeaveOrSet(choices=Stars.choices, label=_label("stars"))
    maturity = LeaveOrSet(choices=Maturity.choices, label=_label("maturity"))
    price_band = LeaveOrSet(choices=PriceBand.choices, label=_label("price_band"))
    is_publicly_funded = LeaveOrSet(
        choices=[("true", _("Yes")), ("false", _("No"))], label=_label("is_publicly_funded")
    )
    industry = LeaveOrSet(
        choices=[(s.code, f"{s.code} {s.name}") for s in SECTIONS], label=_label("industry")
    )
    industry_division = LeaveOrSet(choices=divisions(), label=_label("industry_division"))
    strategic_mode = forms.ChoiceField(
        choices=LIST_MODES, required=False, label=_label("strategic_codes")
    )
    strategic_codes = forms.MultipleChoiceField(
        required=False,
        choices=strategic(),
        widget=SwiftSelectMultiple(attrs={"data-select": ""}),
        label=_("Branches or groups"),
    )
    contact = forms.ChoiceField(choices=CONTACTS, required=False, label=_("Contact"))
    contact_name = TextField(limit=80, label=_label("contact_name"))
    contact_phone = TextField(limit=120, label=_label("contact_phone"))
    advantages_mode = forms.ChoiceField(
        choices=TEXT_MODES, required=False, label=_label("advantages")
    )
    advantages = LongTextField(label=_("Text"))
    prospects_mode = forms.ChoiceField(
        choices=TEXT_MODES, required=False, label=_label("prospects")
    )
    prospects = LongTextField(label=_("Text"))
    status_mode = forms.ChoiceField(choices=LIST_MODES, required=False, label=_label("statuses"))
    intent_mode = forms.ChoiceField(choices=LIST_MODES, required=False, label=_label("intents"))
    reason = forms.CharField(
        max_length=500, label=_("Reason"), help_text=_("Kept in the history of every dossier.")
    )

    def __init__(self, data: Any = None, *, membership: Membership) -> None:
        super().__init__(data)
        _offer_places(self, membership)
        self.status = StatusForm(data, prefix="status")
        self.intent = IntentForm(data, prefix="intent")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        lists = {
            "strategic_codes": self._codes(data),
            "statuses": self._mark(data, "status_mode", self.status, rules.Status),
            "intents": self._mark(data, "intent_mode", self.intent, rules.Intent),
        }
        edit = Edit(
            values=self._values(data),
            lists={name: one for name, one in lists.items() if one is not None},
            texts=self._texts(data),
            assignment=assignment_of(data),
        )
        if not self.errors and not (edit.touches_content or edit.assignment):
            raise forms.ValidationError(_("Choose at least one field to change."))
        return {**data, "edit": edit}

    def _values(self, data: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in ("maturity", "price_band", "industry", "industry_division"):
            if data.get(name):
                found[name] = "" if data[name] == CLEAR else data[name]
        if data.get("stars"):
            found["stars"] = None if data["stars"] == CLEAR else int(data["stars"])
        if funded := data.get("is_publicly_funded"):
            found["is_publicly_funded"] = {"true": True, "false": False}.get(funded)
        return {**found, **self._contact(data)}

    def _contact(self, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("contact") == "default":
            return {"uses_default_contact": True}
        if data.get("contact") != "own":
            return {}
        for name in ("contact_name", "contact_phone"):
            if not data.get(name):
                self.add_error(name, _("Name the contact and how to reach it."))
        names = ("contact_name", "contact_phone")
        return {"uses_default_contact": False, **{name: data.get(name, "") for name in names}}

    def _texts(self, data: dict[str, Any]) -> dict[str, TextEdit]:
        found: dict[str, TextEdit] = {}
        for name in ("advantages", "prospects"):
            mode, text = data.get(f"{name}_mode"), data.get(name)
            if mode and text:
                found[name] = TextEdit(mode, text)
            elif mode and name not in self.errors:
                self.add_error(name, _("Say what is to be written."))
        return found

    def _codes(self, data: dict[str, Any]) -> ListEdit | None:
        mode, codes = data.get("strategic_mode"), tuple(data.get("strategic_codes") or ())
        if mode == CLEAR:
            return ListEdit("replace")
        if not mode:
            return None
        if not codes:
            self.add_error("strategic_codes", _("Choose values from the list."))
        return ListEdit("add" if mode == "add" else "replace", codes)

    def _mark(self, data: dict[str, Any], mode_name: str, form: Any, kind: Any) -> ListEdit | None:
        """The mark of the row below the mode; its own rules (cascade, amount, product) are checked here."""
        mode = data.get(mode_name)
        if mode == CLEAR:
            return ListEdit("replace")
        if not mode:
            return None
        if not form.is_valid():
            self.add_error(mode_name, _("Mend the marked fields."))
            return None
        mark = kind(**form.mark())
        self._check_mark(mode_name, form, mark)
        return ListEdit("add" if mode == "add" else "replace", (mark,))

    def _check_mark(self, mode_name: str, form: Any, mark: Any) -> None:
        is_status = isinstance(mark, rules.Status)
        content = rules.Content(statuses=(mark,)) if is_status else rules.Content(intents=(mark,))
        check = rules.check_statuses if is_status else rules.check_intents
        # whether a kind of patent may have an evaluation report (R5) is asked of every dossier apart
        for problem in check(content, "utility"):
            if problem.is_error:
                form.add_error(problem.field.rpartition(".")[2], problem.text)
                self.add_error(mode_name, _("Mend the marked fields."))


def assignment_of(data: dict[str, Any]) -> dict[str, int | None]:
    """{unit, responsible} as far as they are to be set; None clears."""
    return {
        name: None if data[name] == CLEAR else int(data[name])
        for name in ("unit", "responsible")
        if data.get(name)
    }


class AssignForm(forms.Form):
    """Unit, person, or both. Cleaned data holds `edit` and `reason`."""

    unit = LeaveOrSet(label=_("Unit"))
    responsible = PersonOrLeave(label=_("Responsible person"))
    reason = forms.CharField(
        required=False, max_length=500, label=_("Reason"), help_text=_("Kept in the history.")
    )

    def __init__(self, data: Any = None, *, membership: Membership) -> None:
        super().__init__(data)
        _offer_places(self, membership)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        assignment = assignment_of(data)
        if not self.errors and not assignment:
            raise forms.ValidationError(_("Choose a unit, a responsible person, or both."))
        return {**data, "edit": Edit(assignment=assignment)}
