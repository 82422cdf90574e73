"""Formats, icons, badges and links of every template; docs/interface.md shows them in use."""

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import forms, template
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.boundfield import BoundField
from django.middleware.csrf import get_token
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.badge_looks import BADGE_LOOKS
from portal.lists.words import filters_in_use

register = template.Library()

DASH = "—"
STARS = 5
CONTROL_PARAMETERS = frozenset({"order", "cursor", "view", "columns"})

UNKNOWN_LOOK = ("neutral", "circle-dashed")


RANGE_SUFFIXES = frozenset({"min", "max", "after", "before", "0", "1"})
WIDGET_CLASSES = {"checkbox": "form-check-input", "choices": "", "select": "form-select"}
RATE_BAR = (
    '<span class="rate"><svg class="rate-bar" viewBox="0 0 100 6" preserveAspectRatio="none"'
    ' aria-hidden="true"><rect class="rate-track" width="100" height="6"></rect>'
    '<rect class="rate-fill" width="{}" height="6"></rect></svg>'
    '<span class="rate-figure">{}</span></span>'
)


@register.filter
def dash(value: object) -> object:
    """The value itself, or a dash where there is none; zero is a value."""
    return DASH if value is None or value == "" else value


@register.simple_tag
def side(text: str, records: Collection[Any] = ()) -> SafeString:
    """Before or after of a change: the records it names (text, url) as links, else its words."""
    parts = [
        (format_html('<a href="{}">{}</a>', each.url, each.text) if each.url else each.text,)
        for each in records
    ]
    return format_html_join("、", "{}", parts or [(dash(text),)])


@register.filter
def money(amount: Decimal | float | str | None) -> str:
    """An amount held in 万元 with two decimals; nothing known is a dash, zero is zero."""
    if amount is None or amount == "":
        return DASH
    return f"{Decimal(str(amount)).quantize(Decimal('0.01'), ROUND_HALF_UP):,} 万元"


@register.filter
def percent(share: Decimal | float | None) -> str:
    """A share of one as a percentage with one decimal; an empty denominator is a dash."""
    if share is None or share == "":
        return DASH
    return f"{(Decimal(str(share)) * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


@register.filter
def whole(number: int | str | None) -> str:
    """A count with thousands separated."""
    return DASH if number is None or number == "" else f"{int(number):,}"


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """A day as 2024-09-11."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return value.strftime("%Y-%m-%d")
    return value.isoformat() if value else DASH


@register.filter
def moment(value: dt.datetime | None) -> str:
    """A moment as 2024-09-11 10:32 in the time zone of the reader."""
    if not value:
        return DASH
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return local.strftime("%Y-%m-%d %H:%M")


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """A decorative drawing from the sprite; the word beside it carries the meaning."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        " icon-filled" if name.endswith("-filled") else "",
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def badge(kind: str, value: object, label: object = None) -> SafeString:
    """A status with its shape, word and colour."""
    return _badge(kind, str(value), str(value if label is None else label))


@lru_cache(maxsize=1024)
def _badge(kind: str, value: str, label: str) -> SafeString:
    tone, shape = BADGE_LOOKS.get(kind, {}).get(value, UNKNOWN_LOOK)
    return format_html(
        '<span class="state state-{}">{}<span>{}</span></span>', tone, icon(shape), label
    )


@register.simple_tag
def stars(count: int | None) -> SafeString | str:
    """The self-assessment in stars, with words for who cannot see them."""
    if not count:
        return DASH
    given = min(int(count), STARS)
    return format_html(
        '<span class="stars" role="img" aria-label="{}">{}<span class="stars-off">{}</span></span>',
        _("%(count)d of 5 stars") % {"count": given},
        "★" * given,
        "☆" * (STARS - given),
    )


@register.simple_tag
def rate(share: Decimal | float | None) -> SafeString | str:
    """A share as a bar and a figure."""
    if share is None or share == "":
        return DASH
    width = max(Decimal(0), min(Decimal(100), Decimal(str(share)) * 100))
    return format_html(RATE_BAR, width.quantize(Decimal("0.1")), percent(share))


def page_request(context: Context) -> Any:
    """The request, also inside an include that was isolated with `only`."""
    return getattr(context, "request", None) or context.get("request")


def _parameters(context: Context) -> list[tuple[str, str]]:
    """The query of this page, in order; a name may come more than once."""
    request = page_request(context)
    if request is None:
        return []
    return [(name, value) for name, values in request.GET.lists() for value in values]


