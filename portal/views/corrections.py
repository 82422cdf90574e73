"""The grid of refused rows: look, write over cells, replace a value everywhere, take up what stayed out."""

from __future__ import annotations

from urllib.parse import urlencode

import django_filters
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import membership_of, seen_version
from portal.choices import ImportState, RowOutcome
from portal.intake import grids, pages, recognition
from portal.listing import ListPage, Ordering, list_page
from portal.models import ImportBatch, ImportRow
from portal.services import corrections
from portal.services.corrections import Corrected
from portal.views.imports import writable_import

SUBJECTS = 50
# with every column shown a page is long enough with these
SUBJECTS_WHOLE = 20
_BY_LINE = {"line": Ordering(gettext_lazy("Row"), ("line",))}
# what of the address a form of the page brings back
_KEPT = ("columns", "cursor")


class _NoFilter(django_filters.FilterSet):
    class Meta:
        model = ImportRow
        fields: tuple[str, ...] = ()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The refused rows as a grid; what was typed is checked at once and the page comes again."""
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    if request.method == "POST":
        cells = {
            place: str(text)
            for name, text in request.POST.items()
            if (place := grids.place_of(name))
        }
        done = corrections.correct_cells(
            actor=membership, batch=batch, seen_version=seen_version(request), cells=cells
        )
        return _on(request, batch, done)
    if batch.state != ImportState.PREVIEW or not batch.counts["refused"]:
        return redirect("portal:import-detail", pk=batch.pk)
    return _grid(request, batch, is_whole=request.GET.get("columns") == "all")


def _grid(request: HttpRequest, batch: ImportBatch, *, is_whole: bool) -> HttpResponse:
    page = _page(request, batch, SUBJECTS_WHOLE if is_whole else SUBJECTS)
    if not page.items:
        return redirect("portal:import-correct", pk=batch.pk)
    context = {
        "batch": batch,
        "page": page,
        "grid": grids.grid_of(batch, page.items, is_whole=is_whole),
        "repeated": grids.repeated_values(batch),
        "steps": pages.steps(batch),
        "kind_label": recognition.importer_of(batch).label,
        "good": batch.counts["added"] + batch.counts["changed"],
        "kept": [(name, request.GET[name]) for name in _KEPT if request.GET.get(name)],
    }
    return render(request, "portal/imports/correct.html", context)


@require_POST
def replace_value(request: HttpRequest, pk: int) -> HttpResponse:
    """One wrong value of a column replaced in all its rows."""
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    done = corrections.replace_everywhere(
        actor=membership,
        batch=batch,
        seen_version=seen_version(request),
        wrong={name: request.POST.get(name, "") for name in ("column", "rule", "value")},
        text=request.POST.get("text", ""),
    )
    return _on(request, batch, done)


@require_POST
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """An import of the rows that stayed out of a finished one; pressed twice, the same import."""
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    further = corrections.take_up_refused(actor=membership, batch=batch)
    return redirect("portal:import-detail", pk=further.pk)


def _page(request: HttpRequest, batch: ImportBatch, size: int) -> ListPage:
    return list_page(
        request,
        queryset=batch.rows.filter(outcome=RowOutcome.REFUSED),
        filterset_class=_NoFilter,
        orderings=_BY_LINE,
        page_size=size,
        total=batch.counts["refused"],
    )


def _on(request: HttpRequest, batch: ImportBatch, done: Corrected) -> HttpResponse:
    """Say what came of it; back to the grid while rows are left there, else to the preview."""
    if not done.cells:
        messages.info(request, _("No cell was changed."))
    else:
        messages.success(request, _words(done))
    if not done.left:
        return redirect("portal:import-detail", pk=batch.pk)
    kept = {name: request.POST[name] for name in _KEPT if request.POST.get(name)}
    query = f"?{urlencode(kept)}" if kept else ""
    return redirect(f"{reverse('portal:import-correct', args=[batch.pk])}{query}#grid")


def _words(done: Corrected) -> str:
    cells = ngettext(
        "%(count)s cell was corrected.", "%(count)s cells were corrected.", done.cells
    ) % {"count": done.cells}
    figures = {"good": done.good, "left": done.left}
    if done.is_compared:
        text = _(
            "Everything was checked again at once: %(good)s more can be taken, %(left)s still cannot."
        )
    else:
        text = _(
            "The cells were checked at once: %(good)s have no wrong cell any more, %(left)s still have. "
            "The comparison with the register follows when you press “Check again”."
        )
    return f"{cells} {text % figures}"
