"""The review queue: approve or return many at once, or one from its page."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions
from inventory.choices import DossierState
from inventory.filters.entries import ReviewFilter
from inventory.forms.reviews import ReturnForm, ReviseForm
from inventory.lists.reviews import ORDERINGS, is_reviewer, queue_of
from inventory.models import Dossier
from inventory.services import reviews
from inventory.services.reviews import Outcome
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import InvalidTransition
from portal.listing import list_page, render_list
from portal.models import Membership
from portal.picking import picked_versions


@require_safe
def review_queue(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(is_reviewer(membership))
    page = list_page(
        request,
        queryset=queue_of(membership),
        filterset_class=ReviewFilter,
        orderings=ORDERINGS,
    )
    actions = [
        {
            "label": _("Approve"),
            "url": reverse("inventory:review-approve"),
            "icon": "check",
            "tone": "",
        },
        {
            "label": _("Return"),
            "url": reverse("inventory:review-return"),
            "icon": "arrow-back-up",
            "tone": "",
        },
    ]
    return render_list(request, "inventory/review_queue.html", page, {"bulk_actions": actions})


@require_POST
def review_decide(request: HttpRequest, act: str) -> HttpResponse:
    """Consequences first, then approve or return every ticked dossier; the refused ones are named."""
    membership = membership_of(request)
    require(is_reviewer(membership))
    back = reverse("inventory:review-queue")
    try:
        versions = picked_versions(request, queue_of(membership), ReviewFilter)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return redirect(back)
    form = ReturnForm(request.POST if "confirm" in request.POST else None, act=act)
    if form.is_bound and form.is_valid():
        _report(request, _decide(act, versions, form, membership))
        return redirect(back)
    dossiers = queue_of(membership).filter(pk__in=versions)[:200]
    context = {
        "form": form,
        "act": act,
        "versions": versions,
        "count": len(versions),
        "dossiers": dossiers,
        "back": back,
    }
    return render(request, "inventory/review_decide.html", context)


@require_POST
def dossier_approve(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    dossier = visible_or_404(_one(membership), pk=pk)
    require(permissions.can_review_dossier(membership, dossier, dossier.state))
    versions = {pk: seen_version(request)}
    _single(reviews.approve_dossiers(versions=versions, actor=membership))
    messages.success(request, _("Approved."))
    return redirect(_next_in_queue(membership, dossier))


@require_POST
def dossier_return(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    dossier = visible_or_404(_one(membership), pk=pk)
    require(permissions.can_review_dossier(membership, dossier, dossier.state))
    form = ReturnForm(request.POST, act="return")
    if not form.is_valid():
        messages.error(request, _("Say why you return it."))
        return redirect(dossier)
    outcome = reviews.return_dossiers(
        versions={pk: seen_version(request)},
        to_state=DossierState(form.cleaned_data["to_state"]),
        reason=form.cleaned_data["reason"],
        actor=membership,
    )
    _single(outcome)
    messages.success(request, _("Returned."))
    return redirect(_next_in_queue(membership, dossier))


@require_POST
def dossier_revise(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    dossier = visible_or_404(_one(membership), pk=pk)
    require(permissions.can_revise_dossier(membership, dossier))
    form = ReviseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is reopened."))
        return redirect(dossier)
    outcome = reviews.revise_dossiers(
        versions={pk: seen_version(request)}, reason=form.cleaned_data["reason"], actor=membership
    )
    _single(outcome)
    return redirect("inventory:dossier-edit", pk=pk)


def _one(membership: Membership) -> QuerySet[Dossier]:
    return Dossier.objects.visible_to(membership).select_related("participation", "unit", "patent")


def _single(outcome: Outcome) -> None:
    """One dossier refused is the page's error, not a line in a report."""
    if outcome.refused:
        raise InvalidTransition(outcome.refused[0][1])


def _decide(
    act: str, versions: dict[int, int], form: ReturnForm, membership: Membership
) -> Outcome:
    if act == "approve":
        return reviews.approve_dossiers(
            versions=versions, actor=membership, note=form.cleaned_data["reason"]
        )
    return reviews.return_dossiers(
        versions=versions,
        to_state=DossierState(form.cleaned_data["to_state"]),
        reason=form.cleaned_data["reason"],
        actor=membership,
    )


def _report(request: HttpRequest, outcome: Outcome) -> None:
    count = len(outcome.done)
    if count:
        text = ngettext("%(count)s dossier done.", "%(count)s dossiers done.", count)
        messages.success(request, text % {"count": count})
    for dossier, reason in outcome.refused[:10]:
        messages.warning(request, f"{dossier.patent.number} {dossier.patent.title[:40]}：{reason}")
    if len(outcome.refused) > 10:
        messages.warning(
            request, _("%(count)s more were refused.") % {"count": len(outcome.refused) - 10}
        )


def _next_in_queue(membership: Membership, dossier: Dossier) -> str:
    """The next dossier waiting after this one, else the queue."""
    waiting = queue_of(membership).exclude(pk=dossier.pk).order_by("updated_at", "pk").first()
    return waiting.get_absolute_url() if waiting else reverse("inventory:review-queue")