def _address(context: Context, changes: Mapping[str, object]) -> str:
    dropped = {*changes, "row"}  # the row open in the drawer belongs to this page
    kept = [(name, value) for name, value in _parameters(context) if name not in dropped]
    added = [(name, str(value)) for name, value in changes.items() if value not in (None, "")]
    return f"?{urlencode([*kept, *added])}"


@register.simple_tag(takes_context=True)
def here(context: Context) -> str:
    """The path of this page without its query, also inside an include that was isolated with `only`."""
    request = page_request(context)
    return str(request.path) if request is not None else ""


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """The current query string with some parameters replaced; `None` removes one."""
    return _address(context, changes)


@register.simple_tag(takes_context=True)
def show_block(context: Context, name: str) -> str:
    """What the page put into a block, once more: the tab title as heading; "" if it put nothing."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY) if context.render_context else None
    block = blocks.get_block(name) if blocks else None
    return block.render(context) if block else ""


@register.simple_tag(takes_context=True)
def csrf_field(context: Context) -> SafeString | str:
    """The hidden CSRF input, also inside an include that was isolated with `only`."""
    request = page_request(context)
    if request is None:
        return ""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request)
    )


@register.simple_tag(takes_context=True)
def sorting(context: Context, name: str, order: str = "", *, falls: bool = False) -> dict[str, str]:
    """How a column is sorted now and where its header leads; `falls`: the order of this name begins at the top."""
    order = dict(_parameters(context)).get("order", "") or order
    rising, falling = (f"-{name}", name) if falls else (name, f"-{name}")
    direction = {rising: "ascending", falling: "descending"}.get(order, "none")
    wanted = f"-{name}" if order == name else name
    shapes = {"ascending": "chevron-up", "descending": "chevron-down", "none": "selector"}
    return {
        "direction": direction,
        "icon": shapes[direction],
        "url": _address(context, {"order": wanted, "cursor": None}),
    }


@register.filter
def widget_kind(field: BoundField) -> str:
    """Which of the few layouts a form field takes."""
    widget = field.field.widget
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (forms.CheckboxInput, "checkbox"),
        (forms.CheckboxSelectMultiple, "choices"),
        (forms.RadioSelect, "choices"),
        (forms.FileInput, "file"),
        (forms.Select, "select"),
    )
    return next((kind for widget_type, kind in kinds if isinstance(widget, widget_type)), "input")


@register.filter
def suffix(field: BoundField) -> str:
    """The unit written behind a control, named by the widget's `data-suffix`."""
    return str(field.field.widget.attrs.get("data-suffix", ""))


def _as_native_day(widget: forms.Widget) -> None:
    """Days are typed and shown in ISO form, with the browser's own calendar."""
    if isinstance(widget, forms.DateInput) and widget.input_type == "text":
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"


def _with_one_dash(field: forms.Field) -> None:
    """Nothing chosen yet is a dash, where Django writes nine. Choices that come from the database are left unread."""
    (_nothing, nine), *_rest = BLANK_CHOICE_DASH
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == nine:
            field.empty_label = DASH
    elif isinstance(field.widget, forms.Select):
        choices = list(field.widget.choices)
        if choices[:1] == BLANK_CHOICE_DASH:
            field.widget.choices = [("", DASH), *choices[1:]]


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget of a form field with the classes of the house."""
    widget = field.field.widget
    _with_one_dash(field.field)
    for part in getattr(widget, "widgets", [widget]):
        _as_native_day(part)
    own = WIDGET_CLASSES.get(widget_kind(field), "form-control")
    names = [own, str(widget.attrs.get("class", "")), "is-invalid" if field.errors else ""]
    joined = " ".join(name for name in names if name)
    return field.as_widget(attrs={"class": joined} if joined else {})


@register.simple_tag(takes_context=True)
def active_filters(context: Context, form: forms.BaseForm) -> list[dict[str, str]]:
    """One entry for each filter in use: its label, its value, and the address without it."""
    asked = {name for name, _value in _parameters(context)}
    used = []
    for name, value in filters_in_use(form).items():
        names = {name, *(f"{name}_{suffix}" for suffix in RANGE_SUFFIXES)} & asked
        if name in CONTROL_PARAMETERS or not names:
            continue
        used.append(
            {
                "label": str(form[name].label),
                "value": value,
                "url": _address(context, dict.fromkeys([*names, "cursor"])),
            }
        )
    return used


@register.simple_tag(takes_context=True)
def carried(context: Context, scope: Collection[str] | str = ()) -> list[tuple[str, str]]:
    """Parameters a filter form carries along because it does not show them itself."""
    kept = (CONTROL_PARAMETERS - {"cursor"}) | set(scope)
    return [(name, value) for name, value in _parameters(context) if name in kept]
