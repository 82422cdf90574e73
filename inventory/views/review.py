"""The review queue: approve or return many at once, or one from its page."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions
from inventory.choices import DossierState
from inventory.filters.entries import QueueFilter
from inventory.forms.reviews import ReturnForm, ReviseForm
from inventory.lists.reviews import REVIEWS, is_reviewer, queue_of
from inventory.models import Dossier
from inventory.services import reviews
from inventory.services.reviews import Outcome
from inventory.views import review_pages
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import InvalidTransition
from portal.listing import page_of, render_list
from portal.models import Membership
from portal.picking import picked_versions

# so many of the picked ones are listed before the decision, those with findings first
SHOWN = 200


@require_safe
def review_queue(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, REVIEWS)
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
    context = {
        "figures": review_pages.figures(queue_of(membership)),
        "comparison": review_pages.comparison(page.filterset.qs, membership),
        "above_table": "inventory/review_spread.html",
        "bulk_actions": actions,
        "empty_action": {"url": reverse("inventory:entry-list"), "label": _("Go to the work list")},
    }
    return render_list(request, "inventory/review_queue.html", page, context)


@require_POST
def review_decide(request: HttpRequest, act: str) -> HttpResponse:
    """Consequences first, then approve or return every ticked dossier; the refused ones are named."""
    membership = membership_of(request)
    require(is_reviewer(membership))
    back = reverse("inventory:review-queue")
    try:
        versions = picked_versions(request, queue_of(membership), QueueFilter)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return redirect(back)
    form = ReturnForm(request.POST if "confirm" in request.POST else None, act=act)
    if form.is_bound and form.is_valid():
        report(request, _decide(act, versions, form, membership))
        return redirect(back)
    picked = queue_of(membership).filter(pk__in=versions)
    context = {
        "form": form,
        "act": act,
        "versions": versions,
        "count": len(versions),
        "dossiers": picked.order_by("-finding_weight", "updated_at", "pk")[:SHOWN],
        "figures": review_pages.figures(picked),
        "comparison": review_pages.comparison(picked, membership),
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
    messages.success(request, _("“%(title)s” is approved.") % {"title": dossier.patent.title[:60]})
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
    messages.success(request, _("“%(title)s” is returned.") % {"title": dossier.patent.title[:60]})
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
    messages.info(
        request, _("Reopened. The approved version counts until this revision is approved.")
    )
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


def report(request: HttpRequest, outcome: Outcome) -> None:
    """Say what a bulk act did, and of the refused ones the first with their reasons."""
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
    """The next dossier of the queue behind the one just decided on, else its first, else the empty queue."""
    left = queue_of(membership).exclude(pk=dossier.pk)
    behind = Q(finding_weight__lt=dossier.finding_weight) | Q(
        finding_weight=dossier.finding_weight, updated_at__gte=dossier.updated_at
    )
    order = ("-finding_weight", "updated_at", "pk")
    waiting = left.filter(behind).order_by(*order).first() or left.order_by(*order).first()
    return waiting.get_absolute_url() if waiting else reverse("inventory:review-queue")
