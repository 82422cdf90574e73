"""A form whose record somebody else saved meanwhile: it comes back with both versions and is put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from portal import audit, merging
from portal.merging import Merge

#: The id of the form on its page, for the merge view above it.
FORM_ID = "record-form"


class Merging(forms.BaseForm):
    """What a form of one `record` with a version can do; `agrees` before `is_valid` where a record is changed.

    `stored` is what the record says, by the names of fields and of the trail. `together` names fields that only make
    sense together: {field: the field it is kept with}.
    """

    together: ClassVar[Mapping[str, str]] = {}
    merge: Merge | None = None
    record: Any
    stored: dict[str, Any]

    def agrees(self, seen: int) -> bool:
        """Whether the record is as it was seen, or a person has put both versions together.

        Then the form holds what is kept of both, to be validated as a whole and saved on the present version.
        """
        if seen == self.record.version:
            return True
        self.merge = merging.merge(
            self.record,
            seen=seen,
            theirs={name: self.stored[name] for name in self._compared},
            mine={name: self._typed(name) for name in self._compared},
            posted=self.data,
            unit_of=lambda name: self.together.get(name, name),
            masked=self.in_trail,
        )
        if not self.merge.is_settled:
            return False
        self._take(self.merge.theirs_kept)
        return True

    def in_trail(self, name: str, value: Any) -> Any:
        """A value as the trail of this record keeps it."""
        return audit.shown(name, value)

    def conflict(self, reload_url: str) -> dict[str, Any]:
        """Context for the page: the merge view where there is one, and the version that was seen."""
        if self.merge is None:
            return {"version": self.record.version, "form_id": FORM_ID}
        shown = merging.shown(
            self.merge,
            label_of=lambda name: str(self.fields[name].label),
            words_of=self._words,
            theirs_of=lambda name, value: self._words(name, self._readable(name, value)),
        )
        return {
            "version": self.data.get("version", ""),
            "form_id": FORM_ID,
            "conflict": {**shown, "form_id": FORM_ID, "reload_url": reload_url},
        }

    @property
    def _compared(self) -> list[str]:
        return [name for name in self.stored if name in self.fields]

    def _typed(self, name: str) -> Any:
        """What was typed, as it would be saved; as it was typed where it cannot be."""
        if not self.errors.get(name) and name in self.cleaned_data:
            return self.cleaned_data[name]
        raw = self[name].value()
        try:
            return self.fields[name].clean(raw)
        except ValidationError:
            return raw

    def _take(self, names: frozenset[str]) -> None:
        """Put what is stored in place of what was typed, as an untouched form would send it."""
        posted: Any = self.data
        data = posted.copy()
        for name in names:
            field = self.fields[name]
            value = field.prepare_value(self.get_initial_for_field(field, name))
            values = value if isinstance(value, list) else ["" if value is None else str(value)]
            data.setlist(self.add_prefix(name), values)
        self.data = data
        self.full_clean()

    def _readable(self, name: str, value: Any) -> Any:
        """Personal data stay masked where the form itself does not send them to the page."""
        field = self.fields[name]
        is_sent = self.get_initial_for_field(field, name) == value
        return value if is_sent or isinstance(value, bool) else audit.shown(name, value)

    def _words(self, name: str, value: Any) -> str:
        """A value as the control shows it; records by their names."""
        values = value if isinstance(value, list) else [value]
        return "、".join(self._word(self.fields[name], audit.plain(each)) for each in values)

    def _word(self, field: forms.Field, value: Any) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return gettext("Yes") if value else gettext("No")
        if isinstance(field, forms.ModelChoiceField) and isinstance(value, int):
            # of the record, of its trail, or an offered one that was chosen; what was refused is still text
            found = field.queryset.model._default_manager.filter(pk=value).first()  # type: ignore[union-attr]
            return field.label_from_instance(found) if found else str(value)
        if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
            return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
        return str(value)


class MergingForm(Merging, forms.ModelForm):  # type: ignore[type-arg]
    """A form of one record and its columns."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.record = self.instance
        # kept apart: validation writes what was typed into the record
        self.stored = {
            name: self.instance._meta.get_field(name).value_from_object(self.instance)
            for name in self._meta.fields or ()
        }
