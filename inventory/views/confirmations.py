"""Confirmation sheets of units: which have one, making one, the stamped scan, what made one void."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions
from inventory.forms.confirmations import ConfirmationForm, ScanForm
from inventory.lists.confirmations import CONFIRMATIONS, confirmations_of, may_open
from inventory.models import Campaign, UnitConfirmation
from inventory.queries import confirmations as queries
from inventory.services import confirmations
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.choices import Role
from portal.listing import page_of, render_list
from portal.models import Membership, StoredFile

MAKERS = (Role.INSTITUTION_MANAGER, Role.UNIT_MANAGER)


@require_safe
def confirmation_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(may_open(membership))
    page = page_of(request, CONFIRMATIONS)
    campaigns = Campaign.objects.visible_to(membership)
    chosen = request.GET.get("campaign", "")
    campaign = campaigns.filter(pk=chosen).first() if chosen.isdecimal() else campaigns.first()
    is_maker = membership.role in MAKERS and campaign is not None
    context = {
        "campaign": campaign,
        "campaigns": campaigns,
        "units": queries.units_of(campaign, membership) if is_maker and campaign else None,
    }
    return render_list(request, "inventory/confirmation_list.html", page, context)


@require_POST
def confirmation_new(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(membership.role in MAKERS)
    form = ConfirmationForm(request.POST, membership=membership)
    if not form.is_valid():
        messages.error(request, _("Choose a campaign and a unit of yours."))
        return redirect("inventory:confirmation-list")
    unit = form.cleaned_data["unit"]
    require(permissions.can_confirm_unit(membership, unit))
    made = confirmations.ask_for_confirmation(
        campaign=form.cleaned_data["campaign"], unit=unit, actor=membership
    )
    return redirect(made)


@require_safe
def confirmation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    found = visible_or_404(confirmations_of(membership), pk=pk)
    return _page(request, found, membership, ScanForm())


@require_POST
def confirmation_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The stamped scan comes in."""
    membership = membership_of(request)
    found = visible_or_404(confirmations_of(membership), pk=pk)
    require(permissions.can_confirm_unit(membership, found.unit))
    form = ScanForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, found, membership, form, status=422)
    scan = form.cleaned_data["scan"]
    confirmations.keep_scan(
        confirmation=found,
        content=scan,
        name=scan.name,
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("The stamped scan was kept."))
    return redirect(found)


def may_open_file(membership: Membership, file: StoredFile) -> bool:
    """Whoever may see a sheet may open it and its scan."""
    if file.purpose != StoredFile.Purpose.EVIDENCE:
        return False
    mine = UnitConfirmation.objects.visible_to(membership)
    return mine.filter(sheet=file).exists() or mine.filter(scan=file).exists()


def _page(
    request: HttpRequest,
    found: UnitConfirmation,
    membership: Membership,
    form: ScanForm,
    status: int = 200,
) -> HttpResponse:
    context = {
        "confirmation": found,
        "changes": queries.changes_since(found),
        "form": form,
        "can_upload": permissions.can_confirm_unit(membership, found.unit),
    }
    return render(request, "inventory/confirmation_detail.html", context, status=status)
