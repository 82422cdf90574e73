"""What is typed into the dossier: shapes only, so that a draft may stay incomplete (rules say what it lacks)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory import vocabulary
from inventory.choices import (
    IntentLevel1,
    IntentLevel2,
    Maturity,
    PriceBand,
    Stars,
    StatusLevel1,
    StatusLevel2,
)
from inventory.classification.industries import DIVISIONS, SECTIONS
from inventory.classification.strategic import BRANCHES, GROUPS
from inventory.dossier_fields import BY_NAME
from inventory.forms.selects import SwiftSelect, SwiftSelectMultiple
from inventory.numbers import NumberProblem, display, parse_application_number
from portal.text import clean, split_names

NOTHING = ("", "—")
TOO_LONG = _("At most %(limit_value)s characters; this has %(show_value)s.")
_COMMAS = re.compile(r"[,，、;；\s]+")

#: The official criterion beside each grade.
CRITERIA = {
    5: _("5 stars: the technology is mature and can go into industry at once."),
    4: _("4 stars: high potential value and prospects of industrialisation."),
    3: _("3 stars: some potential value and prospects of industrialisation."),
    2: _("2 stars: low potential value, unclear prospects of industrialisation."),
    1: _("1 star: no potential value or prospects of industrialisation."),
}


class TextField(forms.CharField):
    """Text without control characters. Too long is said, never cut: the widget has no maxlength."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(validators=[MaxLengthValidator(limit, TOO_LONG)], **kwargs)

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")


class LongTextField(TextField):
    """A text of up to 500 characters with a counter."""

    def __init__(self, *, limit: int = 500, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 4, "data-count": limit})
        super().__init__(
            limit=limit, widget=widget, help_text=_("At most 500 characters."), **kwargs
        )


class ListField(forms.CharField):
    """Several values in one line, parted by commas of either kind."""

    def __init__(
        self, *, split: Callable[[str], list[str]], item_limit: int, most: int, **kwargs: Any
    ) -> None:
        self.split = split
        self.item_limit = item_limit
        self.most = most
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "，".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        items = list(dict.fromkeys(self.split(clean(super().to_python(value) or ""))))
        if len(items) > self.most:
            raise ValidationError(
                gettext("At most %(most)s values; %(count)s are given.")
                % {"most": self.most, "count": len(items)}
            )
        if any(len(item) > self.item_limit for item in items):
            raise ValidationError(
                gettext("One value has more than %(limit)s characters.")
                % {"limit": self.item_limit}
            )
        return items


