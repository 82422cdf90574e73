"""The trail: who did what when, for the audit administrator, auditors and managers."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.access import membership_of, visible_or_404
from portal.audit_links import address_of, address_of_job, address_of_run
from portal.audit_words import in_words_for
from portal.filters import audited_kinds
from portal.listing import page_of, render_list
from portal.lists.kernel import TRAIL
from portal.models import AuditEntry

# entries of the same record beside the one that is read, on each side
NEIGHBOURS = 10


@require_safe
def list_entries(request: HttpRequest) -> HttpResponse:
    """Newest first, with before and after of every field."""
    page = page_of(request, TRAIL)
    return render_list(request, "portal/audit_list.html", page)


@require_safe
def show_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry in full, for whom the list shows it."""
    membership = membership_of(request)
    seen = AuditEntry.objects.visible_to(membership).with_people()
    entry = visible_or_404(seen, pk=pk)
    same = seen.of_same_record(entry)
    later = list(same.later_than(entry)[:NEIGHBOURS])
    earlier = same.earlier_than(entry)[:NEIGHBOURS]
    line, *others = in_words_for([entry, *reversed(later), *earlier], membership)
    context = {
        "entry": entry,
        "line": line,
        "record_url": address_of(entry, membership),
        "job_url": address_of_job(entry.job_id, membership),
        "run_url": address_of_run(entry.run_id, membership),
        "of_request": _listed(request_id=entry.request_id),
        "of_job": _listed(job=entry.job_id),
        "of_run": _listed(run=entry.run_id),
        "of_record": _of_record(entry),
        "later": others[: len(later)],
        "earlier": others[len(later) :],
    }
    return render(request, "portal/audit_detail.html", context)


def _listed(**query: object) -> str:
    """The list narrowed to what goes together; "" where the entry does not say."""
    if None in query.values():
        return ""
    return f"{reverse('portal:audit-list')}?{urlencode(query)}"


def _of_record(entry: AuditEntry) -> str:
    """All entries of the record, where its kind is one that the list can be narrowed to."""
    if entry.object_type not in dict(audited_kinds()):
        return ""
    return _listed(object_type=entry.object_type, object_id=entry.object_id)
