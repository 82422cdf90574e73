"""Urging: who is late, sending to one or many, the log of both sides, reading and answering."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions, urge_text
from inventory.forms.urges import AnswerForm, UrgeForm
from inventory.lists.late import LATE, campaign_of
from inventory.lists.urges import URGES
from inventory.models import Campaign, Urge
from inventory.queries.late import TARGETS, Target, as_targets, late_targets, open_campaigns
from inventory.services import urges
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.bulk.staging import picked_keys
from portal.listing import page_of, picked_in, render_list
from portal.lists.registry import narrowed
from portal.lists.spec import Asked
from portal.models import Membership
from portal.services import notices


@require_safe
def urge_list(request: HttpRequest) -> HttpResponse:
    """What was sent and received, with who read it and what was answered."""
    membership = membership_of(request)
    page = page_of(request, URGES)
    context = {"can_urge": permissions.can_urge(membership)}
    return render_list(request, "inventory/urge_list.html", page, context)


@require_safe
def urge_targets(request: HttpRequest) -> HttpResponse:
    """Who is late with a campaign, most open work first."""
    page = page_of(request, LATE)
    membership = membership_of(request)
    campaign = campaign_of(Asked(membership, request.GET))
    targets: Sequence[Target] = page.rows
    if len(page.items) < page.total:
        every = page.filterset.qs.order_by("-open_count", "pk")
        targets = as_targets(every, membership)
    campaigns = open_campaigns(membership)
    other = next((each for each in campaigns if each != campaign), None)
    context = {
        "campaign": campaign,
        "campaigns": campaigns,
        "empty_action": other and {"url": f"?campaign={other.pk}", "label": other.name},
        "nonce": uuid.uuid4(),
        "text": urge_text.standard_text(campaign) if campaign else "",
        "chat": _chat(membership, campaign, targets),
        "above_table": "inventory/urge_above.html",
        "bulk_actions": [
            {"label": _("Urge"), "url": reverse("inventory:urge-send"), "icon": "send"}
        ],
    }
    return render_list(request, "inventory/urge_targets.html", page, context)


@require_POST
def urge_send(request: HttpRequest) -> HttpResponse:
    """Several are looked at first; one is urged with one click, and so are several once confirmed."""
    membership = membership_of(request)
    require(permissions.can_urge(membership))
    if "confirm" not in request.POST:
        return _look_first(request, membership)
    form = UrgeForm(request.POST, membership=membership)
    is_valid = form.is_valid()
    campaign = form.cleaned_data.get("campaign")
    keys = picked_keys(request.POST.getlist("pick"))
    if campaign is None or not keys:
        return _nobody(request)
    if not is_valid:
        return _preview(request, membership, (campaign, keys), form)
    order = urges.Order(
        campaign,
        keys,
        form.cleaned_data["text"],
        form.cleaned_data["nonce"],
        form.cleaned_data["is_repeat"],
    )
    _report(request, urges.send_urges(order=order, actor=membership))
    return redirect(f"{reverse('inventory:urge-targets')}?campaign={campaign.pk}")


def _look_first(request: HttpRequest, membership: Membership) -> HttpResponse:
    """The ticked ones, or all that match the filters of the list."""
    selection = picked_in(request)
    keys = [key for key, _seen in selection.picks]
    if selection.is_everything:
        keys = list(narrowed(LATE.name, selection.query, membership).values_list("pk", flat=True))
    campaign = campaign_of(Asked(membership, request.GET))
    if campaign is None or not keys:
        return _nobody(request)
    initial = {"campaign": campaign, "text": urge_text.standard_text(campaign)}
    form = UrgeForm(initial=initial, membership=membership)
    return _preview(request, membership, (campaign, keys), form)


def _nobody(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("Tick at least one row."))
    return redirect("inventory:urge-targets")


@require_safe
def urge_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    return _render(request, membership, _urge_or_404(membership, pk))


@require_POST
def urge_read(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    urge = _urge_or_404(membership, pk)
    require(permissions.can_answer_urge(membership, urge))
    urges.read_urge(urge=urge, actor=membership)
    return redirect(urge)


@require_POST
def urge_answer(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    urge = _urge_or_404(membership, pk)
    require(permissions.can_answer_urge(membership, urge))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _render(request, membership, urge, form)
    urges.answer_urge(
        urge=urge, seen_version=seen_version(request), actor=membership, **form.cleaned_data
    )
    messages.success(request, _("Answered."))
    return redirect(urge)


def _urge_or_404(membership: Membership, pk: int) -> Urge:
    return visible_or_404(Urge.objects.visible_to(membership).with_names(), pk=pk)


def _render(
    request: HttpRequest, membership: Membership, urge: Urge, form: AnswerForm | None = None
) -> HttpResponse:
    can_answer = permissions.can_answer_urge(membership, urge)
    initial = {"answer": urge.answer, "promised_on": urge.promised_on}
    context = {
        "urge": urge,
        "can_answer": can_answer,
        "form": (form or AnswerForm(initial=initial)) if can_answer else None,
        "state": urge_text.state_in_words(urge.days_late),
    }
    return render(request, "inventory/urge_detail.html", context)


def _preview(
    request: HttpRequest,
    membership: Membership,
    chosen: tuple[Campaign, Sequence[int]],
    form: UrgeForm,
) -> HttpResponse:
    """The chosen ones with their figures, the text as the first will read it, the lines for a chat group."""
    campaign, keys = chosen
    targets = late_targets(membership, campaign, keys)
    text = str(form["text"].value() or "")
    context = {
        "campaign": campaign,
        "targets": targets,
        "form": form,
        "sample": urge_text.filled_in(text, targets[0]) if targets else "",
        "chat": _chat(membership, campaign, targets),
        "urged_today": [each for each in targets if each.was_urged_today],
    }
    return render(request, "inventory/urge_preview.html", context)


def _chat(membership: Membership, campaign: Campaign | None, targets: Sequence[Target]) -> str:
    if campaign is None:
        return ""
    link = notices.page_of(reverse("inventory:urge-list"))
    _path, field = TARGETS[membership.role]
    return urge_text.chat_text(campaign, targets, link, names=field != "person")


def _report(request: HttpRequest, sent: Any) -> None:
    count = len(sent.urges)
    if count:
        text = ngettext("%(count)s urging sent.", "%(count)s urgings sent.", count)
        messages.success(request, text % {"count": count})
    if sent.urged_today:
        names = "、".join(each.name for each in sent.urged_today[:5])
        text = _("Urged today already, left out: %(names)s") % {"names": names}
        messages.warning(request, text)
