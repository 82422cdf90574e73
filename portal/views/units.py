"""The unit tree of an organisation: add, rename, deactivate."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import permissions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.forms.organisations import UnitForm
from portal.models import Organisation, Unit
from portal.services import organisations


@require_http_methods(["GET", "POST"])
def new_unit(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit of organisation `pk`, below ?parent= or at the top."""
    membership = membership_of(request)
    organisation = visible_or_404(Organisation.objects.visible_to(membership), pk=pk)
    require(permissions.can_edit_units(membership, organisation))
    parent = None
    if wanted := request.GET.get("parent"):
        if not wanted.isdecimal():
            raise Http404
        parent = visible_or_404(
            Unit.objects.visible_to(membership), pk=wanted, organisation=organisation
        )
    form = UnitForm(request.POST or None, instance=Unit(organisation=organisation, parent=parent))
    if request.method == "POST" and form.is_valid():
        organisations.create_unit(
            organisation=organisation,
            parent=parent,
            name=form.cleaned_data["name"],
            actor=membership,
        )
        messages.success(request, _("Saved."))
        return redirect("portal:organisation-detail", pk=pk)
    level_name = organisation.unit_level_name(parent.level + 1 if parent else 1)
    context = {
        "form": form,
        "organisation": organisation,
        "parent": parent,
        "level_name": level_name,
    }
    return render(request, "portal/unit_form.html", context)


@require_http_methods(["GET", "POST"])
def edit_unit(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    unit = visible_or_404(
        Unit.objects.visible_to(membership).select_related("organisation", "parent"), pk=pk
    )
    require(permissions.can_edit_units(membership, unit.organisation))
    version = unit.version
    form = UnitForm(request.POST or None, instance=unit)
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            organisations.change_unit(
                unit=unit, values=form.cleaned_data, seen_version=version, actor=membership
            )
        except StaleVersion:
            return edit_unit(request, pk)
        messages.success(request, _("Saved."))
        return redirect("portal:organisation-detail", pk=unit.organisation_id)
    context = {
        "form": form,
        "organisation": unit.organisation,
        "parent": unit.parent,
        "unit": unit,
        "level_name": unit.level_name,
        **form.conflict(request.path),
    }
    return render(request, "portal/unit_form.html", context, status=409 if form.merge else 200)
