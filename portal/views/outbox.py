"""Mail to many as its sender sees it before it goes: sample, recipients, release or throw away."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.access import membership_of, seen_version, visible_or_404
from portal.forms.outbox import ReleaseForm
from portal.listing import page_of, render_list
from portal.lists.spec import Asked
from portal.lists.told import OUTBOX, RECIPIENTS, batch_of
from portal.models import Membership, OutboxBatch, OutboxMessage
from portal.models.outbox import OutboxMessageQuerySet
from portal.services import outbox

# as long as the tokens of links (`secrets.token_urlsafe(32)`), longer than any word
TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_-]{43}(?=/)")


@require_safe
def list_batches(request: HttpRequest) -> HttpResponse:
    return render_list(request, "portal/outbox_list.html", page_of(request, OUTBOX))


@require_safe
def list_recipients(request: HttpRequest) -> HttpResponse:
    """Who gets the mail that the address names."""
    page = page_of(request, RECIPIENTS)
    batch = batch_of(Asked(membership_of(request), request.GET))
    if batch is None:
        raise Http404
    return render_list(request, "portal/outbox_recipients.html", page, {"batch": batch})


@require_safe
def show_batch(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    batch = _batch_or_404(membership, pk)
    return _render(request, membership, batch, ReleaseForm())


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it, when the number is restated rightly."""
    membership = membership_of(request)
    batch = _batch_or_404(membership, pk)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return _render(request, membership, batch, form)
    count = form.cleaned_data["count"]
    try:
        outbox.release_batch(
            batch=batch, count=count, seen_version=seen_version(request), actor=membership
        )
    except ValidationError as problem:
        form.add_error("count", problem)
        return _render(request, membership, batch, form)
    text = ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", count)
    messages.success(request, text % {"count": count})
    return redirect("portal:outbox-batch", pk=pk)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    batch = _batch_or_404(membership, pk)
    outbox.discard_batch(batch=batch, seen_version=seen_version(request), actor=membership)
    messages.success(
        request,
        _("No mail goes. Notices stand on the recipients' pages; invitations can be sent again."),
    )
    return redirect("portal:outbox-batch", pk=pk)


def _batch_or_404(membership: Membership, pk: int) -> OutboxBatch:
    batches = OutboxBatch.objects.visible_to(membership).with_names()
    return visible_or_404(batches, pk=pk)


def _render(
    request: HttpRequest, membership: Membership, batch: OutboxBatch, form: ReleaseForm
) -> HttpResponse:
    mails = OutboxMessage.objects.visible_to(membership).of_batch(batch)
    context = {"batch": batch, "form": form, "count": mails.count(), "sample": _sample(mails)}
    return render(request, "portal/outbox_batch.html", context)


def _sample(mails: OutboxMessageQuerySet) -> dict[str, Any] | None:
    """The first mail as its recipient will read it; none once the text has left.

    A link that opens an account is for its recipient alone: its token is not shown.
    """
    mail = mails.filter(sent_at__isnull=True).select_related("recipient").order_by("pk").first()
    if mail is None or not mail.body:
        return None
    body = TOKEN.sub("……", mail.body)
    return {"recipient": mail.recipient, "subject": mail.subject, "body": body}
