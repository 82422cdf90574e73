"""The trail: who did what when, for the audit administrator, auditors and managers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from portal.listing import page_of, render_list
from portal.lists.kernel import TRAIL


@require_safe
def list_entries(request: HttpRequest) -> HttpResponse:
    """Newest first, with before and after of every field."""
    page = page_of(request, TRAIL)
    return render_list(request, "portal/audit_list.html", page)
