"""Requests to take entries off the base list, and the bureau's decisions."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.choices import ExclusionState
from inventory.forms.campaigns import DecisionForm, ExclusionForm
from inventory.lists.exclusions import EXCLUSIONS, RELATED
from inventory.models import BaseListEntry, Exclusion
from inventory.services import exclusions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.listing import page_of, render_list
from portal.models import StoredFile
from portal.services import files


@require_safe
def exclusion_list(request: HttpRequest) -> HttpResponse:
    page = page_of(request, EXCLUSIONS)
    to_work = {"url": reverse("inventory:entry-list"), "label": _("Go to the work list")}
    return render_list(request, "inventory/exclusion_list.html", page, {"empty_action": to_work})


@require_http_methods(["GET", "POST"])
def exclusion_new(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    visible = BaseListEntry.objects.visible_to(membership).select_related("patent", "campaign")
    entry = visible_or_404(visible, pk=pk)
    require(permissions.can_request_exclusion(membership, entry))
    initial = {"effective_on": entry.campaign.base_day}
    form = ExclusionForm(request.POST or None, request.FILES or None, initial=initial)
    if form.is_valid():
        upload = form.cleaned_data["evidence_file"]
        evidence = (
            files.keep_file(
                content=upload,
                name=upload.name,
                purpose=StoredFile.Purpose.EVIDENCE,
                actor=membership,
            )
            if upload
            else None
        )
        made = exclusions.request_exclusion(
            entry=entry,
            reason=form.cleaned_data["reason"],
            explanation=form.cleaned_data["explanation"],
            effective_on=form.cleaned_data["effective_on"],
            evidence=evidence,
            actor=membership,
        )
        messages.success(request, _("Requested. The lead bureau decides."))
        return redirect("inventory:exclusion-detail", pk=made.pk)
    return render(request, "inventory/exclusion_form.html", {"form": form, "entry": entry})


@require_safe
def exclusion_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    visible = Exclusion.objects.visible_to(membership).select_related(*RELATED)
    exclusion = visible_or_404(visible, pk=pk)
    context = {
        "exclusion": exclusion,
        "form": DecisionForm(),
        "can_decide": permissions.can_decide_exclusion(membership)
        and exclusion.state == ExclusionState.REQUESTED,
    }
    return render(request, "inventory/exclusion_detail.html", context)


@require_POST
def exclusion_decide(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    visible = Exclusion.objects.visible_to(membership).select_related(*RELATED)
    exclusion = visible_or_404(visible, pk=pk)
    require(permissions.can_decide_exclusion(membership))
    form = DecisionForm(request.POST)
    if not form.is_valid():
        context = {"exclusion": exclusion, "form": form, "can_decide": True}
        return render(request, "inventory/exclusion_detail.html", context, status=422)
    exclusions.decide_exclusion(
        exclusion=exclusion,
        is_approved=form.cleaned_data["decision"] == "approve",
        note=form.cleaned_data["note"],
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Decided."))
    return redirect("inventory:exclusion-list")


@require_safe
def exclusion_evidence(request: HttpRequest, pk: int) -> FileResponse:
    """The evidence file, for whoever may see the request; audited."""
    membership = membership_of(request)
    visible = Exclusion.objects.visible_to(membership).select_related("evidence")
    exclusion = visible_or_404(visible, pk=pk)
    if exclusion.evidence is None:
        raise Http404
    evidence = files.record_opening(file=exclusion.evidence, actor=membership)
    return FileResponse(evidence.content.open("rb"), as_attachment=True, filename=evidence.name)
