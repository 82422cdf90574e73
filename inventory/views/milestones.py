"""Milestones: the campaign's by the lead bureau, an institution's own by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inventory import permissions
from inventory.forms.participations import EarlierDayForm, MilestoneForm
from inventory.models import Campaign, CampaignInstitution, Milestone
from inventory.services import milestones
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.models import Membership


@require_http_methods(["GET", "POST"])
def milestone_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A further milestone of the campaign, for everybody."""
    membership = membership_of(request)
    campaign = visible_or_404(Campaign.objects.visible_to(membership), pk=pk)
    require(permissions.can_manage_campaigns(membership))
    return _edit(request, Milestone(campaign=campaign, share=100), membership)


@require_http_methods(["GET", "POST"])
def milestone_own(request: HttpRequest, pk: int) -> HttpResponse:
    """A further milestone of the institution itself."""
    membership = membership_of(request)
    visible = CampaignInstitution.objects.visible_to(membership).select_related("campaign")
    participation = visible_or_404(visible, pk=pk)
    require(permissions.can_plan(membership, participation))
    milestone = Milestone(campaign=participation.campaign, participation=participation, share=100)
    return _edit(request, milestone, membership)


@require_http_methods(["GET", "POST"])
def milestone_edit(request: HttpRequest, pk: int) -> HttpResponse:
    membership, milestone = _mine(request, pk)
    return _edit(request, milestone, membership)


@require_POST
def milestone_remove(request: HttpRequest, pk: int) -> HttpResponse:
    membership, milestone = _mine(request, pk)
    back = _back(milestone)
    milestones.remove_milestone(
        milestone=milestone, seen_version=seen_version(request), actor=membership
    )
    messages.success(request, _("Milestone removed."))
    return redirect(back)


@require_http_methods(["GET", "POST"])
def milestone_earlier(request: HttpRequest, pk: int) -> HttpResponse:
    """The own institution's earlier day for a milestone of the campaign."""
    membership = membership_of(request)
    visible = Milestone.objects.visible_to(membership).select_related("campaign")
    milestone = visible_or_404(visible.filter(participation__isnull=True), pk=pk)
    participation = _own_participation(membership, milestone)
    require(permissions.can_plan(membership, participation))
    own = Milestone.objects.visible_to(membership).filter(
        participation=participation, replaces=milestone
    )
    before = own.first()
    initial = {"due_on": before.due_on if before else None}
    form = EarlierDayForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            milestones.set_earlier_day(
                milestone=milestone,
                participation=participation,
                due_on=form.cleaned_data["due_on"],
                actor=membership,
            )
        except ValidationError as problem:
            form.add_error("due_on", problem)
        else:
            messages.success(request, _("Saved."))
            return redirect("inventory:participation-detail", pk=participation.pk)
    context = {"form": form, "milestone": milestone, "back": _page_of(participation)}
    return render(request, "inventory/milestone_earlier.html", context)


def _edit(request: HttpRequest, milestone: Milestone, membership: Membership) -> HttpResponse:
    form = MilestoneForm(request.POST or None, instance=milestone)
    back = _back(milestone)
    if form.is_valid() and _saved(request, form, membership):
        messages.success(request, _("Saved."))
        return redirect(back)
    context: dict[str, Any] = {"form": form, "milestone": milestone, "back": back}
    return render(request, "inventory/milestone_form.html", context)


def _saved(request: HttpRequest, form: MilestoneForm, membership: Membership) -> bool:
    milestone = form.save(commit=False)
    try:
        if milestone.pk is None:
            milestones.add_milestone(milestone=milestone, actor=membership)
        else:
            milestones.save_milestone(
                milestone=milestone, seen_version=seen_version(request), actor=membership
            )
    except ValidationError as problem:
        form.add_error(None, problem)
        return False
    return True


def _mine(request: HttpRequest, pk: int) -> tuple[Membership, Milestone]:
    """A milestone that this membership may change: the campaign's, or the own institution's."""
    membership = membership_of(request)
    visible = Milestone.objects.visible_to(membership).select_related("campaign", "participation")
    milestone = visible_or_404(visible.filter(replaces__isnull=True), pk=pk)
    if milestone.participation is None:
        require(permissions.can_manage_campaigns(membership))
    else:
        require(permissions.can_plan(membership, milestone.participation))
    return membership, milestone


def _own_participation(membership: Membership, milestone: Milestone) -> CampaignInstitution:
    """The membership's institution in the milestone's campaign; officials have none, which is not theirs to set."""
    found = (
        CampaignInstitution.objects.visible_to(membership)
        .filter(campaign=milestone.campaign_id)
        .order_by("pk")
    )
    own = found.filter(institution=membership.organisation_id).first() or found.first()
    if own is None:
        raise Http404
    return own


def _back(milestone: Milestone) -> str:
    if milestone.participation_id is None:
        return reverse("inventory:campaign-detail", args=[milestone.campaign_id])
    return reverse("inventory:participation-detail", args=[milestone.participation_id])


def _page_of(participation: CampaignInstitution) -> str:
    return reverse("inventory:participation-detail", args=[participation.pk])
