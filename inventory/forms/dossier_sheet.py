"""The whole dossier page as one thing: the form, its two sets of rows, and what the rules say of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.forms import BaseFormSet

from inventory import rules, vocabulary
from inventory.dossier_fields import CONTENT_FIELDS, label_of
from inventory.forms.dossiers import DossierForm, IntentFormSet, MarkForm, StatusFormSet
from inventory.models import Dossier
from inventory.services.dossiers import content_of


class DossierSheet:
    """Bound to what was posted, or filled from the dossier."""

    def __init__(self, dossier: Dossier, data: Mapping[str, Any] | None = None) -> None:
        self.dossier = dossier
        self.stored = content_of(dossier)
        values = {name: getattr(dossier, name) for name in CONTENT_FIELDS}
        funded = {True: "true", False: "false"}.get(values["is_publicly_funded"], "")
        self.form = DossierForm(data, initial={**values, "is_publicly_funded": funded})
        self.statuses: BaseFormSet[Any] = StatusFormSet(
            data, prefix="statuses", initial=_initial(self.stored.statuses, data)
        )
        self.intents: BaseFormSet[Any] = IntentFormSet(
            data, prefix="intents", initial=_initial(self.stored.intents, data)
        )
        self.is_bound = data is not None

    @property
    def cascades(self) -> str:
        """First level → its second levels, for the script of the page."""
        tables = {
            "statuses": vocabulary.STATUS_LEVEL2_OF,
            "intents": vocabulary.INTENT_LEVEL2_OF,
        }
        return json.dumps(
            {
                name: {level: [code for code, _word in options] for level, options in of.items()}
                for name, of in tables.items()
            }
        )

    @cached_property
    def status_rows(self) -> list[MarkForm]:
        """The rows of statuses that say something."""
        return _said(self.statuses)

    @cached_property
    def intent_rows(self) -> list[MarkForm]:
        """The rows of intents that say something."""
        return _said(self.intents)

    def is_valid(self) -> bool:
        """Whether every shape is right; what is right can be saved anyhow."""
        return self.form.is_valid() and self.statuses.is_valid() and self.intents.is_valid()

    def values(self) -> dict[str, Any]:
        """The fields whose shape is right."""
        self.form.is_valid()
        return {n: self.form.cleaned_data[n] for n in CONTENT_FIELDS if n in self.form.cleaned_data}

    def new_statuses(self) -> tuple[rules.Status, ...] | None:
        """The rows of statuses; None (leave as they are) while one of them has a wrong shape."""
        if not self.statuses.is_valid():
            return None
        return tuple(rules.Status(**form.mark()) for form in self.status_rows)

    def new_intents(self) -> tuple[rules.Intent, ...] | None:
        """The rows of intents; None while one of them has a wrong shape."""
        if not self.intents.is_valid():
            return None
        return tuple(rules.Intent(**form.mark()) for form in self.intent_rows)

    @cached_property
    def content(self) -> rules.Content:
        """What the page says now, over what is stored."""
        if not self.is_bound:
            return self.stored
        statuses, intents = self.new_statuses(), self.new_intents()
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.values().items()
        }
        return replace(
            self.stored,
            statuses=self.stored.statuses if statuses is None else statuses,
            intents=self.stored.intents if intents is None else intents,
            **values,
        )

    def shape_errors(self) -> dict[str, list[str]]:
        """{name of the control: messages} of what could not be saved."""
        found = {name: _texts(messages) for name, messages in self.form.errors.items()}
        for rows in (self.statuses, self.intents):
            for form in rows.forms:
                for name, messages in form.errors.items():
                    found[form.add_prefix(name)] = _texts(messages)
        return found

    @cached_property
    def problems(self) -> list[rules.Problem]:
        """What the rules say of the page, errors first."""
        found = rules.problems(self.content, self.dossier.patent.kind)
        return sorted(found, key=lambda problem: not problem.is_error)

    @property
    def errors(self) -> list[rules.Problem]:
        """The problems that keep it from being submitted."""
        return [problem for problem in self.problems if problem.is_error]

    @cached_property
    def missing(self) -> list[dict[str, str]]:
        """Every problem with its label and the control it leads to."""
        return [
            {
                "level": problem.level,
                "label": label_of(problem.field),
                "text": problem.text,
                "anchor": self.anchor(problem.field),
            }
            for problem in self.problems
        ]

    def mark_errors(self) -> None:
        """Put each error beside its control."""
        _ = (
            self.missing,
            self.problems,
        )  # read before marking: an error takes the value out of the form
        for problem in self.errors:
            base, _dot, rest = problem.field.partition(".")
            place, _dot, part = rest.partition(".")
            if part:
                self._row(base, int(place)).add_error(part, problem.text)
            elif base in self.form.fields:
                self.form.add_error(base, problem.text)
            else:
                getattr(self, base).forms[0].add_error("level1", problem.text)

    def anchor(self, name: str) -> str:
        """The id of the control of a field: statuses.0.amount → id_statuses-0-amount."""
        base, _dot, rest = name.partition(".")
        place, _dot, part = rest.partition(".")
        if part:
            return str(self._row(base, int(place))[part].auto_id)
        if base in ("statuses", "intents"):
            return f"id_{base}-0-level1"
        bound = self.form[base]
        return bound.id_for_label or f"{bound.auto_id}_0"

    def _row(self, base: str, place: int) -> MarkForm:
        """The row on the page that holds the mark of that place."""
        if self.is_bound:
            return (self.status_rows if base == "statuses" else self.intent_rows)[place]
        rows: BaseFormSet[Any] = getattr(self, base)
        form: MarkForm = rows.forms[place]
        return form


def _said(formset: BaseFormSet[Any]) -> list[MarkForm]:
    """The rows that say something and are not deleted."""
    formset.is_valid()
    deleted = formset.deleted_forms
    return [
        form
        for form in formset.forms
        if getattr(form, "cleaned_data", {}).get("level1") and form not in deleted
    ]


def _initial(
    marks: tuple[rules.Status, ...] | tuple[rules.Intent, ...], data: object
) -> list[dict[str, Any]] | None:
    """Rows to show. None for what was posted: a row equal to its initial values would count as left blank."""
    if data is not None:
        return None
    return [{name: _plain(value) for name, value in asdict(mark).items()} for mark in marks]


def _texts(messages: Iterable[object]) -> list[str]:
    return [str(message) for message in messages]


def _plain(value: Any) -> Any:
    """Amounts without trailing zeros: 12.5, not 12.500000."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value
