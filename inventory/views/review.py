"""The review queue, and deciding on one dossier from its page; many are decided on by inventory.bulk_review."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from inventory import bulk_review, permissions
from inventory.choices import DossierState
from inventory.forms.reviews import ReturnForm, ReviseForm
from inventory.lists.reviews import REVIEWS, queue_of
from inventory.models import Dossier
from inventory.services import reviews
from inventory.services.reviews import Outcome
from inventory.views import review_pages
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.bulk.pages import bar_of
from portal.errors import InvalidTransition
from portal.listing import page_of, render_list
from portal.lists.asking import understand
from portal.models import Membership
from portal.text import shortened


@require_safe
def review_queue(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, REVIEWS)
    context = {
        "figures": review_pages.figures(queue_of(membership)),
        "above_table": "inventory/review_spread.html",
        "bulk_actions": bar_of(membership, bulk_review.APPROVE, bulk_review.RETURN),
        "empty_action": {"url": reverse("inventory:entry-list"), "label": _("Go to the work list")},
    }
    return render_list(request, "inventory/review_queue.html", page, context)


@require_safe
def review_spread(request: HttpRequest) -> HttpResponse:
    """How the ratings are spread over the dossiers that the address leaves of the queue.

    A fragment of its own: every dossier of the queue is counted, and few open the fold.
    """
    membership = membership_of(request)
    require(REVIEWS.may_open(membership))
    left = understand(REVIEWS, membership, request.GET).filterset.qs
    context = {"comparison": review_pages.comparison(left, membership), "label": _("In this list")}
    response = render(request, "inventory/review_stars.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def dossier_approve(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    dossier = visible_or_404(_one(membership), pk=pk)
    require(permissions.can_review_dossier(membership, dossier, dossier.state))
    versions = {pk: seen_version(request)}
    _single(reviews.approve_dossiers(versions=versions, actor=membership))
    messages.success(
        request, _("“%(title)s” is approved.") % {"title": shortened(dossier.patent.title)}
    )
    return redirect(_next_in_queue(membership, dossier))


@require_POST
def dossier_return(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    dossier = visible_or_404(_one(membership), pk=pk)
    require(permissions.can_review_dossier(membership, dossier, dossier.state))
    form = ReturnForm(request.POST)
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
    messages.success(
        request, _("“%(title)s” is returned.") % {"title": shortened(dossier.patent.title)}
    )
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


def _next_in_queue(membership: Membership, dossier: Dossier) -> str:
    """The next dossier of the queue behind the one just decided on, else its first, else the empty queue."""
    left = queue_of(membership).exclude(pk=dossier.pk)
    behind = Q(finding_weight__lt=dossier.finding_weight) | Q(
        finding_weight=dossier.finding_weight, updated_at__gte=dossier.updated_at
    )
    order = ("-finding_weight", "updated_at", "pk")
    waiting = left.filter(behind).order_by(*order).first() or left.order_by(*order).first()
    return waiting.get_absolute_url() if waiting else reverse("inventory:review-queue")
