"""Cells of the work list that can be edited in place by whoever fills in the dossier."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from inventory.models import Dossier
from portal.lists import cells
from portal.lists.cells import Cell
from portal.templatetags.portal_tags import DASH, icon


def cell_html(dossier: Dossier, field: str, *, is_editable: bool) -> SafeString:
    """The inner HTML of a cell: the value, and a pencil where it may be changed here."""
    shown = SafeString(_INNER[field].show(value_of(dossier, field)))  # cells escape
    if not is_editable:
        return shown
    url = f"{reverse('inventory:dossier-cell', args=[dossier.pk])}?field={field}"
    return format_html(
        '<span class="cell-value">{}</span> <a class="cell-edit" href="{}" hx-get="{}" hx-target="closest td"'
        ' hx-swap="innerHTML" aria-label="{}">{}</a>',
        shown,
        url,
        url,
        _("Change"),
        icon("pencil"),
    )


def value_of(dossier: Dossier, field: str) -> Any:
    """The value as the cell takes it."""
    if field == "responsible":
        person = dossier.responsible
        if person is None or person.is_active:
            return person.name if person else None
        return f"{person.name} {_('(left)')}"
    if field in ("maturity", "price_band"):
        return cells.word_of(dossier, field)
    return getattr(dossier, field)


_INNER = {
    "unit": cells.NAME,
    "responsible": cells.TEXT,
    "stars": cells.STARS,
    "maturity": cells.TEXT,
    "price_band": cells.TEXT,
}


def _show(field: str, value: tuple[Dossier, bool]) -> str:
    dossier, is_editable = value
    return cell_html(dossier, field, is_editable=is_editable)


def editable(field: str) -> Cell:
    """A cell of (dossier, whether it may be edited here), or None for what one may not read."""
    inner = _INNER[field]
    return Cell(
        f"{inner.css} cell-editable".strip(),
        lambda value: DASH if value is None else _show(field, value),
        lambda value: "" if value is None else inner.plain(value_of(value[0], field)),
    )
