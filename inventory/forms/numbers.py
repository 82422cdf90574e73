"""The form of the number doctor: what was pasted, and what was chosen for the lines that are not certain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from inventory.number_doctor import MOST_LINES, split
from inventory.queries.healing import Line

CHOICE: Final = "choice-"


class NumbersForm(forms.Form):
    """Up to 1,000 numbers; `cleaned_data["numbers"]` is the list of lines."""

    numbers = forms.CharField(
        label=_("Numbers"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text=_(
            "One number per line, or separated by commas, tabs, 、 or ；. A column copied from Excel can be pasted as "
            "it is. At most 1,000 lines."
        ),
        error_messages={"required": _("Paste at least one number.")},
    )

    def clean_numbers(self) -> list[str]:
        """The lines; more than 1,000 are refused, and what was pasted stays in the box."""
        lines = split(self.cleaned_data["numbers"])
        if not any(lines):
            raise ValidationError(self.fields["numbers"].error_messages["required"])
        if len(lines) > MOST_LINES:
            raise ValidationError(
                _(
                    "These are %(count)s lines; at most %(most)s are healed at once. Nothing was lost: cut the list "
                    "into parts and heal one after the other."
                ),
                code="too_many",
                params={"count": f"{len(lines):,}", "most": f"{MOST_LINES:,}"},
            )
        return lines

    def choose(self, lines: Sequence[Line]) -> None:
        """Take what was chosen per line; a number that was never proposed for its line is refused."""
        foreign = [line.position for line in lines if not _take(line, self.data)]
        if foreign:
            text = ngettext(
                "The choice for line %(lines)s is none of its proposals. Choose again.",
                "The choices for the lines %(lines)s are none of their proposals. Choose again.",
                len(foreign),
            )
            self.add_error(None, text % {"lines": "、".join(map(str, foreign))})


def _take(line: Line, posted: Mapping[str, Any]) -> bool:
    chosen = str(posted.get(f"{CHOICE}{line.position}", ""))
    if chosen and chosen not in line.may_be:
        return False
    line.chosen = chosen
    return True
