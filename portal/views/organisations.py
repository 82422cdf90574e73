"""Organisations and their pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import permissions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.forms.organisations import OrganisationForm
from portal.listing import page_of, render_list
from portal.lists.kernel import ORGANISATIONS
from portal.models import Membership, Organisation, Unit
from portal.navigation import panels_on
from portal.services import organisations
from portal.unit_tree import tree_of


@require_safe
def list_organisations(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, ORGANISATIONS)
    can_edit = permissions.can_edit_organisations(membership)
    return render_list(request, "portal/organisation_list.html", page, {"can_edit": can_edit})


@require_safe
def show_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Facts, names, bureaus in charge, the unit tree."""
    membership = membership_of(request)
    organisation = visible_or_404(
        Organisation.objects.visible_to(membership).with_supervisors(), pk=pk
    )
    units = (
        Unit.objects.visible_to(membership).with_people_count().filter(organisation=organisation)
    )
    context = {
        "organisation": organisation,
        "names": organisations.further_names(organisation),
        "units": tree_of(organisation, units),
        # what other apps offer for a unit of the tree
        "unit_acts": panels_on("portal.unit", membership, organisation),
        "can_edit": permissions.can_edit_organisations(membership),
        "can_edit_units": permissions.can_edit_units(membership, organisation),
        "can_list_people": permissions.can_list_people(membership),
        "panels": panels_on("portal.organisation", membership, organisation),
    }
    return render(request, "portal/organisation_detail.html", context)


@require_safe
def show_own(request: HttpRequest) -> HttpResponse:
    """The page of the organisation one acts for: what the menu leads to."""
    return redirect("portal:organisation-detail", pk=membership_of(request).organisation_id)


@require_http_methods(["GET", "POST"])
def new_organisation(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_edit_organisations(membership))
    form = _form(request, membership, Organisation())
    if request.method == "POST" and form.is_valid():
        made = organisations.create_organisation(
            values=form.values(),
            names=form.cleaned_data["names"],
            supervisors=form.cleaned_data["supervisors"],
            actor=membership,
        )
        messages.success(request, _("Saved."))
        return redirect("portal:organisation-detail", pk=made.pk)
    context = {"form": form, "organisation": None}
    return render(request, "portal/organisation_form.html", context)


@require_http_methods(["GET", "POST"])
def edit_organisation(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    organisation = visible_or_404(Organisation.objects.visible_to(membership), pk=pk)
    require(permissions.can_edit_organisations(membership))
    version, name = organisation.version, organisation.name
    form = _form(request, membership, organisation)
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            organisations.change_organisation(
                organisation=organisation,
                values=form.values(),
                names=form.cleaned_data["names"],
                supervisors=form.cleaned_data["supervisors"],
                seen_version=version,
                actor=membership,
            )
        except StaleVersion:
            return edit_organisation(request, pk)
        messages.success(request, _("Saved."))
        return redirect("portal:organisation-detail", pk=pk)
    context = {
        "form": form,
        "organisation": organisation,
        "name": name,
        **form.conflict(request.path),
    }
    status = 409 if form.merge else 200
    return render(request, "portal/organisation_form.html", context, status=status)


def _form(
    request: HttpRequest, membership: Membership, organisation: Organisation
) -> OrganisationForm:
    names = organisations.further_names(organisation) if organisation.pk else []
    return OrganisationForm(
        request.POST or None,
        instance=organisation,
        bureaus=Organisation.objects.visible_to(membership),
        further_names=names,
    )
