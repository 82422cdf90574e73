"""Batches for the national platform: all of them, the start of one with its preview, one with its patents."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inventory import permissions
from inventory.choices import CampaignState, UploadKind, UploadState
from inventory.forms.uploads import BatchForm, UploadedForm, UploadReasonForm, WordsForm
from inventory.lists.uploads import RELATED, UPLOAD_ITEMS, UPLOADS
from inventory.models import Campaign, UploadBatch
from inventory.queries import uploads as queries
from inventory.services import uploads
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.listing import page_of, render_list
from portal.lists.spec import Asked

WAY = (
    UploadState.PREPARING,
    UploadState.SIGN_OFF,
    UploadState.SIGNED,
    UploadState.HANDED_OUT,
    UploadState.UPLOADED,
    UploadState.ANSWERED,
)


@require_safe
def upload_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, UPLOADS)
    can_prepare = permissions.can_prepare_uploads(membership)
    context: dict[str, Any] = {"can_prepare": can_prepare}
    if can_prepare:
        url = reverse("inventory:upload-new")
        context["empty_action"] = {"url": url, "label": _("Prepare a batch")}
    return render_list(request, "inventory/upload_list.html", page, context)


@require_http_methods(["GET", "POST"])
def upload_new(request: HttpRequest) -> HttpResponse:
    """What would go, what not and why; POST opens the batch and asks for its file."""
    membership = membership_of(request)
    require(permissions.can_prepare_uploads(membership))
    query = request.GET.get("query", "")
    campaigns = Campaign.objects.visible_to(membership).exclude(state=CampaignState.DRAFT)
    chosen = request.GET.get("campaign", "")
    campaign = campaigns.filter(pk=chosen).first() if chosen.isdecimal() else None
    campaign = campaign or campaigns.first()
    initial = {"campaign": campaign, "query": query}
    if query:
        initial["kind"] = UploadKind.SELECTED
    form = BatchForm(request.POST or None, initial=initial, membership=membership)
    if request.method == "POST" and form.is_valid():
        batch = uploads.start_batch(
            campaign=form.cleaned_data["campaign"],
            kind=UploadKind(form.cleaned_data["kind"]),
            query=form.cleaned_data["query"],
            actor=membership,
        )
        messages.success(request, _("The batch is being prepared."))
        return redirect(batch)
    context: dict[str, Any] = {
        "form": form,
        "campaign": campaign,
        "tabs": _tabs(campaigns, campaign, query),
    }
    if campaign is not None:
        context["preview"] = queries.preview(campaign, membership.organisation_id)
    return render(request, "inventory/upload_new.html", context)


def _tabs(
    campaigns: QuerySet[Campaign], current: Campaign | None, query: str
) -> list[dict[str, Any]]:
    """One for each campaign that a batch can belong to; where there is one only, none."""
    found = list(campaigns)
    if len(found) < 2:
        return []
    more = {"query": query} if query else {}
    return [
        {
            "label": campaign.name,
            "url": f"?{urlencode({'campaign': campaign.pk, **more})}",
            "is_current": campaign == current,
        }
        for campaign in found
    ]


@require_safe
def upload_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the batch stands, what is in it, what may be done next."""
    membership = membership_of(request)
    visible = UploadBatch.objects.visible_to(membership).select_related(*RELATED, "job", "file")
    batch = visible_or_404(visible, pk=pk)
    can_act = permissions.can_handle_upload(membership, batch)
    has_other = uploads.has_other_signer(batch)
    context = {
        "batch": batch,
        "counts": queries.counts_of(batch),
        "changed": uploads.changed_items(batch).count(),
        "steps": way(batch),
        "history": _history(batch),
        "can_act": can_act,
        "can_sign": permissions.can_sign_upload(membership, batch, has_other=has_other),
        "uploaded_form": UploadedForm(),
        "reason_form": UploadReasonForm(),
        "items_url": f"{reverse('inventory:upload-items')}?batch={batch.pk}",
        "poll_url": reverse("portal:job-detail", args=[batch.job_id]) if batch.job_id else "",
    }
    return render(request, "inventory/upload_detail.html", context)


@require_safe
def upload_items(request: HttpRequest) -> HttpResponse:
    """The patents of one batch, or of all: what is doubtful, what went, what the platform said."""
    membership = membership_of(request)
    page = page_of(request, UPLOAD_ITEMS)
    visible = UploadBatch.objects.visible_to(membership).select_related(*RELATED)
    batch = visible.filter(pk=Asked(membership, request.GET).number("batch")).first()
    context: dict[str, Any] = {"batch": batch}
    if (
        batch is not None
        and batch.state == UploadState.PREPARING
        and permissions.can_handle_upload(membership, batch)
    ):
        url = reverse("inventory:upload-leave-out", args=[batch.pk])
        context["bulk_actions"] = [{"label": _("Leave out"), "url": url, "icon": "minus"}]
    return render_list(request, "inventory/upload_item_list.html", page, context)


def way(batch: UploadBatch) -> list[dict[str, Any]]:
    """The steps of a batch; a withdrawn one stands nowhere on them."""
    states = [str(state) for state in WAY]
    place = states.index(batch.state) if batch.state in states else -1
    return [
        {"label": state.label, "is_done": number < place, "is_current": number == place}
        for number, state in enumerate(WAY)
    ]


def _history(batch: UploadBatch) -> list[dict[str, Any]]:
    steps = batch.steps.select_related("actor__user").order_by("-pk")
    return [
        {
            "at": step.at,
            "actor": step.actor.user.name,
            "title": step.get_to_state_display(),
            "reason": step.reason,
        }
        for step in steps
    ]


@require_http_methods(["GET", "POST"])
def upload_words(request: HttpRequest) -> HttpResponse:
    """The institution's confidential words."""
    membership = membership_of(request)
    require(permissions.can_prepare_uploads(membership))
    version, words = queries.words_with_version(membership.organisation_id)
    form = WordsForm(request.POST or None, initial={"words": "\n".join(words)})
    if request.method == "POST" and form.is_valid():
        uploads.set_words(
            words=form.cleaned_data["words"], seen_version=seen_version(request), actor=membership
        )
        messages.success(
            request, _("Saved. Batches prepared from now on are read with these words.")
        )
        return redirect("inventory:upload-list")
    context = {"form": form, "version": version}
    return render(request, "inventory/upload_words.html", context)
