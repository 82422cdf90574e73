"""Confirming last year's answers unchanged, singly or many at once, and withdrawing a revision."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from inventory import permissions
from inventory.choices import DossierState
from inventory.models import Dossier
from inventory.queries import dossiers as queries
from inventory.services import revisions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import InvalidTransition
from portal.models import Membership


@require_POST
def dossier_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    membership, dossier = _visible(request, pk)
    require(permissions.can_confirm_dossier(membership, dossier))
    outcome = revisions.confirm_unchanged(
        versions={pk: seen_version(request)}, actor=membership, note=_note(request)
    )
    if outcome.refused:
        raise InvalidTransition(outcome.refused[0][1])
    messages.success(request, _said(outcome.done[0]))
    return redirect(dossier)


@require_POST
def dossier_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the approved answers; what was typed since stays in the history."""
    membership, dossier = _visible(request, pk)
    require(permissions.can_revise_dossier(membership, dossier))
    revisions.withdraw_revision(
        dossier_id=pk, seen_version=seen_version(request), actor=membership, reason=_note(request)
    )
    messages.success(request, _("The revision is withdrawn. The approved answers stand again."))
    return redirect(dossier)


def _visible(request: HttpRequest, pk: int) -> tuple[Membership, Dossier]:
    membership = membership_of(request)
    found = queries.with_all(Dossier.objects.visible_to(membership))
    return membership, visible_or_404(found, pk=pk)


def _note(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:500].replace("\x00", "")


def _said(dossier: Dossier) -> str:
    if dossier.state == DossierState.COMPLETED:
        return _("Confirmed. The approved answers count for the new campaign.")
    return _("Confirmed. It waits for review: “%(state)s”.") % {
        "state": dossier.get_state_display()
    }
