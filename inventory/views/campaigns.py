"""Campaigns and each institution's part in them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.choices import CampaignState
from inventory.forms.campaigns import CampaignForm
from inventory.lists.campaigns import CAMPAIGNS
from inventory.models import Campaign, CampaignInstitution, Milestone
from inventory.services import campaigns
from inventory.views import campaign_pages
from portal import clock
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.listing import page_of, render_list


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
    """The campaign with its milestones and institutions: plan, progress, and who is late, the latest first."""
    membership = membership_of(request)
    visible = Campaign.objects.visible_to(membership).select_related("follows")
    campaign = visible_or_404(visible, pk=pk)
    seen = CampaignInstitution.objects.visible_to(membership).filter(campaign=campaign)
    can_manage = permissions.can_manage_campaigns(membership)
    context = {
        "campaign": campaign,
        "milestones": Milestone.objects.visible_to(membership).filter(
            campaign=campaign, participation__isnull=True
        ),
        "rows": campaign_pages.rows(seen, membership),
        "is_late": campaign.due_on < clock.today() and not campaign.is_rolling,
        "can_manage": can_manage,
        "can_urge": permissions.can_urge(membership),
        "is_own": membership.is_of_institution,
    }
    return render(request, "inventory/campaign_detail.html", context)


@require_http_methods(["GET", "POST"])
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    campaign = visible_or_404(Campaign.objects.visible_to(membership), pk=pk)
    require(permissions.can_manage_campaigns(membership))
    version = campaign.version
    form = CampaignForm(request.POST or None, instance=campaign)
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            campaigns.save_campaign(
                campaign=form.save(commit=False),
                changed=form.changed_fields,
                institutions=form.cleaned_data["institutions"],
                seen_version=version,
                actor=membership,
            )
        except StaleVersion:
            return campaign_edit(request, pk)
        messages.success(request, _("Saved."))
        return redirect("inventory:campaign-detail", pk=pk)
    context = {"form": form, "campaign": campaign, **form.conflict(request.path)}
    status = 409 if form.merge else 200
    return render(request, "inventory/campaign_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def campaign_open(request: HttpRequest, pk: int) -> HttpResponse:
    """What opening would do, then opening: the list of a campaign that follows another is filled by a job."""
    membership = membership_of(request)
    campaign = visible_or_404(Campaign.objects.visible_to(membership), pk=pk)
    require(permissions.can_manage_campaigns(membership))
    if request.method == "POST":
        job = campaigns.open_campaign(
            campaign=campaign, seen_version=seen_version(request), actor=membership
        )
        messages.success(request, _("The campaign is open. Its institutions can begin."))
        if job is not None:
            return redirect("portal:job-detail", pk=job.pk)
        return redirect("inventory:campaign-detail", pk=pk)
    context = {"campaign": campaign, "consequences": campaign_pages.consequences(campaign)}
    return render(request, "inventory/campaign_open.html", context)


@require_POST
def campaign_close(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    campaign = visible_or_404(Campaign.objects.visible_to(membership), pk=pk)
    require(permissions.can_manage_campaigns(membership))
    campaigns.move_campaign(
        campaign=campaign,
        to_state=CampaignState.CLOSED,
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("The campaign is closed. Its figures stay as they are."))
    return redirect("inventory:campaign-detail", pk=pk)
