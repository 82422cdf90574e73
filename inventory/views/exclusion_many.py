"""Exclusions by the thousand: what the register proposes, asked for at once; decisions with their consequences."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from inventory import permissions
from inventory.forms.co_owned import AnswerForm
from inventory.holder_choices import Verdict
from inventory.lists.exclusions import PROPOSALS
from inventory.models import Exclusion
from inventory.queries.exclusions import consequences_of
from inventory.services import exclusion_decisions, exclusion_jobs, exclusions
from portal.access import membership_of, require
from portal.listing import page_of, render_list
from portal.lists.registry import narrowed
from portal.models import Membership
from portal.picking import picked_keys

# up to so many are done at once, more are a job
AT_ONCE = 200
SHOWN = 10
Versions = dict[int, int]


@require_http_methods(["GET", "HEAD", "POST"])
def exclusion_proposals(request: HttpRequest) -> HttpResponse:
    """What the register proposes to take off; POST asks for the ticked ones, or for all that match."""
    membership = membership_of(request)
    require(permissions.can_request_exclusions(membership))
    if request.method == "POST":
        return _request(request, membership)
    page = page_of(request, PROPOSALS)
    here = reverse("inventory:exclusion-proposals")
    context = {
        "bulk_actions": [
            {"label": _("Request exclusion"), "url": here, "icon": "send", "tone": ""}
        ],
        "empty_action": {
            "url": reverse("inventory:exclusion-list"),
            "label": _("Go to the requests"),
        },
    }
    return render_list(request, "inventory/exclusion_proposals.html", page, context)


def _request(request: HttpRequest, membership: Membership) -> HttpResponse:
    back = reverse("inventory:exclusion-proposals")
    rows = narrowed(PROPOSALS.name, request.GET.urlencode(), membership)
    if request.POST.get("all_matching") != "1":
        rows = rows.filter(pk__in=picked_keys(request))
    entries = list(rows.order_by("pk").values_list("pk", flat=True))
    if not entries:
        messages.error(request, _("Tick at least one row."))
        return redirect(back)
    if len(entries) > AT_ONCE:
        # the same rows asked for once more after a withdrawal are another wish
        asked = Exclusion.objects.visible_to(membership).filter(entry__in=entries).count()
        digest = _digest([*entries, asked])
        job = exclusion_jobs.ask_for_requests(entries=entries, digest=digest, actor=membership)
        return redirect("portal:job-detail", pk=job.pk)
    found = exclusions.request_proposed(entry_ids=entries, actor=membership)
    text = ngettext(
        "%(count)s exclusion requested.", "%(count)s exclusions requested.", len(found.made)
    )
    messages.success(request, text % {"count": len(found.made)})
    return redirect(back)


def digest_of(versions: Mapping[int, int]) -> str:
    """Names what the page of consequences showed, so that nothing else is decided."""
    return _digest(versions.items())


def _digest(values: Iterable[Any]) -> str:
    """Names a set of rows, so that the same rows asked for twice are the same."""
    return hashlib.sha256(repr(list(values)).encode()).hexdigest()[:32]


@require_POST
def exclusions_decide(request: HttpRequest, act: str) -> HttpResponse:
    """Step one shows what an approval does to whose figures; step two decides, or hands it to a job."""
    membership = membership_of(request)
    require(permissions.can_decide_exclusion(membership))
    back = f"{reverse('inventory:exclusion-list')}?{request.GET.urlencode()}"
    versions = _picked(request, membership)
    if not versions:
        messages.error(request, _("Tick at least one row."))
        return redirect(back)
    digest = digest_of(versions)
    is_confirmed = request.POST.get("confirm") == digest
    form = AnswerForm(request.POST if is_confirmed else None, is_needed=act == "refuse")
    if form.is_valid():
        return _decide(request, membership, versions, act == "approve", form.cleaned_data["note"])
    return _consequences(request, versions, membership, act=act, form=form, back=back)


def _picked(request: HttpRequest, membership: Membership) -> Versions:
    """{request: version}: of the ticked ones as the page showed it, of all that match as it is now."""
    if request.POST.get("all_matching") == "1":
        rows: Any = narrowed("inventory.exclusions", request.GET.urlencode(), membership)
        return dict(rows.waiting().order_by("pk").values_list("pk", "version"))
    seen = [text.partition("-") for text in request.POST.getlist("pick")]
    pairs = {
        int(pk): int(version)
        for pk, _dash, version in seen
        if pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10
    }
    visible = Exclusion.objects.visible_to(membership).filter(pk__in=pairs)
    return {pk: pairs[pk] for pk in visible.order_by("pk").values_list("pk", flat=True)}


def _consequences(
    request: HttpRequest, versions: Versions, membership: Membership, **context: Any
) -> HttpResponse:
    meant = Exclusion.objects.visible_to(membership).waiting().filter(pk__in=versions)
    clear = list(meant.filter(verdict=Verdict.CLEAR).values_list("pk", flat=True))
    doubtful = meant.count() - len(clear)
    is_approval = context["act"] == "approve"
    return render(
        request,
        "inventory/exclusions_decide.html",
        {
            **context,
            "count": len(clear) if is_approval else len(clear) + doubtful,
            "doubtful": doubtful if is_approval else 0,
            "consequences": consequences_of(clear) if is_approval else [],
            "versions": {} if request.POST.get("all_matching") == "1" else versions,
            "digest": digest_of(versions),
        },
    )


def _decide(
    request: HttpRequest, membership: Membership, versions: Versions, is_approved: bool, note: str
) -> HttpResponse:
    if len(versions) > AT_ONCE:
        job = exclusion_jobs.ask_for_decisions(
            versions=versions,
            is_approved=is_approved,
            note=note,
            digest=digest_of(versions),
            actor=membership,
        )
        return redirect("portal:job-detail", pk=job.pk)
    found = exclusion_decisions.decide_exclusions(
        versions=versions, is_approved=is_approved, note=note, actor=membership
    )
    text = ngettext("%(count)s request decided.", "%(count)s requests decided.", len(found.done))
    messages.success(request, text % {"count": len(found.done)})
    for one, why in found.refused[:SHOWN]:
        messages.warning(request, f"{one.entry.patent.number}：{why}")
    return redirect("inventory:exclusion-list")
