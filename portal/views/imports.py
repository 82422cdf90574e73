"""Uploads: hand in, columns, preview, confirm, discard, bad rows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.access import membership_of, require, seen_version, visible_or_404
from portal.choices import ImportState
from portal.forms.imports import ColumnsForm, SheetForm, UploadForm
from portal.intake import pages, recognition, sheets
from portal.intake.registry import Importer, importers_for, may_import, may_read
from portal.job_words import last_lines
from portal.listing import page_of, render_list
from portal.lists.kernel import IMPORTS
from portal.models import ImportBatch, Membership
from portal.navigation import panels_on
from portal.services import imports
from portal.services.corrections import going_on

WORKING = (ImportState.READING, ImportState.APPLYING, ImportState.UNDOING)
SHOWN = (ImportState.PREVIEW, ImportState.APPLIED, ImportState.TAKEN_BACK)


@require_safe
def list_imports(request: HttpRequest) -> HttpResponse:
    may_upload = may_import(membership_of(request))
    first = {"url": reverse("portal:import-new"), "label": _("Upload a file")}
    page = page_of(request, IMPORTS)
    context = {
        "may_import": may_upload,
        "empty_action": first if may_upload else None,
        "links": panels_on("portal.imports", membership_of(request), None),
    }
    return render_list(request, "portal/imports/list.html", page, context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: HttpRequest) -> HttpResponse:
    """The upload; what is inside is read in the background."""
    membership = membership_of(request)
    require(may_import(membership))
    # a link may have chosen already, e.g. the campaign whose list is to be imported
    chosen = request.GET.dict()
    form = UploadForm(
        request.POST or None, request.FILES or None, initial=chosen, membership=membership
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = imports.upload(
                actor=membership,
                content=file,
                name=file.name,
                kind=form.cleaned_data["kind"],
                options=form.options,
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return redirect("portal:import-detail", pk=batch.pk)
    context = {
        "form": form,
        "importers": importers_for(membership),
        "limits": settings,
        "most_at_once": imports.MOST_AT_ONCE,
    }
    return render(request, "portal/imports/new.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def show_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Whatever the upload has come to: progress, columns, preview, result."""
    membership = membership_of(request)
    batch = visible_import(membership, pk)
    if batch.state in WORKING:
        return _progress(request, batch, membership)
    if getattr(request, "htmx", None) and request.htmx.target == f"job-{batch.job_id}":  # type: ignore[attr-defined]
        return _progress(request, batch, membership)
    if batch.state == ImportState.MAPPING:
        return redirect("portal:import-columns", pk=batch.pk)
    if batch.state in SHOWN:
        return _preview(request, batch, membership)
    context = {
        "batch": batch,
        "steps": pages.steps(batch),
        "looks_like": pages.looks_like(batch, membership),
    }
    return render(request, "portal/imports/ended.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def map_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """What each column holds, to be said by a person where it is not certain."""
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    if request.method != "POST" and batch.state != ImportState.MAPPING:
        return redirect("portal:import-detail", pk=batch.pk)
    form = ColumnsForm(
        request.POST or None,
        columns=recognition.columns_of(batch),
        importer=recognition.importer_of(batch),
    )
    if request.method == "POST" and form.is_valid():
        version = seen_version(request)
        try:
            imports.map_columns(
                actor=membership, batch=batch, seen_version=version, fields=form.chosen
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return redirect("portal:import-detail", pk=batch.pk)
    context = {
        "batch": batch,
        "layout": recognition.layout_words(batch),
        "form": form,
        "steps": pages.steps(batch),
        "further_tables": sheets.unread(batch),
    }
    status = 422 if form.errors else 200
    return render(request, "portal/imports/columns.html", context, status=status)


@require_POST
def confirm_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the preview that the person saw, or make a new one when the register changed."""
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    is_started = imports.confirm(
        actor=membership,
        batch=batch,
        seen_version=seen_version(request),
        digest=request.POST.get("digest", ""),
    )
    if not is_started and not request.POST.get("digest"):
        messages.info(request, _("The file is being compared with the register again."))
    elif not is_started:
        text = _(
            "The register changed since this preview was made. The file is being compared again."
        )
        messages.warning(request, text)
    return redirect("portal:import-detail", pk=batch.pk)


@require_POST
def discard_import(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    imports.discard(actor=membership, batch=batch, seen_version=seen_version(request))
    messages.success(request, _("The upload was discarded. Nothing of it was written."))
    return redirect("portal:import-list")


@require_POST
def ask_for_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The bad rows as a workbook with a column of errors, made in the background."""
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    job = imports.ask_for_errors(actor=membership, batch=batch)
    return redirect("portal:job-detail", pk=job.pk)


def visible_import(membership: Membership, pk: int) -> ImportBatch:
    """An upload as its reader may see it, else 404 or 403."""
    batches = ImportBatch.objects.visible_to(membership).select_related(
        "file", "job", "membership__user", "continues__file", "undone_by__user"
    )
    batch = visible_or_404(batches, pk=pk)
    require(may_read(membership))
    return batch


def writable_import(membership: Membership, pk: int) -> ImportBatch:
    """An upload for whoever may import its kind."""
    batch = visible_import(membership, pk)
    importer = recognition.importer_of(batch) if batch.kind else None
    require(importer.may_import(membership) if importer else may_import(membership))
    return batch


def _progress(request: HttpRequest, batch: ImportBatch, membership: Membership) -> HttpResponse:
    """The page that waits, or its progress alone when htmx asks."""
    job = batch.job
    is_own = job is not None and job.membership_id == membership.pk
    context = {
        "batch": batch,
        "job": job,
        "steps": pages.steps(batch),
        "log": last_lines(job) if job else [],
        "may_cancel": is_own,
        "rules": pages.found_so_far(batch),
    }
    if not getattr(request, "htmx", None):
        return render(request, "portal/imports/progress.html", context)
    response = render(request, "portal/imports/progress.html#progress", context)
    if job is None or job.is_ended:
        response["HX-Refresh"] = "true"
    return response


def _preview(request: HttpRequest, batch: ImportBatch, membership: Membership) -> HttpResponse:
    """Consequences first, then what was found; the rows are a list of their own."""
    importer = recognition.importer_of(batch)
    context: dict[str, Any] = {
        "batch": batch,
        "steps": pages.steps(batch),
        "tabs": pages.tabs(batch),
        "rules": pages.rules(batch, importer),
        "sentence": pages.sentence(batch),
        "consequences": pages.consequences(batch, importer),
        **pages.not_read(batch),
        "further_tables": [] if sheets.is_over(batch) else sheets.unread(batch),
        "to_decide": importer.to_decide(batch),
        "kind_label": importer.label,
        "may_write": importer.may_import(membership),
        "good": batch.counts["added"] + batch.counts["changed"],
        "may_discard": batch.state == ImportState.PREVIEW and not imports.is_begun(batch),
    }
    context |= pages.before_and_after(batch, importer, membership)
    if batch.state == ImportState.APPLIED and context["may_write"]:
        context |= _what_follows(batch, membership, importer)
    if context["may_write"] and sheets.is_over(batch):
        context |= _further_sheets(request, batch, membership, importer)
    return render(request, "portal/imports/preview.html", context)


def _further_sheets(
    request: HttpRequest, batch: ImportBatch, membership: Membership, importer: Importer
) -> dict[str, Any]:
    """Sheets of the same file that are lists of this kind; to be read next the one chosen, else the first unread."""
    found = sheets.further_sheets(batch, importer)
    if not found:
        return {}
    waiting = [one.name for one in found if one.batch is None]
    # a manager may have read what a unit's manager uploaded, who does not see the manager's imports
    of_file = ImportBatch.objects.visible_to(membership).filter(file=batch.file_id)
    context = {"sheets": found, "seen": set(of_file.values_list("pk", flat=True))}
    if not waiting:
        return context
    chosen = request.GET.get("sheet", "")
    name = chosen if chosen in waiting else waiting[0]
    form = SheetForm(initial={"sheet": name}, importer=importer, membership=membership, batch=batch)
    return {**context, "next_sheet": name, "sheet_form": form}


def _what_follows(batch: ImportBatch, membership: Membership, importer: Importer) -> dict[str, Any]:
    """Where the rows that stayed out of a finished import are corrected."""
    if not batch.counts["refused"] or batch.file.is_over:
        return {}
    further = going_on(batch)
    if further is None:
        return {"may_take_up": importer.takes_rows_apart}
    # a manager may have taken up what a unit's manager uploaded, who does not see the manager's imports
    is_seen = ImportBatch.objects.visible_to(membership).filter(pk=further.pk).exists()
    return {"further": further if is_seen else None}
