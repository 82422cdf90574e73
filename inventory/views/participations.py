"""An institution's part in a campaign: responsible unit, contacts, work plan, milestones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.forms.participations import ParticipationForm, PlanForm
from inventory.models import CampaignInstitution, PlanFile
from inventory.queries.plans import plans_of
from inventory.services import campaigns, plans
from inventory.views import campaign_pages
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.models import Membership
from portal.services import files
from portal.text import mask_contact


@require_safe
def participation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership, participation = _visible(request, pk)
    return render(
        request, "inventory/participation_detail.html", _page(participation, membership, PlanForm())
    )


@require_http_methods(["GET", "POST"])
def participation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    membership, participation = _visible(request, pk)
    require(permissions.can_set_participation(membership, participation))
    version = participation.version
    form = ParticipationForm(request.POST or None, instance=participation)
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            campaigns.save_participation(
                participation=form.save(commit=False),
                changed=form.changed_data,
                seen_version=version,
                actor=membership,
            )
        except StaleVersion:
            return participation_edit(request, pk)
        messages.success(request, _("Saved."))
        return redirect("inventory:participation-detail", pk=pk)
    context = {"form": form, "participation": participation, **form.conflict(request.path)}
    status = 409 if form.merge else 200
    return render(request, "inventory/participation_form.html", context, status=status)


@require_POST
def plan_add(request: HttpRequest, pk: int) -> HttpResponse:
    """The next version of the work plan, of the institution itself."""
    membership, participation = _visible(request, pk)
    require(permissions.can_plan(membership, participation))
    form = PlanForm(request.POST, request.FILES)
    if not form.is_valid():
        page = _page(participation, membership, form)
        return render(request, "inventory/participation_detail.html", page, status=422)
    upload = form.cleaned_data["file"]
    plan = plans.add_plan(
        participation=participation,
        content=upload,
        name=upload.name,
        note=form.cleaned_data["note"],
        actor=membership,
    )
    messages.success(request, _("Kept as version %(number)s.") % {"number": plan.number})
    return redirect("inventory:participation-detail", pk=pk)


@require_safe
def plan_file(request: HttpRequest, pk: int) -> FileResponse:
    """A version of the plan, for whoever may see the participation; audited."""
    membership = membership_of(request)
    visible = PlanFile.objects.visible_to(membership).select_related("file")
    plan = visible_or_404(visible, pk=pk)
    file = files.record_opening(file=plan.file, actor=membership)
    return FileResponse(file.content.open("rb"), as_attachment=True, filename=file.name)


def _visible(request: HttpRequest, pk: int) -> tuple[Membership, CampaignInstitution]:
    membership = membership_of(request)
    visible = CampaignInstitution.objects.visible_to(membership).select_related(
        "campaign", "institution", "responsible_unit"
    )
    return membership, visible_or_404(visible, pk=pk)


def _page(
    participation: CampaignInstitution, membership: Membership, form: PlanForm
) -> dict[str, Any]:
    seen = CampaignInstitution.objects.visible_to(membership).filter(pk=participation.pk)
    return {
        "participation": participation,
        "row": campaign_pages.rows(seen, membership)[0],
        "plans": plans_of(participation),
        "contacts": _contacts(participation, membership),
        "plan_form": form,
        "can_set": permissions.can_set_participation(membership, participation),
        "can_plan": permissions.can_plan(membership, participation),
        "is_own": membership.is_of_institution,
    }


def _contacts(participation: CampaignInstitution, membership: Membership) -> list[dict[str, str]]:
    """Both contacts; numbers in full for the institution that keeps them, masked for others."""
    may_read = permissions.can_plan(membership, participation)
    pairs = (
        (participation.first_contact_name, participation.first_contact_phone),
        (participation.second_contact_name, participation.second_contact_phone),
    )
    return [
        {"name": name, "phone": phone if may_read else mask_contact(phone)}
        for name, phone in pairs
        if name
    ]
