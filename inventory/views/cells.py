"""A cell of the work list edited in place: shown, as a small form, saved; a page of its own without script."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from inventory import merging, permissions
from inventory.forms.cells import ASSIGNMENT, CELLS, CellForm, label_of_cell
from inventory.lists.editable import cell_html
from inventory.models import Dossier
from inventory.queries import dossiers as queries
from inventory.services import edits
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_cell(request: HttpRequest, pk: int) -> HttpResponse:
    """?field= names it. GET gives the form (?show=1: the value again), POST saves it on the version it showed."""
    membership = membership_of(request)
    field = (request.POST if request.method == "POST" else request.GET).get("field", "stars")
    if field not in CELLS:
        raise Http404
    dossier = visible_or_404(queries.with_all(Dossier.objects.visible_to(membership)), pk=pk)
    require(permissions.can_edit_dossier(membership, dossier))
    require(field not in ASSIGNMENT or permissions.can_assign_dossiers(membership))
    data = request.POST if request.method == "POST" else None
    form = CellForm(data, field=field, dossier=dossier, membership=membership)
    if data is None:
        return (
            _shown(request, dossier, field)
            if request.GET.get("show")
            else _form(request, dossier, form)
        )
    if not form.is_valid():
        return _form(request, dossier, form, status=422)
    try:
        edits.edit_dossier(
            dossier_id=pk, seen_version=seen_version(request), edit=form.edit, actor=membership
        )
    except StaleVersion:
        return _form(request, dossier, form, status=409)
    return _saved(request, pk, field)


def _saved(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    saved = visible_or_404(
        queries.with_all(Dossier.objects.visible_to(membership_of(request))), pk=pk
    )
    if not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, _("Saved."))
        return redirect(saved)
    return _shown(request, saved, field)


def _shown(request: HttpRequest, dossier: Dossier, field: str) -> HttpResponse:
    """The value; the script gives the row's tick the new version, so that the row can be picked."""
    event = {"cell-saved": {"row": dossier.pk, "version": dossier.version}}
    html = cell_html(dossier, field, is_editable=True)
    return HttpResponse(html, headers={"HX-Trigger": json.dumps(event)})


def _form(
    request: HttpRequest, dossier: Dossier, form: CellForm, status: int = 200
) -> HttpResponse:
    is_stale = status == 409
    context: dict[str, Any] = {
        "dossier": dossier,
        "form": form,
        "field": form.field,
        "label": label_of_cell(form.field),
        # after a conflict the next save is on top of what is shown here
        "version": dossier.version,
        "is_stale": is_stale,
        "since": merging.since_in_words(dossier, request.POST) if is_stale else [],
        "now": cell_html(dossier, form.field, is_editable=False),
    }
    is_fragment = bool(request.htmx)  # type: ignore[attr-defined]
    template = "inventory/entry_cell_form.html" if is_fragment else "inventory/entry_cell_page.html"
    return render(request, template, context, status=status)