class NumberListField(ListField):
    """Application numbers in any spelling, kept in the canonical form."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            value = [display(part) for part in value]
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        found, refused = [], []
        for item in super().to_python(value):
            try:
                found.append(parse_application_number(item).canonical)
            except NumberProblem as problem:
                refused.append(f"{item}：{problem.expected}")
        if refused:
            raise ValidationError(refused)
        return found


def split_at_commas(text: str) -> list[str]:
    return [item for item in _COMMAS.split(text) if item]


def _yes_or_no(value: str) -> bool:
    return value == "true"


def _label(name: str) -> Any:
    return BY_NAME[name].label


def strategic() -> list[tuple[str, list[tuple[str, str]]]]:
    """The branches of the strategic emerging industries with their groups."""
    return [
        (
            f"{branch.code} {branch.name}",
            [(branch.code, f"{branch.code} {branch.name}")]
            + [(g.code, f"{g.code} {g.name}") for g in GROUPS if g.parent == branch.code],
        )
        for branch in BRANCHES
    ]


def divisions() -> list[Any]:
    """The divisions, grouped by section."""
    return [
        (section.name, [(d.code[1:], d.name) for d in DIVISIONS if d.section == section.code])
        for section in SECTIONS
    ]


class DossierForm(forms.Form):
    """Columns H to AD except the marks."""

    use_required_attribute = False

    combination_name = TextField(limit=50, label=_label("combination_name"))
    combination_numbers = NumberListField(
        split=split_at_commas,
        item_limit=24,
        most=9,
        label=_label("combination_numbers"),
        help_text=_("Up to 9 application numbers, parted by commas."),
    )
    combination_note = LongTextField(label=_label("combination_note"))
    is_publicly_funded = forms.TypedChoiceField(
        required=False,
        choices=[("true", _("Yes")), ("false", _("No"))],
        coerce=_yes_or_no,
        empty_value=None,
        widget=forms.RadioSelect,
        label=_label("is_publicly_funded"),
    )
    funding_kind = TextField(limit=80, label=_label("funding_kind"))
    funding_name = TextField(limit=200, label=_label("funding_name"))
    funding_number = TextField(limit=80, label=_label("funding_number"))
    partner_cities = ListField(
        split=split_at_commas,
        item_limit=40,
        most=50,
        label=_label("partner_cities"),
        help_text=_("As 广东省-深圳市 or 北京市-海淀区, parted by commas."),
    )
    partner_firms = ListField(
        split=split_names,
        item_limit=120,
        most=10,
        label=_label("partner_firms"),
        help_text=_("Full names, at most 10, parted by commas."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    price_band = forms.ChoiceField(
        widget=SwiftSelect,
        required=False,
        choices=[NOTHING, *PriceBand.choices],
        label=_label("price_band"),
    )
    uses_default_contact = forms.BooleanField(required=False, label=_label("uses_default_contact"))
    contact_name = TextField(limit=80, label=_label("contact_name"))
    contact_phone = TextField(limit=120, label=_label("contact_phone"))
    maturity = forms.ChoiceField(
        required=False,
        choices=Maturity.choices,
        widget=forms.RadioSelect,
        label=_label("maturity"),
    )
    stars = forms.TypedChoiceField(
        required=False,
        choices=list(reversed(Stars.choices)),
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        label=_label("stars"),
    )
    advantages = LongTextField(label=_label("advantages"))
    industry = forms.ChoiceField(
        widget=SwiftSelect,
        required=False,
        choices=[NOTHING, *((s.code, f"{s.code} {s.name}") for s in SECTIONS)],
        label=_label("industry"),
    )
    industry_division = forms.ChoiceField(
        widget=SwiftSelect,
        required=False,
        choices=[NOTHING, *divisions()],
        label=_label("industry_division"),
    )
    prospects = LongTextField(label=_label("prospects"))
    strategic_codes = forms.MultipleChoiceField(
        required=False,
        choices=strategic(),
        widget=SwiftSelectMultiple(attrs={"data-select": ""}),
        label=_label("strategic_codes"),
        help_text=_("Optional. Any number of branches or groups."),
    )


def _amount_field(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        required=False,
        max_digits=14,
        decimal_places=6,
        min_value=0,
        label=label,
        widget=forms.TextInput(
            attrs={"inputmode": "decimal", "data-suffix": "万元", "autocomplete": "off"}
        ),
        error_messages={"invalid": _("Write a number only, for example 12.5; 0 if free.")},
    )


class MarkForm(forms.Form):
    """A row of statuses or intents: two levels of choice, and one's own wording."""

    options: dict[str, vocabulary.Vocabulary] = {}

    def clean(self) -> dict[str, Any]:
        """Leave out what the chosen levels do not ask for; a first level must be chosen."""
        data = {**self.cleaned_data}
        level1 = data.get("level1", "")
        offered = dict(self.options.get(level1, ()))
        if set(offered) == {"custom"}:
            data["level2"] = "custom" if data.get("wording") else ""
        if not offered:
            data["level2"] = ""
        if level1 != "custom" and data.get("level2") != "custom":
            data["wording"] = ""
        self.leave_out(data)
        if not level1 and any(value not in ("", None, False) for value in data.values()):
            self.add_error("level1", _("Choose the first level."))
        return data

    def mark(self) -> dict[str, Any]:
        """The row's values without the tick that removes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "DELETE"}

    def leave_out(self, data: dict[str, Any]) -> None:
        """Empty the supplements that do not belong to the chosen levels."""


class StatusForm(MarkForm):
    """Columns L to O."""

    options = vocabulary.STATUS_LEVEL2_OF

    level1 = forms.ChoiceField(
        widget=SwiftSelect,
        required=False,
        choices=[NOTHING, *StatusLevel1.choices],
        label=_("First level"),
    )
    level2 = forms.ChoiceField(
        widget=SwiftSelect,
        required=False,
        choices=[NOTHING, *StatusLevel2.choices],
        label=_("Second level"),
    )
    wording = TextField(limit=200, label=_("Own wording"))
    amount = _amount_field(_("Amount"))
    product_name = TextField(limit=200, label=_("Product name"))
    report_result = TextField(limit=200, label=_("Result of the evaluation report"))
    remark = TextField(limit=500, label=_("Remark"))

    def leave_out(self, data: dict[str, Any]) -> None:
        has_product = data.get("level2") in vocabulary.STATUS_NEEDS_PRODUCT
        if has_product or data.get("level1") not in vocabulary.STATUS_NEEDS_AMOUNT:
            data["amount"] = None
        if not has_product:
            data["product_name"] = ""
        if data.get("level1") != "has_report":
            data["report_result"] = ""


class IntentForm(MarkForm):
    """Columns P to R."""

    options = vocabulary.INTENT_LEVEL2_OF

    level1 = forms.ChoiceField(
        widget=SwiftSelect,
        required=False,
        choices=[NOTHING, *IntentLevel1.choices],
        label=_("First level"),
    )
    level2 = forms.ChoiceField(
        widget=SwiftSelect,
        required=False,
        choices=[NOTHING, *IntentLevel2.choices],
        label=_("Second level"),
    )
    wording = TextField(limit=200, label=_("Own wording"))
    fee = _amount_field(_("Fee standard"))


StatusFormSet = forms.formset_factory(
    StatusForm, extra=1, can_delete=True, max_num=20, absolute_max=40
)
IntentFormSet = forms.formset_factory(
    IntentForm, extra=1, can_delete=True, max_num=20, absolute_max=40
)
