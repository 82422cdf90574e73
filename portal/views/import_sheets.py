"""A further sheet of a workbook that was read: an import of its own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.access import membership_of
from portal.forms.imports import SheetForm
from portal.intake import recognition
from portal.services import imports
from portal.views.imports import writable_import


@require_POST
def read_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the sheet that was chosen; pressed twice, the same import."""
    membership = membership_of(request)
    batch = writable_import(membership, pk)
    importer = recognition.importer_of(batch)
    form = SheetForm(request.POST, importer=importer, membership=membership, batch=batch)
    if not form.is_valid():
        messages.error(request, _("This sheet cannot be read now. Open the import again."))
        return redirect("portal:import-detail", pk=pk)
    further = imports.read_sheet(
        actor=membership, batch=batch, sheet=form.cleaned_data["sheet"], options=form.options
    )
    return redirect("portal:import-detail", pk=further.pk)
