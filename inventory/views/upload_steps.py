"""The steps of a batch: put before the reviewer, signed or sent back, handed out, uploaded, withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.choices import ItemOutcome, UploadState
from inventory.forms.uploads import SignOffForm, UploadedForm, UploadReasonForm
from inventory.lists.uploads import UPLOAD_ITEMS
from inventory.models import UploadBatch
from inventory.queries import uploads as queries
from inventory.services import uploads
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.bulk.staging import picked_keys
from portal.listing import ListPage, page_of, render_list
from portal.lists.registry import narrowed
from portal.models import Membership

SHOWN = 100


def _batch(request: HttpRequest, pk: int) -> tuple[UploadBatch, Membership]:
    """The batch, for whoever handles it."""
    membership = membership_of(request)
    visible = UploadBatch.objects.visible_to(membership).select_related("prepared_by__user")
    batch = visible_or_404(visible, pk=pk)
    require(permissions.can_handle_upload(membership, batch))
    return batch, membership


@require_POST
def upload_prepare(request: HttpRequest, pk: int) -> HttpResponse:
    batch, actor = _batch(request, pk)
    uploads.prepare_again(batch=batch, seen_version=seen_version(request), actor=actor)
    messages.success(request, _("The batch is being prepared."))
    return redirect(batch)


@require_POST
def upload_leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Ticked patents, or all that match the filter: step one asks why, step two leaves them out."""
    batch, actor = _batch(request, pk)
    back = f"{reverse('inventory:upload-items')}?batch={batch.pk}"
    ids = _ticked(request, batch, actor)
    if not ids:
        messages.error(request, _("Tick at least one row."))
        return redirect(back)
    form = UploadReasonForm(request.POST if "reason" in request.POST else None)
    if not form.is_valid():
        return _ask_why(request, batch, form, ids, back)
    count = uploads.leave_out(
        batch=batch,
        items=ids,
        reason=form.cleaned_data["reason"],
        seen_version=seen_version(request),
        actor=actor,
    )
    text = ngettext("%(count)s patent left out.", "%(count)s patents left out.", count)
    messages.success(request, text % {"count": count})
    return redirect(batch)


def _ask_why(
    request: HttpRequest, batch: UploadBatch, form: UploadReasonForm, ids: list[int], back: str
) -> HttpResponse:
    items = batch.items.filter(pk__in=ids).select_related("dossier__patent")
    context = {
        "batch": batch,
        "form": form,
        "picked": request.POST.getlist("pick"),
        "all_matching": request.POST.get("all_matching") == "1",
        "count": len(ids),
        "items": items.order_by("pk")[:SHOWN],
        "back": back,
    }
    status = 422 if form.errors else 200
    return render(request, "inventory/upload_leave_out.html", context, status=status)


def _ticked(request: HttpRequest, batch: UploadBatch, actor: Membership) -> list[int]:
    """Keys of the batch's items that were ticked and can still be left out."""
    waiting = batch.items.filter(outcome=ItemOutcome.WAITING)
    if request.POST.get("all_matching") == "1":
        query = request.GET.copy()
        query["batch"] = str(batch.pk)
        found = narrowed(UPLOAD_ITEMS.name, query.urlencode(), actor)
        waiting = waiting.filter(pk__in=found.order_by().values("pk"))
    else:
        waiting = waiting.filter(pk__in=picked_keys(request.POST.getlist("pick")))
    return list(waiting.values_list("pk", flat=True))


@require_POST
def upload_request(request: HttpRequest, pk: int) -> HttpResponse:
    batch, actor = _batch(request, pk)
    uploads.request_sign_off(batch=batch, seen_version=seen_version(request), actor=actor)
    messages.success(request, _("The batch waits for the confidentiality review."))
    return redirect(batch)


@require_http_methods(["GET", "POST"])
def upload_sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    """The confidentiality review: doubtful patents first, the checks, the statement; or back with a reason."""
    batch, actor = _batch(request, pk)
    require(permissions.can_sign_upload(actor, batch, has_other=uploads.has_other_signer(batch)))
    form = SignOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _decided(request, batch, form, actor)
    context = {
        "batch": batch,
        "form": form,
        "counts": queries.counts_of(batch),
        "is_alone": batch.prepared_by.user_id == actor.user_id,
    }
    page = _patents_of(request, batch)
    response = render_list(request, "inventory/upload_sign_off.html", page, context)
    response.status_code = 422 if form.errors else response.status_code
    return response


def _patents_of(request: HttpRequest, batch: UploadBatch) -> ListPage:
    """The list of what is in batches, of this one: the address of the page says which."""
    given = request.GET.copy()
    given["batch"] = str(batch.pk)
    request.GET = given  # type: ignore[assignment]
    return page_of(request, UPLOAD_ITEMS)


def _decided(
    request: HttpRequest, batch: UploadBatch, form: SignOffForm, actor: Membership
) -> HttpResponse:
    seen = seen_version(request)
    if form.cleaned_data["decision"] == "refuse":
        reason = form.cleaned_data["reason"]
        uploads.refuse_sign_off(batch=batch, reason=reason, seen_version=seen, actor=actor)
        messages.success(request, _("Sent back."))
        return redirect(batch)
    moved = uploads.sign_off(
        batch=batch,
        checks=form.cleaned_data["checks"],
        statement=form.cleaned_data["statement"],
        seen_version=seen,
        actor=actor,
    )
    _tell(request, moved, _("Signed off."))
    return redirect(batch)


@require_POST
def upload_hand_out(request: HttpRequest, pk: int) -> HttpResponse:
    batch, actor = _batch(request, pk)
    moved = uploads.hand_out(batch=batch, seen_version=seen_version(request), actor=actor)
    _tell(request, moved, _("The file may be taken now."))
    return redirect(batch)


@never_cache
@require_safe
def upload_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file of a batch that was handed out; the taking is in the trail."""
    batch, actor = _batch(request, pk)
    file = uploads.open_file(batch=batch, actor=actor)
    response = FileResponse(
        file.content.open("rb"),
        as_attachment=True,
        filename=file.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def upload_uploaded(request: HttpRequest, pk: int) -> HttpResponse:
    batch, actor = _batch(request, pk)
    form = UploadedForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say on which day it was uploaded."))
        return redirect(batch)
    uploads.mark_uploaded(
        batch=batch,
        on=form.cleaned_data["on"],
        seen_version=seen_version(request),
        actor=actor,
    )
    messages.success(request, _("Noted. The platform's answer can be imported when it comes."))
    return redirect(batch)


@require_POST
def upload_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    batch, actor = _batch(request, pk)
    form = UploadReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is withdrawn."))
        return redirect(batch)
    uploads.withdraw_batch(
        batch=batch,
        reason=form.cleaned_data["reason"],
        seen_version=seen_version(request),
        actor=actor,
    )
    messages.success(request, _("Withdrawn."))
    return redirect(batch)


def _tell(request: HttpRequest, moved: UploadBatch, done: str) -> None:
    """What was meant, or that changed content sent the batch back."""
    if moved.state == UploadState.PREPARING:
        messages.error(
            request,
            _("Content changed since the batch was prepared: it went back, prepare it again."),
        )
    else:
        messages.success(request, done)
