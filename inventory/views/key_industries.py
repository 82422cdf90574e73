"""重点产业: what the city wants first, and the strong disciplines beside them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inventory import permissions
from inventory.forms.classification import KeyIndustryForm, proposals
from inventory.models import KeyIndustry
from inventory.services import priorities
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.models import Unit


def tabs(current: str) -> list[dict[str, Any]]:
    """Key industries and classification tables, side by side."""
    pages = (
        ("key-industry-list", _("Key industries")),
        ("classification-list", _("Classifications")),
    )
    return [
        {"label": label, "url": reverse(f"inventory:{name}"), "is_current": name == current}
        for name, label in pages
    ]


@require_safe
def key_industry_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    can_set = permissions.can_set_key_industries(membership)
    context = {
        "industries": KeyIndustry.objects.visible_to(membership),
        "disciplines": Unit.objects.visible_to(membership)
        .filter(is_strong_discipline=True)
        .select_related("organisation")
        .order_by("organisation__name_key", "path")[:200],
        "can_set": can_set,
        "proposals": proposals() if can_set else [],
        "tabs": tabs("key-industry-list"),
    }
    return render(request, "inventory/key_industry_list.html", context)


@require_http_methods(["GET", "POST"])
def key_industry_new(request: HttpRequest) -> HttpResponse:
    """A new one; the address may propose a name and codes."""
    membership = membership_of(request)
    require(permissions.can_set_key_industries(membership))
    proposed = {
        "name": request.GET.get("name", ""),
        "strategic_codes": request.GET.getlist("strategic_codes"),
    }
    form = KeyIndustryForm(request.POST or None, initial=proposed)
    if form.is_valid():
        priorities.create_key_industry(values=form.cleaned_data, actor=membership)
        messages.success(request, _("Saved. The order of the work lists follows in a moment."))
        return redirect("inventory:key-industry-list")
    return render(request, "inventory/key_industry_form.html", {"form": form, "industry": None})


@require_http_methods(["GET", "POST"])
def key_industry_edit(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    industry = visible_or_404(KeyIndustry.objects.visible_to(membership), pk=pk)
    require(permissions.can_set_key_industries(membership))
    version = industry.version
    form = KeyIndustryForm(request.POST or None, instance=industry)
    if form.is_valid():
        priorities.change_key_industry(
            industry=industry,
            values=form.cleaned_data,
            seen_version=seen_version(request),
            actor=membership,
        )
        messages.success(request, _("Saved. The order of the work lists follows in a moment."))
        return redirect("inventory:key-industry-list")
    context = {"form": form, "industry": industry, "version": version}
    return render(request, "inventory/key_industry_form.html", context)
