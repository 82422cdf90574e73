"""Filters in words: `状态:草稿 负责人:@me` in the search box becomes the list's ordinary filters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from portal.text import fold

#: the reader, in filters by person
ME = "@me"
# so many choices are named when a word fits none of them, or several
MOST_NAMED = 12
_WORDS = re.compile(
    r'"(?P<quoted>[^"]*)"|“(?P<quoted_zh>[^”]*)”'
    r'|(?P<label>[^\s:："“”]+)[:：]\s*(?P<value>"[^"]*"|“[^”]*”|[^\s"“”]*)'
    r"|(?P<word>\S+)"
)
_SEVERAL = re.compile(r"[,，、|]")
_QUOTES = '"“”'


@dataclass
class Understood:
    """A search text taken apart: filters, the words that remain, and what was not understood."""

    filters: dict[str, list[str]] = field(default_factory=dict)
    rest: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        return bool(self.filters or self.problems)


class SearchField(forms.CharField):
    """A search text; quotation marks keep a colon from being read as a filter in words."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.translate({ord(mark): " " for mark in _QUOTES}).strip()


def contains(path: str, words: str) -> Q:
    """Condition: the text at `path` holds these words, whatever their case.

    Words without case, as Chinese ones, are compared as they stand: the names of a whole city in capitals take the
    database three times as long.
    """
    has_case = words.upper() != words.lower()
    return Q(**{f"{path}__icontains" if has_case else f"{path}__contains": words})


class SearchFilter(django_filters.CharFilter):
    """The filter behind a search box: a method's, or whether the text of its field holds the words."""

    field_class = SearchField

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(contains(self.field_name, value)) if value else qs


def understand_words(
    text: str, form: forms.BaseForm, aliases: Mapping[str, Any] | None = None
) -> Understood:
    """Read the filters in words of a search text; labels and choices count in every language of the portal."""
    found = Understood()
    if not _has_colon(text):
        found.rest = text
        return found
    names = labels_of(form, aliases or {})
    free = []
    for match in _WORDS.finditer(text):
        label, value = match["label"], match["value"]
        if label is None:
            free.append(match.group())
        elif (name := names.get(fold(label))) is None:
            found.problems.append(
                _(
                    "“%(word)s” is not a word of this list. Words: %(known)s. Put a text with a colon in"
                    " quotation marks."
                )
                % {"word": label, "known": "、".join(known_words(form))}
            )
        else:
            _take(found, form, name, value.strip(_QUOTES))
    found.rest = " ".join(free)
    return found


def _has_colon(text: str) -> bool:
    return ":" in text or "：" in text


def _take(found: Understood, form: forms.BaseForm, name: str, value: str) -> None:
    target = form.fields[name]
    label = str(target.label)
    if not value:
        found.problems.append(_("Say a value after “%(label)s:”.") % {"label": label})
        return
    is_several = isinstance(target, forms.MultipleChoiceField)
    for part in _SEVERAL.split(value) if is_several else [value]:
        fitting = list(_fitting(target, part.strip()))
        if len(fitting) == 1:
            found.filters.setdefault(name, []).append(fitting[0][0])
            continue
        offered = fitting or list(_choices(target))
        words = {
            "label": label,
            "value": part,
            "known": "、".join(dict.fromkeys(text for _value, text in offered[:MOST_NAMED])),
        }
        text = (
            _("“%(value)s” fits several of %(label)s: %(known)s.")
            if fitting
            else _("“%(value)s” is none of %(label)s. There are: %(known)s.")
        )
        found.problems.append(text % words)


def _fitting(target: forms.Field, word: str) -> Iterator[tuple[str, str]]:
    """(value, text) of the choices that a word names: exactly, else as the only ones that contain it."""
    if not isinstance(target, forms.ChoiceField):
        yield (word, word)
        return
    wanted = fold(word)
    every = [(value, text, fold(text)) for value, text in _choices(target)]
    exact = {v: t for v, t, folded in every if folded == wanted or fold(v) == wanted}
    loose = {v: t for v, t, folded in every if wanted and wanted in folded}
    yield from (exact or loose).items()


def _choices(target: forms.Field) -> Iterator[tuple[str, str]]:
    """(value, text) of a field's choices, in every language for fixed ones."""
    if isinstance(target, forms.ModelChoiceField):
        queryset: QuerySet[Any] = target.queryset  # type: ignore[assignment]
        yield from ((str(each.pk), str(each)) for each in queryset)
        return
    for language in languages():
        with translation.override(language):
            for value, text in getattr(target, "choices", ()):
                if str(value):
                    yield str(value), str(text)


def languages() -> list[str]:
    """The reader's language first."""
    now = translation.get_language() or settings.LANGUAGE_CODE
    return sorted((code for code, _name in settings.LANGUAGES), key=lambda code: code != now)


def labels_of(form: forms.BaseForm, aliases: Mapping[str, Any]) -> dict[str, str]:
    """folded label → name of the filter: its own name, its label and further words in every language."""
    found: dict[str, str] = {}
    for language in languages():
        with translation.override(language):
            for name, target in form.fields.items():
                if name == "q":
                    continue
                words = [name, str(target.label), *_SEVERAL.split(str(aliases.get(name, "")))]
                for word in words:
                    if word:
                        found.setdefault(fold(word).replace(" ", ""), name)
    return found


def known_words(form: forms.BaseForm) -> list[str]:
    """The labels one may write before a colon, in the reader's language."""
    return [str(target.label) for name, target in form.fields.items() if name != "q"]


def completions(form: forms.BaseForm) -> Iterable[str]:
    """What the search box offers to complete: each label, with its choices where they are few."""
    for name, target in form.fields.items():
        if name == "q":
            continue
        label = str(target.label).replace(" ", "")
        is_fixed = isinstance(target, forms.ChoiceField) and not isinstance(
            target, forms.ModelChoiceField
        )
        choices = (
            [text for value, text in getattr(target, "choices", ()) if str(value)]
            if is_fixed
            else []
        )
        if 0 < len(choices) <= MOST_NAMED:
            yield from (f"{label}:{_quoted(str(text))}" for text in choices)
        else:
            yield f"{label}:"


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"[\s,，、|]", text) else text


def filters_in_use(form: forms.BaseForm) -> dict[str, str]:
    """{filter: its value as a person would say it} of a bound form."""
    cleaned = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return {
        name: _spoken(form.fields[name], value)
        for name, value in cleaned.items()
        if not _is_empty(value)
    }


def _choice_labels(field: forms.Field, values: list[object]) -> str:
    labels: dict[str, str] = {}
    for key, label in getattr(field, "choices", ()):
        nested = label if isinstance(label, list | tuple) else [(key, label)]
        labels.update((str(inner), str(text)) for inner, text in nested)
    return "、".join(labels.get(str(item), str(item)) for item in values)


def _spoken(field: forms.Field, value: Any) -> str:
    """A filter value as a person would say it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, slice):
        ends = ("—" if end is None else str(end) for end in (value.start, value.stop))
        return " – ".join(ends)
    if isinstance(field, forms.ModelChoiceField):
        return "、".join(str(item) for item in ([value] if isinstance(value, Model) else value))
    values = list(value) if isinstance(value, list | tuple | set) else [value]
    return _choice_labels(field, values)


def _is_empty(value: Any) -> bool:
    if value is None or value is False or value == "":
        return True
    return hasattr(value, "__len__") and len(value) == 0
