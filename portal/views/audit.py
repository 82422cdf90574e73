"""The trail: who did what when, for the audit administrator, auditors and managers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal import permissions
from portal.access import membership_of, require
from portal.audit_words import in_words
from portal.filters import AuditFilter
from portal.listing import Ordering, list_page, render_list
from portal.models import AuditEntry

ORDERINGS = {"newest": Ordering(gettext_lazy("Newest first"), ("-at",))}


@require_safe
def list_entries(request: HttpRequest) -> HttpResponse:
    """Newest first, with before and after of every field."""
    membership = membership_of(request)
    require(permissions.can_read_audit(membership))
    page = list_page(
        request,
        queryset=AuditEntry.objects.visible_to(membership).with_people(),
        filterset_class=AuditFilter,
        orderings=ORDERINGS,
    )
    context = {"lines": [in_words(entry) for entry in page.items]}
    return render_list(request, "portal/audit_list.html", page, context)
