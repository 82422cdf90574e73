"""The expert pool: the list, one person, correcting, admitting, removing, forgetting, looking at the contact."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from evaluation import permissions
from evaluation.choices import EXPERT_TRANSITIONS, ErasureGround, ExpertState
from evaluation.forms.experts import ErasureForm, ExpertForm, RemovalForm
from evaluation.lists.experts import EXPERTS, fields_in_words
from evaluation.models import Expert
from evaluation.services import expert_erasure, experts
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.listing import page_of, render_list
from portal.lists.place import in_drawer, place_in_list
from portal.models import Membership
from portal.services import personal
from portal.services.import_forgetting import UNFINISHED
from portal.views.revealing import render_revealed


@require_safe
def list_experts(request: HttpRequest) -> HttpResponse:
    """Everybody recommended, admitted or removed; contacts masked."""
    membership = membership_of(request)
    page = page_of(request, EXPERTS)
    can_keep = permissions.can_keep_experts(membership)
    action = {"label": _("Import a list of experts"), "url": reverse("portal:import-new")}
    context = {"can_keep": can_keep, "empty_action": action if can_keep else None}
    return render_list(request, "evaluation/expert_list.html", page, context)


@require_safe
def show_expert(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what is known, and what may be done."""
    membership, expert = _visible(request, pk)
    can_keep = permissions.can_keep_experts(membership)
    steps = EXPERT_TRANSITIONS[expert.state]
    context = {
        "expert": expert,
        "fields": fields_in_words(expert),
        "can_keep": can_keep,
        "can_admit": can_keep and ExpertState.ADMITTED in steps,
        "can_remove": can_keep and ExpertState.REMOVED in steps,
        "can_erase": can_keep and ExpertState.ERASED in steps,
    }
    if in_drawer(request):
        context["place_in_list"] = place_in_list(request)
        return render(request, "evaluation/expert_drawer.html", context)
    return render(request, "evaluation/expert_detail.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def edit_expert(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry corrected by hand."""
    membership, expert = _visible(request, pk)
    require(permissions.can_keep_experts(membership))
    experts.require_known(expert)
    version, name = expert.version, expert.name
    form = ExpertForm(request.POST or None, instance=expert)
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            experts.correct_expert(
                expert=expert, values=form.values(), seen_version=version, actor=membership
            )
        except StaleVersion:
            return edit_expert(request, pk)
        messages.success(request, _("Saved."))
        return redirect("evaluation:expert-detail", pk=pk)
    context = {"form": form, "expert": expert, "name": name, **form.conflict(request.path)}
    status = 409 if form.merge else 200
    return render(request, "evaluation/expert_form.html", context, status=status)


@require_POST
def admit_expert(request: HttpRequest, pk: int) -> HttpResponse:
    membership, expert = _visible(request, pk)
    require(permissions.can_keep_experts(membership))
    experts.admit_expert(expert=expert, seen_version=seen_version(request), actor=membership)
    messages.success(request, _("Admitted to the expert pool."))
    return redirect("evaluation:expert-detail", pk=pk)


@require_http_methods(["GET", "POST"])
def remove_expert(request: HttpRequest, pk: int) -> HttpResponse:
    """Off the pool, or a recommendation declined, with the reason."""
    membership, expert = _visible(request, pk)
    require(permissions.can_keep_experts(membership))
    form = RemovalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        experts.remove_expert(
            expert=expert,
            seen_version=seen_version(request),
            reason=form.cleaned_data["reason"],
            actor=membership,
        )
        messages.success(request, _("Removed. The entry stays for the record."))
        return redirect("evaluation:expert-detail", pk=pk)
    return render(request, "evaluation/expert_remove.html", {"expert": expert, "form": form})


@require_http_methods(["GET", "POST"])
def erase_expert(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of the person goes, on request: the consequences first."""
    membership, expert = _visible(request, pk)
    require(permissions.can_keep_experts(membership))
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        expert_erasure.erase_expert(
            expert=expert,
            seen_version=seen_version(request),
            reason=str(ErasureGround(form.cleaned_data["ground"]).label),
            actor=membership,
        )
        messages.success(request, _("Erased. The entry stays as a number."))
        return redirect("evaluation:expert-detail", pk=pk)
    lists = expert_erasure.lists_naming(expert)
    context = {
        "expert": expert,
        "form": form,
        "lists": lists.count(),
        "unfinished": lists.filter(state__in=UNFINISHED).order_by("pk").select_related("file"),
    }
    return render(request, "evaluation/expert_erase.html", context)


@require_POST
def expert_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """The contact in full: an act that is in the trail."""
    membership, expert = _visible(request, pk)
    require(permissions.can_keep_experts(membership))
    values = {"phone": expert.phone, "email": expert.email}
    personal.record_reveal(target=expert, values=values, actor=membership)
    return render_revealed(request, expert.name, values)


def _visible(request: HttpRequest, pk: int) -> tuple[Membership, Expert]:
    """The person, as the lead bureau may see; 403 for everybody else, whoever is asked for."""
    membership = membership_of(request)
    require(permissions.can_list_experts(membership))
    return membership, visible_or_404(Expert.objects.visible_to(membership).with_names(), pk=pk)
