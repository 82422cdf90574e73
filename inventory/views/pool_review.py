"""The city decides on nominations, one or many at once; whoever may takes patents out of the pool."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from inventory import permissions
from inventory.choices import PoolState
from inventory.filters.pool import PoolFilter
from inventory.forms.pool import PoolReasonForm
from inventory.models import PoolEntry
from inventory.services import pool_moves
from inventory.services.pool_moves import PoolOutcome
from portal.access import membership_of, require
from portal.models import Membership
from portal.picking import picked_versions

NAMED = 10
WORDS = {
    PoolState.ADMITTED: (gettext_lazy("Admit to the city pool"), "check", "primary"),
    PoolState.DECLINED: (gettext_lazy("Decline nominations"), "x", "danger"),
    PoolState.REMOVED: (gettext_lazy("Take out of the pool"), "arrow-back-up", "danger"),
}
Act = Callable[[dict[int, int], str, Membership], PoolOutcome]


@require_POST
def pool_admit(request: HttpRequest) -> HttpResponse:
    require(permissions.can_decide_nominations(membership_of(request)))
    return _confirmed(request, PoolState.ADMITTED, _decide(PoolState.ADMITTED))


@require_POST
def pool_decline(request: HttpRequest) -> HttpResponse:
    require(permissions.can_decide_nominations(membership_of(request)))
    return _confirmed(request, PoolState.DECLINED, _decide(PoolState.DECLINED))


@require_POST
def pool_take_out(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_remove_from_pool(membership, membership.organisation_id))
    return _confirmed(request, PoolState.REMOVED, _take_out)


def _decide(to_state: PoolState) -> Act:
    def act(versions: dict[int, int], reason: str, actor: Membership) -> PoolOutcome:
        return pool_moves.decide_nominations(
            versions=versions, to_state=to_state, reason=reason, actor=actor
        )

    return act


def _take_out(versions: dict[int, int], reason: str, actor: Membership) -> PoolOutcome:
    return pool_moves.take_out(versions=versions, reason=reason, actor=actor)


def _confirmed(request: HttpRequest, to_state: PoolState, act: Act) -> HttpResponse:
    """Consequences and reason first, then the act on every ticked entry; the refused ones are named."""
    membership = membership_of(request)
    back = f"{reverse('inventory:pool-list')}?{request.GET.urlencode()}"
    visible = PoolEntry.objects.visible_to(membership).live()
    try:
        versions = picked_versions(request, visible, PoolFilter)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return redirect(back)
    form = PoolReasonForm(
        request.POST if "confirm" in request.POST else None,
        is_needed=to_state != PoolState.ADMITTED,
    )
    if form.is_bound and form.is_valid():
        _report(request, act(versions, form.cleaned_data["reason"], membership))
        return redirect(back)
    found = visible.filter(pk__in=versions)
    context = {
        "form": form,
        **dict(zip(("title", "icon", "tone"), WORDS[to_state], strict=True)),
        "versions": versions,
        "ended": found.of_ended_rights().count(),
        "entries": found.select_related("patent", "institution").order_by("pk")[:200],
        "back": back,
    }
    return render(
        request, "inventory/pool_decide.html", context, status=422 if form.errors else 200
    )


def _report(request: HttpRequest, outcome: PoolOutcome) -> None:
    count = len(outcome.done)
    if count:
        text = ngettext("%(count)s patent done.", "%(count)s patents done.", count)
        messages.success(request, text % {"count": count})
    for entry, reason in outcome.refused[:NAMED]:
        messages.warning(request, f"{entry.patent.number} {entry.patent.title[:40]}：{reason}")
    if len(outcome.refused) > NAMED:
        more = {"count": len(outcome.refused) - NAMED}
        messages.warning(request, _("%(count)s more were refused.") % more)
