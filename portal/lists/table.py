"""The table of a list, put together from its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from portal.access import membership_of
from portal.lists.columns import Column
from portal.lists.spec import ListSpec
from portal.templatetags.portal_tags import DASH


def body(
    request: HttpRequest,
    spec: ListSpec,
    columns: Sequence[Column],
    items: Sequence[Any],
    rows: Sequence[Any],
    *,
    has_picks: bool,
) -> SafeString:
    """The rows of one page as HTML; every value is escaped by its kind of cell."""
    head, *others = columns
    frames = [(column, _opening(column, spec)) for column in others]
    written = []
    for item, row in zip(items, rows, strict=True):
        tone = spec.tone(row)
        written.append(f'<tr data-key="{item.pk}"' + (f' class="{escape(tone)}">' if tone else ">"))
        if has_picks:
            written.append(_pick(spec, head, row))
        written.append(_head(spec, head, row))
        for column, (opening, closing) in frames:
            inner = _inner(request, column, row)
            if inner == DASH and spec.is_stacked:
                opening = opening.replace('class="', 'class="is-unknown ', 1)
            written.append(f"{opening}{inner}{closing}")
        written.append("</tr>")
    # each part was escaped above
    return mark_safe("".join(written))  # noqa: S308


def _pick(spec: ListSpec, head: Column, row: Any) -> str:
    value = spec.pick(row)
    if not value:
        return '<td class="pick"></td>'
    label = conditional_escape(head.value(row))
    return (
        '<td class="pick"><input type="checkbox" class="form-check-input" name="pick"'
        f' value="{escape(value)}" data-pick aria-label="{label}"></td>'
    )


def _head(spec: ListSpec, head: Column, row: Any) -> str:
    shown = head.cell.show(head.value(row))
    drawer = " data-drawer" if spec.has_drawer else ""
    link = spec.link(row)
    inner = f'<a href="{escape(link)}"{drawer}>{shown}</a>' if link else shown
    return f'<th scope="row" class="{head.cell.css}">{inner}</th>'


def _opening(column: Column, spec: ListSpec) -> tuple[str, str]:
    """What stands before and behind the value of every row; cards need the label of the column."""
    css = "cell-actions" if column.template else column.cell.css
    if not spec.is_stacked or column.template:
        return f'<td class="{css}">' if css else "<td>", "</td>"
    inner, end = ("", "") if css == "cell-text" else ("<div>", "</div>")
    return f'<td class="{css}" data-label="{escape(column.label)}">{inner}', f"{end}</td>"


def _inner(request: HttpRequest, column: Column, row: Any) -> str:
    if not column.template:
        return column.cell.show(column.value(row))
    context = {
        "row": row,
        "value": column.value(row),
        "membership": membership_of(request),
        "csrf_token": get_token(request),
    }
    return str(get_template(column.template).render(context))
