"""The lists of one import: its rows, what was found in them, and what became of them when it was taken back."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.access import membership_of
from portal.intake import pages, recognition
from portal.listing import ListPage, page_of, render_list
from portal.lists.intake import IMPORT_ISSUES, IMPORT_ROWS, IMPORT_UNDO, batch_asked
from portal.lists.spec import Asked, ListSpec


@require_safe
def list_rows(request: HttpRequest) -> HttpResponse:
    """Every row of the file with what it changes."""
    return _shown(request, page_of(request, IMPORT_ROWS), IMPORT_ROWS)


@require_safe
def list_issues(request: HttpRequest) -> HttpResponse:
    """Everything that was found, with its place and what to do."""
    return _shown(request, page_of(request, IMPORT_ISSUES), IMPORT_ISSUES)


@require_safe
def list_undone(request: HttpRequest) -> HttpResponse:
    """What became of each row, or which rows were changed since."""
    return _shown(request, page_of(request, IMPORT_UNDO), IMPORT_UNDO)


def _shown(request: HttpRequest, page: ListPage, spec: ListSpec) -> HttpResponse:
    """The list with the head of its import; 404 for one that is not there or not to be seen."""
    batch = batch_asked(Asked(membership_of(request), request.GET))
    if batch is None and request.GET.get("batch"):
        raise Http404
    context: dict[str, Any] = {"batch": batch}
    if batch is not None and batch.kind:
        context["kind_label"] = recognition.importer_of(batch).label
        context["tabs"] = pages.tabs(batch, spec.name)
    return render_list(request, "portal/imports/row_list.html", page, context)
