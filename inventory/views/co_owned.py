"""Co-owned patents: who files, and handing filing over, one or many."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions
from inventory.filters.co_owned import CoOwnedFilter, HandoverFilter
from inventory.forms.co_owned import AnswerForm, OfferForm
from inventory.holder_choices import HandoverState
from inventory.lists.co_owned import CO_OWNED, HANDOVERS
from inventory.models import BaseListEntry, Dossier, HandoverOffer
from inventory.queries import co_owned as queries
from inventory.services import handovers
from portal.access import membership_of, require
from portal.listing import page_of, render_list
from portal.models import Membership
from portal.picking import picked_versions

SHOWN = 10
ACTS = {
    "accept": HandoverState.ACCEPTED,
    "decline": HandoverState.DECLINED,
    "withdraw": HandoverState.WITHDRAWN,
}


@require_safe
def co_owned_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, CO_OWNED)
    context = {
        "bulk_actions": _offering(membership),
        "empty_action": {"url": reverse("inventory:entry-list"), "label": _("Go to the work list")},
    }
    return render_list(request, "inventory/co_owned_list.html", page, context)


def _offering(membership: Membership) -> list[dict[str, Any]]:
    if not permissions.can_offer_handovers(membership):
        return []
    url = reverse("inventory:handover-offer")
    return [{"label": _("Offer to hand over"), "url": url, "icon": "switch-horizontal", "tone": ""}]


@require_POST
def handover_offer(request: HttpRequest) -> HttpResponse:
    """Step one says which dossiers and asks to whom and why; step two offers them."""
    membership = membership_of(request)
    require(permissions.can_offer_handovers(membership))
    back = reverse("inventory:co-owned-list")
    scoped = BaseListEntry.objects.visible_to(membership).filter(
        dossier__participation__institution=membership.organisation_id
    )
    try:
        picked = picked_versions(
            request, scoped, CoOwnedFilter, key="dossier_id", version="dossier__version"
        )
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return redirect(back)
    parts = [part for found in queries.receivers_of(picked).values() for part in found]
    data = request.POST if "confirm" in request.POST else None
    form = OfferForm(data, receivers=[part.institution_id for part in parts])
    if form.is_valid():
        outcome = handovers.offer_handovers(versions=picked, actor=membership, **form.cleaned_data)
        _report(request, len(outcome.done), [(d.patent, why) for d, why in outcome.refused])
        return redirect(back)
    context = {"form": form, "picked": picked, "count": len(picked), "back": back}
    context["dossiers"] = Dossier.objects.visible_to(membership).filter(pk__in=picked)[:200]
    return render(request, "inventory/handover_offer.html", {**context, "has_receiver": parts})


def _report(request: HttpRequest, count: int, refused: list[tuple[Any, str]]) -> None:
    """How many, and for the first refused ones why."""
    if count:
        text = ngettext("%(count)s dossier done.", "%(count)s dossiers done.", count)
        messages.success(request, text % {"count": count})
    for patent, why in refused[:SHOWN]:
        messages.warning(request, f"{patent.number} {patent.title[:40]}：{why}")
    if len(refused) > SHOWN:
        more = _("%(count)s more were refused.") % {"count": len(refused) - SHOWN}
        messages.warning(request, more)


@require_safe
def handover_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, HANDOVERS)
    to_list = reverse("inventory:co-owned-list")
    context = {
        "bulk_actions": _answers(membership),
        "empty_action": {"url": to_list, "label": _("Go to the co-owned patents")},
    }
    return render_list(request, "inventory/handover_list.html", page, context)


def _answers(membership: Membership) -> list[dict[str, Any]]:
    if not permissions.can_offer_handovers(membership):
        return []
    return [
        {
            "label": _("Accept"),
            "url": reverse("inventory:handover-accept"),
            "icon": "check",
            "tone": "",
        },
        {
            "label": _("Decline"),
            "url": reverse("inventory:handover-decline"),
            "icon": "x",
            "tone": "",
        },
        {
            "label": _("Withdraw"),
            "url": reverse("inventory:handover-withdraw"),
            "icon": "arrow-back-up",
            "tone": "",
        },
    ]


@require_POST
def handover_answer(request: HttpRequest, act: str) -> HttpResponse:
    """Accept, decline or withdraw the ticked offers: consequences first."""
    membership = membership_of(request)
    require(permissions.can_offer_handovers(membership))
    back = reverse("inventory:handover-list")
    visible = HandoverOffer.objects.visible_to(membership)
    try:
        picked = picked_versions(request, visible, HandoverFilter)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return redirect(back)
    data = request.POST if "confirm" in request.POST else None
    form = AnswerForm(data, is_needed=act == "decline")
    if form.is_valid():
        outcome = handovers.answer_handovers(
            versions=picked, to_state=ACTS[act], actor=membership, **form.cleaned_data
        )
        refused = [(offer.dossier.patent, why) for offer, why in outcome.refused]
        _report(request, len(outcome.done), refused)
        return redirect(back)
    context = {"form": form, "act": act, "picked": picked, "count": len(picked), "back": back}
    context["offers"] = visible.filter(pk__in=picked).select_related("dossier__patent")[:200]
    return render(request, "inventory/handover_answer.html", context)
