"""The city pool: what is in it and what became of nominations, the rule, the preview of a nomination."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inventory import bulk_pool, permissions
from inventory.choices import POOL_OUT, PoolState
from inventory.forms.pool import PoolRuleForm
from inventory.lists.pool import NOMINEES, POOL, RELATED
from inventory.models import Dossier, PoolEntry, PoolRule
from inventory.services import pool
from portal.access import membership_of, require, visible_or_404
from portal.bulk.pages import bar_of
from portal.bulk.staging import picked_keys
from portal.listing import page_of, render_list
from portal.lists.place import in_drawer, place_in_list
from portal.models import Membership
from portal.text import clean

# declined ones that come again are taken up one by one; what is nominated leaves the list, and the next come up
AGAIN = 50


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
    return bar_of(membership, bulk_pool.ADMIT, bulk_pool.DECLINE, bulk_pool.TAKE_OUT)


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
    if in_drawer(request):
        context["place_in_list"] = place_in_list(request)
        return render(request, "inventory/pool_drawer.html", context)
    return render(request, "inventory/pool_detail.html", context)


@require_http_methods(["GET", "POST"])
def pool_preview(request: HttpRequest) -> HttpResponse:
    """GET says whom the rule nominates; POST nominates declined ones again, with a note."""
    membership = membership_of(request)
    require(permissions.can_nominate(membership, membership.organisation_id))
    rule = pool.current_rule()
    if request.method == "POST" and rule is not None:
        return _nominate_again(request, membership, rule)
    screening: dict[str, Any] = {"rule": None}
    if rule is not None:
        # keys first: a row is wide, and only these few are shown
        found = pool.declined_before(rule, membership.organisation_id).order_by("-stars", "pk")
        again = Dossier.objects.visible_to(membership).filter(
            pk__in=list(found.values_list("pk", flat=True)[:AGAIN])
        )
        screening = {
            "rule": rule,
            "declined": again.select_related("patent")
            .prefetch_related("pool_entries")
            .order_by("-stars", "pk"),
        }
    context = {
        **screening,
        "bulk_actions": bar_of(membership, bulk_pool.NOMINATE),
        "empty_action": {
            "url": reverse("inventory:pool-list"),
            "label": _("Go to the city pool"),
        },
    }
    return render_list(request, "inventory/pool_preview.html", page_of(request, NOMINEES), context)


@require_safe
def pool_screening(request: HttpRequest) -> HttpResponse:
    """How many the rule takes and why others stay out, asked for by the preview when it stands.

    A fragment of its own: every complete dossier of the institution is counted.
    """
    membership = membership_of(request)
    require(permissions.can_nominate(membership, membership.organisation_id))
    rule = pool.current_rule()
    screening = pool.screen(rule, membership.organisation_id) if rule is not None else None
    context = {"rule": rule, "screening": screening}
    response = render(request, "inventory/pool_screening.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _nominate_again(request: HttpRequest, membership: Membership, rule: PoolRule) -> HttpResponse:
    """What the city declined once comes again one by one, with a note of what changed since."""
    found = pool.declined_before(rule, membership.organisation_id)
    ids = picked_keys(request.POST.getlist("pick"))
    note = clean(request.POST.get("note", ""))[:500]
    chosen = found.filter(pk__in=ids).values_list("pk", flat=True)
    made = pool.nominate(rule=rule, ids=chosen, actor=membership, note=note)
    if not made:
        messages.error(request, _("Tick at least one row."))
        return redirect("inventory:pool-preview")
    messages.success(request, bulk_pool.nominated(len(made)))
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
