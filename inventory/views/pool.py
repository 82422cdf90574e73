"""The city pool: what is in it and what became of nominations, the rule, the preview of a nomination."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from inventory import permissions
from inventory.choices import POOL_OUT, PoolState
from inventory.forms.pool import PoolRuleForm
from inventory.lists.pool import POOL, RELATED
from inventory.models import PoolEntry, PoolRule
from inventory.services import pool
from portal.access import membership_of, require, visible_or_404
from portal.listing import page_of, render_list
from portal.models import Membership
from portal.picking import picked_keys
from portal.text import clean


@require_safe
def pool_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, POOL)
    context = {
        "rule": pool.current_rule(),
        "can_nominate": permissions.can_nominate(membership, membership.organisation_id),
        "tabs": _tabs(request),
        "bulk_actions": bulk_actions(membership),
        "empty_action": _see_which_qualify(membership),
    }
    return render_list(request, "inventory/pool_list.html", page, context)


def _see_which_qualify(membership: Membership) -> dict[str, str] | None:
    """Where a manager goes whose pool is empty."""
    if not permissions.can_nominate(membership, membership.organisation_id):
        return None
    return {"url": reverse("inventory:pool-preview"), "label": _("See which qualify")}


def _tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """One tab a state; the filter says which is open."""
    here, chosen = reverse("inventory:pool-list"), request.GET.get("state", "")
    every = {"label": _("All"), "url": here, "is_current": not chosen}
    return [
        every,
        *(
            {"label": label, "url": f"{here}?state={value}", "is_current": chosen == value}
            for value, label in PoolState.choices
        ),
    ]


def bulk_actions(membership: Membership) -> list[dict[str, Any]]:
    """What this person may do with ticked entries."""
    acts = []
    if permissions.can_decide_nominations(membership):
        acts += [
            {"label": _("Admit"), "page": "pool-admit", "icon": "check"},
            {"label": _("Decline"), "page": "pool-decline", "icon": "x"},
        ]
    if permissions.can_remove_from_pool(membership, membership.organisation_id):
        acts.append({"label": _("Take out"), "page": "pool-take-out", "icon": "arrow-back-up"})
    return [{**act, "url": reverse(f"inventory:{act['page']}"), "tone": ""} for act in acts]


@require_safe
def pool_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One nomination: why it qualified, what became of it and why, every step."""
    membership = membership_of(request)
    visible = PoolEntry.objects.visible_to(membership).select_related(*RELATED, "decided_by__user")
    entry = visible_or_404(visible, pk=pk)
    steps = entry.steps.select_related("actor__user", "actor__organisation").order_by("-pk")
    context = {
        "entry": entry,
        "history": [
            {
                "at": step.at,
                "actor": f"{step.actor.user.name} · {step.actor.organisation.name}",
                "title": step.get_to_state_display(),
                "reason": step.reason,
            }
            for step in steps
        ],
        "earlier": PoolEntry.objects.visible_to(membership)
        .filter(patent=entry.patent_id)
        .exclude(pk=entry.pk),
        "actions": bulk_actions(membership) if entry.state not in POOL_OUT else [],
    }
    return render(request, "inventory/pool_detail.html", context)


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
        "declined": pool.declined_before(found)
        .select_related("patent")
        .prefetch_related("pool_entries")
        .order_by("-stars", "pk")[:200],
        "dossiers": pool.new_ones(found)
        .select_related("patent", "unit")
        .order_by("-stars", "pk")[:200],
        "bulk_actions": [
            {"label": _("Nominate"), "url": here, "icon": "database-plus", "tone": ""}
        ],
    }
    return render(request, "inventory/pool_preview.html", context)


def _nominate(request: HttpRequest, membership: Membership, rule: PoolRule) -> HttpResponse:
    found = pool.qualifying(rule, membership.organisation_id)
    if request.POST.get("all_matching") == "1":
        found = pool.new_ones(found)
    else:
        found = found.filter(pk__in=picked_keys(request))
    note = clean(request.POST.get("note", ""))[:500]
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
