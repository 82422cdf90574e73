"""Forms of the intake: the upload with its importers' questions, a further sheet, and the columns of a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portal.intake.recognition import AUTO, reason_words
from portal.intake.registry import CERTAIN, ColumnGuess, Importer, importers_for
from portal.models import ImportBatch, Membership

EXTENSIONS = (".xlsx", ".xls", ".csv", ".tsv", ".txt")
OPTION = "option-"
COLUMN = "column-"


class OptionsForm(forms.Form):
    """What importers want to know besides the file."""

    def add_options(
        self, importer: Importer, membership: Membership, answers: Mapping[str, str] | None = None
    ) -> None:
        """The questions of an importer, with answers that are proposed."""
        for option in importer.options(membership):
            self.fields[OPTION + option.name] = forms.ChoiceField(
                label=option.label,
                choices=option.choices,
                initial=(answers or {}).get(option.name, option.initial),
                required=False,
                help_text=option.hint,
            )

    @property
    def options(self) -> dict[str, str]:
        """Answers to the importers' questions."""
        return {
            name.removeprefix(OPTION): value
            for name, value in self.cleaned_data.items()
            if name.startswith(OPTION) and value
        }


class SheetForm(OptionsForm):
    """A further sheet of a workbook that was read."""

    sheet = forms.CharField(widget=forms.HiddenInput, strip=False)

    def __init__(
        self,
        *args: Any,
        importer: Importer,
        membership: Membership,
        batch: ImportBatch,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        answers = importer.options_of_sheet(batch.options, self.initial.get("sheet", ""))
        self.add_options(importer, membership, answers)


class UploadForm(OptionsForm):
    """A file, what it is, and what the importers want to know besides."""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(EXTENSIONS)}),
    )
    kind = forms.ChoiceField(label=_("What is in the file"), required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = importers_for(membership)
        kinds = [(AUTO, _("Find out by its columns"))] if len(offered) > 1 else []
        kinds += [(importer.kind, importer.label) for importer in offered]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = kinds
        for importer in offered:
            self.add_options(importer, membership)

    def clean_file(self) -> Any:
        """Name and size; what is inside is looked at in the background."""
        file = self.cleaned_data["file"]
        if PurePath(file.name).suffix.lower() not in EXTENSIONS:
            raise ValidationError(
                _("Choose an Excel workbook (.xlsx, .xls) or a CSV file; this is “%(name)s”."),
                params={"name": file.name},
            )
        if file.size > settings.MAX_UPLOAD_MB * 1024 * 1024:
            raise ValidationError(
                _("The file is larger than %(limit)s MB. Split the list into several files."),
                params={"limit": settings.MAX_UPLOAD_MB},
            )
        return file


class ColumnsForm(forms.Form):
    """What each column holds; leaving unknown ones out must be confirmed."""

    confirmed = forms.BooleanField(
        label=_("The columns left on “not imported” may be ignored."),
        required=False,
    )

    def __init__(
        self, *args: Any, columns: Sequence[ColumnGuess], importer: Importer, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.columns, self.importer = columns, importer
        choices = [("", _("not imported")), *importer.fields.items()]
        for column in columns:
            self.fields[f"{COLUMN}{column.index}"] = forms.ChoiceField(
                label=f"{column.letter} {column.header}",
                choices=choices,
                initial=column.field,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Unknown columns are never dropped silently."""
        data = super().clean() or {}
        left = [c for c in self.columns if not c.is_known and not data.get(f"{COLUMN}{c.index}")]
        if left and not data.get("confirmed"):
            names = "、".join(f"{c.letter} {c.header}" for c in left)
            self.add_error(
                "confirmed",
                ValidationError(
                    _(
                        "Confirm that these columns are ignored, or choose what they hold: %(names)s."
                    ),
                    params={"names": names},
                ),
            )
        return data

    @property
    def has_unknown(self) -> bool:
        """Whether there is a column that nobody knows, so that leaving it out must be confirmed."""
        return any(not column.is_known for column in self.columns)

    @property
    def chosen(self) -> dict[str, str]:
        """Field by column index, as the service wants it."""
        return {
            name.removeprefix(COLUMN): value
            for name, value in self.cleaned_data.items()
            if name.startswith(COLUMN)
        }

    def lines(self) -> list[dict[str, Any]]:
        """The table of the page: column, its choice, why."""
        return [
            {
                "column": column,
                "field": self[f"{COLUMN}{column.index}"],
                "reason": reason_words(self.importer, column.reason),
                "is_doubtful": not column.is_known
                or bool(column.field and column.confidence < CERTAIN),
            }
            for column in self.columns
        ]
