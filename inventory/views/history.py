"""The history of a patent in one line of time; bringing one value back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from inventory import history, permissions
from inventory.forms.restoring import RestoreForm
from inventory.models import Dossier, Patent
from inventory.services import edits
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import InvalidTransition, StaleVersion
from portal.history import sources_of, time_line
from portal.models import Membership


@require_safe
def dossier_history(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as the patent's, for who may see the dossier."""
    seen = Dossier.objects.visible_to(membership_of(request)).select_related("patent")
    return _page(request, visible_or_404(seen, pk=pk).patent)


@require_safe
def patent_history(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, visible_or_404(Patent.objects.visible_to(membership_of(request)), pk=pk))


@require_POST
def dossier_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what one field said before a change: an ordinary edit on the version seen, with its reason."""
    membership = membership_of(request)
    seen = Dossier.objects.visible_to(membership).select_related("participation", "unit", "patent")
    dossier = visible_or_404(seen, pk=pk)
    require(permissions.can_edit_dossier(membership, dossier))
    form = RestoreForm(request.POST)
    if not form.is_valid():
        raise InvalidTransition(_("Say why the value is restored."))
    seen_at = seen_version(request)
    try:
        edits.restore_value(
            dossier=dossier, seen_version=seen_at, actor=membership, **form.cleaned_data
        )
    except StaleVersion:
        # what came in between stands on top of the history: it is read before anything is restored over it
        return _page(request, dossier.patent, is_stale=True)
    return redirect("inventory:dossier-history", pk=pk)


def _page(request: HttpRequest, patent: Patent, *, is_stale: bool = False) -> HttpResponse:
    membership = membership_of(request)
    asked = request.GET.get("kind", "")
    kind = asked if asked in {source.kind for source in sources_of(history.PATENT)} else ""
    line = time_line(
        history.PATENT,
        membership,
        patent,
        kinds=(kind,) if kind else (),
        before=_moment(request),
    )
    dossier = history.dossier_of(membership, patent)
    may_restore = _may_restore(membership, dossier)
    # the address of the restoring itself is no page
    own = reverse("inventory:dossier-history", args=[dossier.pk]) if dossier and is_stale else ""
    context: dict[str, Any] = {
        "patent": patent,
        "dossier": dossier,
        "line": line,
        "tabs": _tabs(own, kind),
        "own": own,
        "kind": kind,
        "restorable": edits.RESTORABLE if may_restore else (),
        "masked": edits.MASKED if may_restore else (),
        "is_stale": is_stale,
    }
    return render(request, "inventory/history.html", context, status=409 if is_stale else 200)


def _tabs(own: str, kind: str) -> list[dict[str, Any]]:
    """Everything, and each kind of events alone."""
    alone = [
        {"label": one.label, "url": f"{own}?kind={one.kind}", "is_current": one.kind == kind}
        for one in sources_of(history.PATENT)
    ]
    return [{"label": _("Everything"), "url": f"{own}?", "is_current": not kind}, *alone]


def _may_restore(membership: Membership, dossier: Dossier | None) -> bool:
    return (
        dossier is not None
        and dossier.is_editable
        and permissions.can_edit_dossier(membership, dossier)
    )


def _moment(request: HttpRequest) -> datetime | None:
    """The moment the page begins before; none for a text that is not one."""
    try:
        found = parse_datetime(request.GET.get("before", ""))
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
