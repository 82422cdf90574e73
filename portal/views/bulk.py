"""Acts on many rows: pick, see the consequences, apply, watch, undo."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import permissions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.bulk import pages
from portal.bulk.registry import BulkAct, act_named
from portal.bulk.running import bound_form
from portal.choices import BulkState
from portal.forms.bulk import UndoForm
from portal.listing import page_of, picked_in, render_list
from portal.lists.runs import BULK_RUNS
from portal.models import BulkRun, Membership
from portal.services import bulk as services

NOT_PARAMETERS = frozenset({"csrfmiddlewaretoken", "version"})


@require_POST
def start_run(request: HttpRequest, act: str) -> HttpResponse:
    """Freeze what was ticked in a list (mounted once per act, so that each act has its line of authorisation)."""
    membership = membership_of(request)
    known = _act(act)
    require(known.allowed(membership))
    selection = picked_in(request)
    try:
        run = services.stage_run(act=known, selection=selection, actor=membership)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
        return redirect(f"{known.list_url}?{request.GET.urlencode()}")
    left = services.left_out(run=run, act=known, selection=selection, actor=membership)
    if left:
        words = ngettext(
            "%(count)s picked row is none that you can do this with and is left out.",
            "%(count)s picked rows are none that you can do this with and are left out.",
            left,
        )
        messages.info(request, words % {"count": f"{left:,}"})
    said = {name: request.POST[name] for name in _fields(known, membership) if name in request.POST}
    return redirect(f"{run.get_absolute_url()}?{urlencode(said)}" if said else run)


@require_safe
def list_runs(request: HttpRequest) -> HttpResponse:
    return render_list(request, "portal/bulk/list.html", page_of(request, BULK_RUNS))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """The preview with its form (a POST keeps the parameters and counts the consequences), progress, or the result."""
    membership, run = _visible(request, pk)
    if request.method == "POST":
        require(run.membership_id == membership.pk)
        return _keep_parameters(request, run, membership)
    if run.state == BulkState.PREVIEW:
        return _preview(request, run, membership)
    context = pages.result(run, membership, request.GET)
    if not getattr(request, "htmx", None):
        return render(request, "portal/bulk/result.html", context)
    response = render(request, "portal/bulk/result.html#progress", context)
    if run.is_ended:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def apply_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Start it; where consequences and form are one page, with what the form says."""
    membership, run = _visible(request, pk)
    act = _act(run.act)
    require(run.membership_id == membership.pk and act.allowed(membership))
    seen = seen_version(request)
    if act.is_one_page and run.state == BulkState.PREVIEW:
        form = act.form(request.POST, membership=membership)
        if not form.is_valid():
            return _preview(request, run, membership, form=form, status=422)
        run = services.set_parameters(
            run_id=pk, seen_version=seen, data=_posted(request), actor=membership
        )
        seen = run.version
    run = services.start_run(run_id=pk, seen_version=seen, actor=membership)
    if run.job is None and run.is_ended:
        messages.success(request, pages.done_words(run))
        if not pages.is_worth_a_look(run):
            return redirect(pages.back_to_list(run))
    return redirect(run)


@require_POST
def undo_run(request: HttpRequest, pk: int) -> HttpResponse:
    membership, run = _visible(request, pk)
    require(permissions.can_undo_run(membership, run) and _act(run.act).allowed(membership))
    form = UndoForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is taken back."))
        return redirect(run)
    return redirect(
        services.undo_run(run_id=pk, reason=form.cleaned_data["reason"], actor=membership)
    )


def _visible(request: HttpRequest, pk: int) -> tuple[Membership, BulkRun]:
    membership = membership_of(request)
    runs = BulkRun.objects.visible_to(membership).newest_first()
    return membership, visible_or_404(runs, pk=pk)


def _act(name: str) -> BulkAct:
    act = act_named(name)
    if act is None:
        raise Http404
    return act


def _keep_parameters(request: HttpRequest, run: BulkRun, membership: Membership) -> HttpResponse:
    form = _act(run.act).form(request.POST, membership=membership)
    if not form.is_valid():
        return _preview(request, run, membership, form=form, status=422)
    services.set_parameters(
        run_id=run.pk, seen_version=seen_version(request), data=_posted(request), actor=membership
    )
    return redirect(f"{run.get_absolute_url()}#consequences")


def _fields(act: BulkAct, membership: Membership) -> list[str]:
    return list(act.form(None, membership=membership).fields) if act.is_one_page else []


def _posted(request: HttpRequest) -> dict[str, list[str]]:
    return {name: values for name, values in request.POST.lists() if name not in NOT_PARAMETERS}


def _preview(
    request: HttpRequest,
    run: BulkRun,
    membership: Membership,
    *,
    form: Any = None,
    status: int = 200,
) -> HttpResponse:
    """What the list's button says already (a reason, say) stands in the form."""
    shown = form or bound_form(run, membership)
    if not shown.is_bound:
        shown.initial.update(
            {name: request.GET[name] for name in shown.fields if name in request.GET}
        )
    context = pages.preview(run, shown, membership)
    return render(request, "portal/bulk/preview.html", context, status=status)
