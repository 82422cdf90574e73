"""Campaigns and each institution's part in them."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.choices import CampaignState, DossierState
from inventory.forms.campaigns import CampaignForm, ParticipationForm
from inventory.lists.campaigns import CAMPAIGNS
from inventory.models import Campaign, CampaignInstitution
from inventory.services import campaigns
from portal import clock
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.listing import page_of, render_list
from portal.models import Membership


@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    can_manage = permissions.can_manage_campaigns(membership)
    first = {"url": reverse("inventory:campaign-new"), "label": _("New campaign")}
    context = {"can_manage": can_manage, "empty_action": first if can_manage else None}
    page = page_of(request, CAMPAIGNS)
    return render_list(request, "inventory/campaign_list.html", page, context)


@require_http_methods(["GET", "POST"])
def campaign_new(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_manage_campaigns(membership))
    form = CampaignForm(request.POST or None)
    if form.is_valid():
        made = campaigns.create_campaign(
            campaign=form.save(commit=False),
            institutions=form.cleaned_data["institutions"],
            actor=membership,
        )
        messages.success(request, _("Campaign created. Open it when everything is right."))
        return redirect("inventory:campaign-detail", pk=made.pk)
    return render(request, "inventory/campaign_form.html", {"form": form, "campaign": None})


@require_safe
def campaign_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The campaign with its institutions, each with the state of its own list."""
    membership = membership_of(request)
    campaign = visible_or_404(Campaign.objects.visible_to(membership), pk=pk)
    participations = (
        CampaignInstitution.objects.visible_to(membership)
        .filter(campaign=campaign)
        .select_related("institution")
        .annotate(
            filed=Count("dossiers"),
            completed=Count("dossiers", filter=Q(dossiers__state=DossierState.COMPLETED)),
        )
        .order_by("institution__name_key")
    )
    context = {
        "campaign": campaign,
        "participations": participations,
        "is_late": campaign.due_on < clock.today(),
        "can_manage": permissions.can_manage_campaigns(membership),
        "own": _own(membership, campaign),
    }
    return render(request, "inventory/campaign_detail.html", context)


@require_http_methods(["GET", "POST"])
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    campaign = visible_or_404(Campaign.objects.visible_to(membership), pk=pk)
    require(permissions.can_manage_campaigns(membership))
    form = CampaignForm(request.POST or None, instance=campaign)
    if form.is_valid():
        campaigns.save_campaign(
            campaign=form.save(commit=False),
            changed=form.changed_data,
            institutions=form.cleaned_data["institutions"],
            seen_version=seen_version(request),
            actor=membership,
        )
        messages.success(request, _("Saved."))
        return redirect("inventory:campaign-detail", pk=pk)
    return render(request, "inventory/campaign_form.html", {"form": form, "campaign": campaign})


@require_POST
def campaign_open(request: HttpRequest, pk: int) -> HttpResponse:
    return _move(request, pk, CampaignState.OPEN)


@require_POST
def campaign_close(request: HttpRequest, pk: int) -> HttpResponse:
    return _move(request, pk, CampaignState.CLOSED)


@require_http_methods(["GET", "POST"])
def participation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    visible = CampaignInstitution.objects.visible_to(membership).select_related(
        "campaign", "institution"
    )
    participation = visible_or_404(visible, pk=pk)
    require(permissions.can_set_participation(membership, participation))
    form = ParticipationForm(request.POST or None, instance=participation)
    if form.is_valid():
        campaigns.save_participation(
            participation=form.save(commit=False),
            changed=form.changed_data,
            seen_version=seen_version(request),
            actor=membership,
        )
        messages.success(request, _("Saved."))
        return redirect("inventory:campaign-detail", pk=participation.campaign_id)
    context = {"form": form, "participation": participation}
    return render(request, "inventory/participation_form.html", context)


def _move(request: HttpRequest, pk: int, to_state: CampaignState) -> HttpResponse:
    membership = membership_of(request)
    campaign = visible_or_404(Campaign.objects.visible_to(membership), pk=pk)
    require(permissions.can_manage_campaigns(membership))
    campaigns.move_campaign(
        campaign=campaign,
        to_state=to_state,
        seen_version=seen_version(request),
        actor=membership,
    )
    return redirect("inventory:campaign-detail", pk=pk)


def _own(membership: Membership, campaign: Campaign) -> CampaignInstitution | None:
    """The participation of the person's own institution, if it has one."""
    return (
        CampaignInstitution.objects.visible_to(membership)
        .filter(campaign=campaign, institution=membership.organisation_id)
        .first()
    )
