"""Taking a finished import back: what it would do, asking for it, and what became of every row."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import membership_of, require, seen_version, visible_or_404
from portal.choices import ImportState
from portal.forms.bulk import UndoForm
from portal.intake import pages, recognition, undoing
from portal.intake.registry import may_read
from portal.listing import ListPage, page_of, render_list
from portal.lists.intake import IMPORT_UNDO
from portal.models import ImportBatch, Membership
from portal.services import import_undo


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo_import(request: HttpRequest, pk: int) -> HttpResponse:
    """The consequences first, with the rows that stay; after it was done, what became of each."""
    membership = membership_of(request)
    batch = _visible(membership, pk)
    form = None
    if request.method == "POST":
        require(_may_take_back(batch, membership))
        form = UndoForm(request.POST)
        version = seen_version(request)
        if form.is_valid():
            import_undo.take_back(
                actor=membership,
                batch=batch,
                seen_version=version,
                reason=form.cleaned_data["reason"],
            )
            return redirect("portal:import-detail", pk=batch.pk)
    elif batch.state not in (ImportState.APPLIED, ImportState.TAKEN_BACK):
        return redirect("portal:import-detail", pk=batch.pk)
    return _page(request, batch, membership, form)


@require_POST
def ask_for_kept(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that stayed as a workbook with the reasons, made in the background."""
    membership = membership_of(request)
    batch = _visible(membership, pk)
    require(_may_take_back(batch, membership))
    job = import_undo.ask_for_kept(actor=membership, batch=batch)
    return redirect("portal:job-detail", pk=job.pk)


def _page(
    request: HttpRequest, batch: ImportBatch, membership: Membership, form: UndoForm | None
) -> HttpResponse:
    importer = recognition.importer_of(batch)
    is_over = batch.state == ImportState.TAKEN_BACK
    may_act = _may_take_back(batch, membership)
    why_not = "" if is_over else undoing.why_not(batch)
    page = _rows(request, batch)
    context: dict[str, Any] = {
        "batch": batch,
        "is_over": is_over,
        "kind_label": importer.label,
        "hint": importer.undo_hint,
        "why_not": why_not,
        "may_act": may_act,
        "days": settings.IMPORT_UNDO_DAYS,
        "form": form or UndoForm(),
        "stays": import_undo.stays(batch),
        "corrected_later": pages.corrected_later(batch),
        "consequences": pages.undone(batch) if is_over else pages.undo_consequences(batch, why_not),
    }
    response = render_list(request, "portal/imports/undo.html", page, context)
    if form is not None and form.errors:
        response.status_code = 422
    return response


def _rows(request: HttpRequest, batch: ImportBatch) -> ListPage:
    """The list of what becomes of rows, of this import: the address of the page says which."""
    given = request.GET.copy()
    given["batch"] = str(batch.pk)
    request.GET = given  # type: ignore[assignment]
    return page_of(request, IMPORT_UNDO)


def _may_take_back(batch: ImportBatch, membership: Membership) -> bool:
    return bool(batch.kind) and recognition.importer_of(batch).may_import(membership)


def _visible(membership: Membership, pk: int) -> ImportBatch:
    batches = ImportBatch.objects.visible_to(membership).select_related(
        "file", "membership__user", "undone_by__user"
    )
    batch = visible_or_404(batches, pk=pk)
    require(may_read(membership))
    return batch
