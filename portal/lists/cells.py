"""How a value stands in a table and in a spreadsheet: one kind of cell each, for every list.

Rows are put together here and not in templates, because a page of fifty rows has six hundred cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Model
from django.utils.html import conditional_escape
from django.utils.translation import get_language

from portal.templatetags.due_tags import days_left
from portal.templatetags.portal_tags import DASH, badge, day, moment, money, rate, stars, whole


@dataclass(frozen=True)
class Cell:
    """Class of the table cell, its inner HTML (escaped), and the value a spreadsheet gets."""

    css: str
    show: Callable[[Any], str]
    plain: Callable[[Any], Any]


#: What a row says with shape, word and colour: (kind, value, label) as the tag `badge` takes them.
Badge = tuple[str, str, Any]


def _text(value: Any) -> str:
    return DASH if value is None or value == "" else str(conditional_escape(value))


def _long(value: Any) -> str:
    if value is None or value == "":
        return DASH
    text = conditional_escape(value)
    return f'<span title="{text}">{text}</span>'


def _lines(values: Iterable[Any]) -> str:
    return "".join(f"<div>{conditional_escape(value)}</div>" for value in values) or DASH


def _pair(values: tuple[Any, Any]) -> str:
    main, further = values
    below = f'<div class="muted">{conditional_escape(further)}</div>' if further else ""
    return f"{_text(main)}{below}"


def _pair_as_text(values: tuple[Any, Any]) -> str:
    return " · ".join(str(value) for value in values if value)


def _deadline(value: tuple[date, bool]) -> str:
    due_on, is_open = value
    return f"{day(due_on)} {days_left(due_on)}" if is_open else str(day(due_on))


def _badges(badges: Iterable[Badge]) -> str:
    return " ".join(str(badge(*each)) for each in badges) or DASH


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def _same(value: Any) -> Any:
    return value


def _joined(values: Iterable[Any]) -> str:
    return "；".join(map(str, values))


def _words_of(badges: Iterable[Badge]) -> str:
    return "、".join(str(label) for _kind, _value, label in badges)


def word_of(record: Model, field: str) -> Any:
    """The word of a choice, as `get_<field>_display` gives it.

    Django gathers and hashes all words of the field anew for each value, which is half the time of a long list.
    """
    value = getattr(record, field)
    return _words(type(record), field, get_language()).get(value, value)


@lru_cache(maxsize=512)
def _words(model: type[Model], field: str, language: str | None) -> dict[Any, str]:
    """The words of a field in one language; `language` is the one that is active."""
    choices: Any = model._meta.get_field(field)
    return {value: str(word) for value, word in choices.flatchoices}


TEXT = Cell("", _text, _as_text)
SHORT = Cell("text-nowrap", _text, _as_text)
#: cut after two lines on the page, whole in the tooltip
LONG = Cell("cell-text", _long, _as_text)
NAME = Cell("cell-name", _text, _as_text)
CODE = Cell("code", _text, _as_text)
#: (what counts, what is said below it in grey)
PAIR = Cell("", _pair, _pair_as_text)
#: several lines
LINES = Cell("cell-lines", _lines, _joined)
DAY = Cell("day", lambda value: str(day(value)), _same)
MOMENT = Cell("day", lambda value: str(moment(value)), _same)
#: (due day, whether it still matters)
DEADLINE = Cell("day", _deadline, lambda value: value[0])
NUMBER = Cell("num", lambda value: str(whole(value)), _same)
#: in 万元
MONEY = Cell("num", lambda value: str(money(value)), _same)
#: a share of one
RATE = Cell("text-nowrap", lambda value: str(rate(value)), _same)
STARS = Cell("text-nowrap", lambda value: str(stars(value)), _same)
#: a list of Badge
BADGES = Cell("", _badges, _words_of)
