"""Requests to take entries off the base list: asked for, followed, decided one by one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import bulk_holders, permissions
from inventory.forms.exclusions import (
    AppealForm,
    DecisionForm,
    ExclusionForm,
    RevocationForm,
    WithdrawalForm,
)
from inventory.lists.exclusions import EXCLUSIONS, PROPOSALS, RELATED
from inventory.models import BaseListEntry, Exclusion, ExclusionStep
from inventory.services import exclusion_decisions, exclusions
from inventory.views import exclusion_pages
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.bulk.pages import bar_of
from portal.listing import page_of, render_list
from portal.lists.place import in_drawer, place_in_list
from portal.models import Membership, StoredFile
from portal.services import files


@require_safe
def exclusion_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, EXCLUSIONS)
    context = {
        "can_request": permissions.can_request_exclusions(membership),
        "bulk_actions": bar_of(membership, bulk_holders.APPROVE, bulk_holders.REFUSE),
        "empty_action": {"url": reverse("inventory:entry-list"), "label": _("Go to the work list")},
    }
    return render_list(request, "inventory/exclusion_list.html", page, context)


@require_safe
def exclusion_proposals(request: HttpRequest) -> HttpResponse:
    """What the register proposes to take off."""
    membership = membership_of(request)
    require(permissions.can_request_exclusions(membership))
    page = page_of(request, PROPOSALS)
    to_requests = reverse("inventory:exclusion-list")
    context = {
        "bulk_actions": bar_of(membership, bulk_holders.ASK),
        "empty_action": {"url": to_requests, "label": _("Go to the requests")},
    }
    return render_list(request, "inventory/exclusion_proposals.html", page, context)


@require_http_methods(["GET", "HEAD", "POST"])
def exclusion_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for one entry, with what the register says of it beside the form."""
    membership = membership_of(request)
    visible = BaseListEntry.objects.visible_to(membership).select_related("patent", "campaign")
    entry = visible_or_404(visible, pk=pk)
    require(permissions.can_request_exclusion(membership, entry))
    proposal = exclusion_pages.proposal_of(entry)
    form = ExclusionForm(request.POST or None, request.FILES or None, initial=proposal["initial"])
    if form.is_valid():
        evidence = _kept(form.cleaned_data.pop("evidence_file"), membership)
        claim = exclusions.Claim(
            **{**form.cleaned_data, "new_holder": form.cleaned_data["new_holder"] or ""},
            evidence=evidence,
        )
        with exclusion_pages.errors_of(form):
            made = exclusions.request_exclusion(entry=entry, claim=claim, actor=membership)
            messages.success(request, _("Requested. The lead bureau decides."))
            return redirect("inventory:exclusion-detail", pk=made.pk)
    context = {"form": form, "entry": entry, **proposal}
    return render(request, "inventory/exclusion_form.html", context)


def _kept(upload: UploadedFile[bytes] | None, membership: Membership) -> StoredFile | None:
    if not upload:
        return None
    return files.keep_file(
        content=upload,
        name=upload.name or "evidence",
        purpose=StoredFile.Purpose.EVIDENCE,
        actor=membership,
    )


def _visible(request: HttpRequest, pk: int) -> tuple[Membership, Exclusion]:
    membership = membership_of(request)
    visible = Exclusion.objects.visible_to(membership).select_related(*RELATED)
    return membership, visible_or_404(visible, pk=pk)


def _page(
    request: HttpRequest,
    exclusion: Exclusion,
    membership: Membership,
    *,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    context = {**exclusion_pages.detail(exclusion, membership), **forms}
    return render(request, "inventory/exclusion_detail.html", context, status=status)


@require_safe
def exclusion_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership, exclusion = _visible(request, pk)
    if in_drawer(request):
        context = exclusion_pages.detail(exclusion, membership)
        context["place_in_list"] = place_in_list(request)
        return render(request, "inventory/exclusion_drawer.html", context)
    return _page(request, exclusion, membership)


@require_POST
def exclusion_decide(request: HttpRequest, pk: int) -> HttpResponse:
    membership, exclusion = _visible(request, pk)
    require(permissions.can_decide_exclusion(membership))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, exclusion, membership, status=422, form=form)
    exclusion_decisions.decide_exclusion(
        exclusion=exclusion,
        is_approved=form.cleaned_data["decision"] == "approve",
        note=form.cleaned_data["note"],
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Decided."))
    return redirect("inventory:exclusion-list")


@require_POST
def exclusion_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    membership, exclusion = _visible(request, pk)
    require(permissions.can_follow_exclusion(membership, exclusion))
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return _page(request, exclusion, membership, status=422, withdrawal_form=form)
    exclusion_decisions.withdraw_exclusion(
        exclusion=exclusion,
        note=form.cleaned_data["note"],
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Withdrawn."))
    return redirect("inventory:exclusion-detail", pk=pk)


@require_POST
def exclusion_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Once, within the campaign's days, with new evidence."""
    membership, exclusion = _visible(request, pk)
    require(permissions.can_follow_exclusion(membership, exclusion))
    form = AppealForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, exclusion, membership, status=422, appeal_form=form)
    exclusion_decisions.appeal_exclusion(
        exclusion=exclusion,
        text=form.cleaned_data["text"],
        evidence=_kept(form.cleaned_data["evidence_file"], membership),
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("The appeal goes to the lead bureau."))
    return redirect("inventory:exclusion-detail", pk=pk)


@require_POST
def exclusion_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """The entries count again, e.g. because the right was restored."""
    membership, exclusion = _visible(request, pk)
    require(permissions.can_decide_exclusion(membership))
    form = RevocationForm(request.POST)
    if form.is_valid():
        with exclusion_pages.errors_of(form):
            exclusion_decisions.revoke_exclusion(
                exclusion=exclusion,
                **form.cleaned_data,
                seen_version=seen_version(request),
                actor=membership,
            )
            messages.success(request, _("Revoked: the entry counts again."))
            return redirect("inventory:exclusion-detail", pk=pk)
    return _page(request, exclusion, membership, status=422, revocation_form=form)


@require_safe
def exclusion_evidence(request: HttpRequest, pk: int) -> FileResponse:
    """The evidence file, for whoever may see the request; audited."""
    membership, exclusion = _visible(request, pk)
    return _opened(exclusion.evidence, membership)


@require_safe
def exclusion_appeal_evidence(request: HttpRequest, pk: int) -> FileResponse:
    """The file that came with the appeal; audited."""
    membership, exclusion = _visible(request, pk)
    steps = ExclusionStep.objects.visible_to(membership).of(exclusion)
    step = steps.filter(to_state="appealed").first()
    return _opened(step.evidence if step else None, membership)


def _opened(file: StoredFile | None, membership: Membership) -> FileResponse:
    if file is None:
        raise Http404
    evidence = files.record_opening(file=file, actor=membership)
    return FileResponse(evidence.content.open("rb"), as_attachment=True, filename=evidence.name)
