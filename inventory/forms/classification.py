"""The form of a key industry: classes and strategic industries, as people write them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from inventory.classification.clusters import CLUSTERS
from inventory.classification.strategic import GROUPS
from inventory.classification.symbols import NotASymbol, key_of, split_patterns
from inventory.models import KeyIndustry
from portal.text import clean

MOST_PATTERNS = 200


def prefix_of(text: str) -> str:
    """The beginning that a patent's symbols share: ``h01l21`` and ``H01L21/00`` give ``H01L21/``, ``H01L`` itself.

    NotASymbol for anything that is no IPC symbol.
    """
    key = key_of(text.removesuffix("*").removesuffix("/"))
    if len(key) <= 4:
        return key
    return f"{key[:4]}{int(key[4:8])}/{key[8:]}"


class KeyIndustryForm(forms.ModelForm):  # type: ignore[type-arg]
    patterns = forms.CharField(
        label=_("Classes (IPC)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Symbols such as G06N or H01L21/02, separated by semicolons; what lies below belongs to it."
        ),
    )
    strategic_codes = forms.MultipleChoiceField(
        label=_("Strategic emerging industries"),
        choices=[(group.code, f"{group.code} {group.name}") for group in GROUPS],
        required=False,
        widget=forms.SelectMultiple(attrs={"data-select": ""}),
        help_text=_(
            "Counts what people chose in the dossier and what a concordance in force says."
        ),
    )

    class Meta:
        model = KeyIndustry
        fields = ("name", "patterns", "strategic_codes", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["patterns"] = "; ".join(self.instance.patterns)
        else:
            del self.fields["is_active"]

    def clean_name(self) -> str:
        return clean(self.cleaned_data["name"])

    def clean_patterns(self) -> list[str]:
        found, wrong = [], []
        for piece in split_patterns(self.cleaned_data["patterns"]):
            try:
                found.append(prefix_of(piece))
            except NotASymbol:
                wrong.append(piece)
        if wrong:
            raise forms.ValidationError(
                _("These are no IPC symbols: %(symbols)s. Write them like G06N or H01L21/02."),
                params={"symbols": "、".join(wrong)},
            )
        if len(found) > MOST_PATTERNS:
            raise forms.ValidationError(
                _("At most %(count)s classes."), params={"count": MOST_PATTERNS}
            )
        return sorted(set(found))


def proposals() -> list[dict[str, str]]:
    """The ten industries of 十大高精尖 with the strategic groups they lean on, to begin from."""
    return [
        {"name": cluster.name, "query": "&".join(f"strategic_codes={c}" for c in cluster.strategic)}
        for cluster in CLUSTERS
    ]
