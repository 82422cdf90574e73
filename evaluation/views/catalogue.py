"""The catalogue of the city pool for enterprises, experts and service bodies."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from evaluation import permissions
from evaluation.forms.enterprises import ProfileForm
from evaluation.lists.catalogue import CATALOGUE, own_sections
from evaluation.models import CatalogueEntry, EnterpriseProfile
from evaluation.services import enterprises
from inventory.classification.industries import SECTION_NAMES
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.listing import page_of, render_list


@require_safe
def list_catalogue(request: HttpRequest) -> HttpResponse:
    """By default an enterprise gets its own industries, and is told so."""
    membership = membership_of(request)
    page = page_of(request, CATALOGUE)
    sections = own_sections(membership)
    is_own = bool(sections) and not request.GET.get("section") and request.GET.get("all") != "1"
    context = {
        "own_sections": [f"{code} {SECTION_NAMES[code]}" for code in sections],
        "is_own": is_own,
        "can_edit_profile": permissions.can_edit_profile(membership),
        "empty_action": {"url": "?all=1", "label": _("Show all industries")} if is_own else None,
    }
    return render_list(request, "evaluation/catalogue.html", page, context)


@require_safe
def show_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Facts of the register, industry, maturity and rating; never price, contact or funding."""
    membership = membership_of(request)
    require(permissions.can_read_catalogue(membership))
    entries = CatalogueEntry.objects.visible_to(membership).select_related(
        "patent", "dossier", "institution"
    )
    entry = visible_or_404(entries.prefetch_related("patent__holders"), pk=pk)
    return render(request, "evaluation/catalogue_detail.html", {"entry": entry})


@require_http_methods(["GET", "POST"])
def edit_profile(request: HttpRequest) -> HttpResponse:
    """The enterprise's own kind and industries."""
    membership = membership_of(request)
    require(permissions.can_edit_profile(membership))
    profile = EnterpriseProfile.objects.visible_to(membership).first()
    initial = {"categories": profile.categories, "sections": profile.sections} if profile else {}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        enterprises.save_profile(
            **form.cleaned_data, seen_version=seen_version(request), actor=membership
        )
        messages.success(request, _("Saved. The catalogue shows these industries first."))
        return redirect("evaluation:catalogue")
    context = {"form": form, "version": profile.version if profile else 0}
    return render(request, "evaluation/profile.html", context)
