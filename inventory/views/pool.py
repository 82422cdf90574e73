"""The city pool: what is in it, the rule, the preview of a nomination, removal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.filters.campaigns import PoolFilter
from inventory.forms.campaigns import PoolRuleForm, RemovalForm
from inventory.lists.pool import ORDERINGS
from inventory.models import PoolEntry, PoolRule
from inventory.services import pool
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.listing import list_page, render_list
from portal.models import Membership
from portal.picking import picked_keys


@require_safe
def pool_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = list_page(
        request,
        queryset=PoolEntry.objects.visible_to(membership).select_related(
            "patent", "institution", "rule", "nominated_by__user"
        ),
        filterset_class=PoolFilter,
        orderings=ORDERINGS,
    )
    context = {
        "rule": pool.current_rule(),
        "can_nominate": permissions.can_nominate(membership, membership.organisation_id),
        "can_set_rule": permissions.can_set_pool_rule(membership),
    }
    return render_list(request, "inventory/pool_list.html", page, context)


@require_http_methods(["GET", "POST"])
def pool_preview(request: HttpRequest) -> HttpResponse:
    """GET says whom the rule nominates and why others stay out; POST nominates the ticked ones, or all."""
    membership = membership_of(request)
    require(permissions.can_nominate(membership, membership.organisation_id))
    rule = pool.current_rule()
    if rule is None:
        return render(request, "inventory/pool_preview.html", {"rule": None})
    if request.method == "POST":
        return _nominate(request, membership, rule)
    found = pool.qualifying(rule, membership.organisation_id)
    here = reverse("inventory:pool-preview")
    context = {
        "rule": rule,
        "screening": pool.screen(rule, membership.organisation_id),
        "dossiers": found.select_related("patent", "unit").order_by("-stars", "pk")[:200],
        "bulk_actions": [
            {"label": _("Nominate"), "url": here, "icon": "database-plus", "tone": ""}
        ],
    }
    return render(request, "inventory/pool_preview.html", context)


def _nominate(request: HttpRequest, membership: Membership, rule: PoolRule) -> HttpResponse:
    found = pool.qualifying(rule, membership.organisation_id)
    if request.POST.get("all_matching") != "1":
        found = found.filter(pk__in=picked_keys(request))
    note = request.POST.get("note", "")[:500]
    made = pool.nominate(
        rule=rule, ids=found.values_list("pk", flat=True), actor=membership, note=note
    )
    if not made:
        messages.error(request, _("Tick at least one row."))
        return redirect("inventory:pool-preview")
    text = ngettext("%(count)s patent nominated.", "%(count)s patents nominated.", len(made))
    messages.success(request, text % {"count": len(made)})
    return redirect("inventory:pool-list")


@require_http_methods(["GET", "POST"])
def pool_rule(request: HttpRequest) -> HttpResponse:
    """All versions of the rule; the lead bureau sets the next one."""
    membership = membership_of(request)
    current = pool.current_rule()
    can_set = permissions.can_set_pool_rule(membership)
    if request.method == "POST":
        require(can_set)
    form = PoolRuleForm(request.POST or None, instance=current)
    if request.method == "POST" and form.is_valid():
        pool.set_rule(values=form.cleaned_data, actor=membership)
        messages.success(request, _("The new version of the rule is in force."))
        return redirect("inventory:pool-rule")
    context = {
        "rules": PoolRule.objects.visible_to(membership).select_related("created_by__user"),
        "form": form,
        "can_set": can_set,
    }
    return render(request, "inventory/pool_rule.html", context)


@require_POST
def pool_remove(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    entry = visible_or_404(PoolEntry.objects.visible_to(membership), pk=pk)
    require(permissions.can_remove_from_pool(membership, entry.institution_id))
    form = RemovalForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is taken out of the pool."))
        return redirect("inventory:pool-list")
    pool.remove_from_pool(
        entry=entry,
        reason=form.cleaned_data["reason"],
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Taken out of the pool."))
    return redirect("inventory:pool-list")
