"""Heads, rows and choices of the lists of the registry; docs/interface.md section 2 shows them in use."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from portal.listing import ListPage
from portal.lists import saved, table
from portal.lists.columns import Column, offered
from portal.lists.words import completions
from portal.models import SavedView
from portal.templatetags.portal_tags import CONTROL_PARAMETERS, page_request, sorting

register = template.Library()


@register.simple_tag(takes_context=True)
def list_rows(context: Context, page: ListPage, has_picks: object) -> SafeString:
    """The rows of a list page."""
    assert page.question is not None  # only lists of the registry come here  # noqa: S101
    question = page.question
    return table.body(
        page_request(context),
        question.spec,
        question.columns,
        page.items,
        page.rows,
        has_picks=bool(has_picks),
    )


@register.simple_tag(takes_context=True)
def list_heads(context: Context, page: ListPage) -> list[dict[str, Any]]:
    """One entry for each column shown: label, class, how it sorts, and the filter behind its icon."""
    assert page.question is not None  # noqa: S101 - likewise
    given = page_request(context).GET
    heads = []
    for column in page.question.columns:
        name = column.filter if column.filter in page.filterset.filters else ""
        sort = _sort(context, page, column.order) if column.order in page.orderings else None
        heads.append(
            {
                "label": column.label,
                "css": "num" if column.cell.css == "num" else "",
                "is_hidden": bool(column.template),
                "sort": sort,
                "filter": name,
                "is_filtered": bool(name) and any(key.startswith(name) for key in given),
            }
        )
    return heads


def _sort(context: Context, page: ListPage, name: str) -> dict[str, str]:
    """How the order of this name stands now and where it leads."""
    # "newest first" goes down a column of days
    falls = page.orderings[name].fields[0].startswith("-")
    return sorting(context, name, page.order, falls=falls)


@register.simple_tag(takes_context=True)
def list_orders(context: Context, page: ListPage) -> list[dict[str, Any]]:
    """Every order this reader may choose, also of columns that are not shown."""
    return [
        {"label": ordering.label, **_sort(context, page, name)}
        for name, ordering in page.orderings.items()
    ]


@register.simple_tag
def head_filters(page: ListPage) -> set[str]:
    """Names of the filter fields that stand behind the icon of a column."""
    if page.question is None:
        return set()
    return {column.filter for column in page.question.columns} & set(page.filterset.filters)


@register.simple_tag(takes_context=True)
def column_choices(context: Context, page: ListPage) -> list[dict[str, Any]]:
    """The columns one may choose: those shown in their order with links that move them, then the others."""
    assert page.question is not None  # noqa: S101 - likewise
    shown = list(page.question.columns)
    asked = page.question.asked
    here = {column.key for column in shown}
    every = offered(page.question.spec.columns_for(asked), asked.membership)
    others = [column for column in every if column.key not in here]
    choices = [
        {
            "column": column,
            "is_shown": True,
            "is_head": place == 0,
            "up": _moved(context, shown, place) if place > 1 else "",
        }
        for place, column in enumerate(shown)
    ]
    return choices + [{"column": column} for column in others]


@register.simple_tag(takes_context=True)
def list_state(context: Context, page: ListPage) -> str:
    """The question of this page as a query string: what an export, a view or a colleague gets."""
    given = page_request(context).GET.copy()
    for name in ("cursor", "row", "view"):
        given.pop(name, None)
    if page.question is not None:
        given["order"] = page.question.order
    return str(given.urlencode())


@register.simple_tag
def word_completions(page: ListPage) -> list[str]:
    """What the search box offers to complete."""
    return list(completions(page.filterset.form)) if page.question is not None else []


@register.simple_tag(takes_context=True)
def open_row(context: Context, page: ListPage) -> dict[str, Any] | None:
    """The row that the address names as open in the drawer, if this reader may see it in this list; None without.

    `is_hidden` is the same for a row that is not his, not in the filter, or nowhere.
    """
    key = page_request(context).GET.get("row", "")
    question = page.question
    if not key or question is None or not question.spec.has_drawer:
        return None
    row = None
    if key.isdecimal() and len(key) <= 18:
        row = question.filterset.qs.filter(pk=key).first()
    if row is None:
        return {"is_hidden": True}
    dress = question.spec.dress
    link = question.spec.link(dress([row], question.asked)[0] if dress else row)
    return {"key": row.pk, "url": link, "is_hidden": False}


def _moved(context: Context, shown: list[Column], place: int) -> str:
    """The address in which the column at this place comes one earlier."""
    keys = [column.key for column in shown]
    keys[place - 1], keys[place] = keys[place], keys[place - 1]
    return _address(context, {"columns": ",".join(keys)})


@register.simple_tag(takes_context=True)
def kept_parameters(context: Context, *left_out: str) -> list[tuple[str, str]]:
    """What a form of the list sends along as hidden fields, but for the names it asks itself."""
    given = page_request(context).GET
    dropped = {*left_out, "cursor", "row"}
    return [
        (name, value) for name, values in given.lists() if name not in dropped for value in values
    ]


@register.simple_tag(takes_context=True)
def view_address(context: Context, page: ListPage, view: SavedView | None = None) -> str:
    """The list of this page as a saved view has it; every row of it without one."""
    assert page.question is not None  # noqa: S101 - likewise
    return saved.address_of(view, page.question.spec, page_request(context).GET)


@register.simple_tag(takes_context=True)
def cleared(context: Context, page: ListPage) -> str:
    """The address without filters: the list as such, or as its saved view has it."""
    scope = page.question.spec.scope if page.question else ()
    kept = saved.scope_of(page_request(context).GET, scope)
    view = page_request(context).GET.get("view")
    return f"?{urlencode([*kept, *([('view', view)] if view else [])])}"


@register.simple_tag(takes_context=True)
def is_narrowed(context: Context, page: ListPage) -> bool:
    """Whether the address narrows the list by anything."""
    scope = page.question.spec.scope if page.question else ()
    ignored = {*CONTROL_PARAMETERS, "row", *scope}
    return any(value for name, value in page_request(context).GET.items() if name not in ignored)


def _address(context: Context, changes: dict[str, str]) -> str:
    given = page_request(context).GET
    dropped = {*changes, "cursor", "row"}
    kept = [(n, v) for n, values in given.lists() if n not in dropped for v in values]
    return f"?{urlencode([*kept, *changes.items()])}"
