"""Objections of co-holders: raised, answered, withdrawn, settled."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from inventory import permissions
from inventory.forms.co_owned import EndingForm, ObjectionAnswerForm, ObjectionForm
from inventory.holder_choices import ObjectionState
from inventory.models import Dossier, Objection
from inventory.queries import co_owned as queries
from inventory.services import objections
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.models import Membership

May = Callable[[Membership, Objection], bool]


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_object(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to what was approved, for a co-holder whose entry it counts for."""
    membership = membership_of(request)
    visible = Dossier.objects.visible_to(membership).select_related(
        "patent", "participation__institution"
    )
    dossier = visible_or_404(visible, pk=pk)
    require(permissions.can_object(membership, dossier))
    entry = queries.own_entry(dossier, membership)
    require(entry is not None)
    assert entry is not None  # noqa: S101 - required just above
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        objections.raise_objection(
            entry=entry,
            text=form.cleaned_data["text"],
            fields=form.cleaned_data["fields_concerned"],
            actor=membership,
        )
        messages.success(request, _("The filing institution and the lead bureau see it now."))
        return redirect(dossier)
    context = {
        "dossier": dossier,
        "form": form,
        "period": queries.objection_period(entry),
        "why_not": objections.why_no_objection(entry),
    }
    status = 422 if form.is_bound else 200
    return render(request, "inventory/objection_form.html", context, status=status)


def _objection(request: HttpRequest, pk: int, may: May) -> tuple[Membership, Objection]:
    membership = membership_of(request)
    visible = Objection.objects.visible_to(membership).select_related(
        "entry__dossier__participation"
    )
    objection = visible_or_404(visible, pk=pk)
    require(may(membership, objection))
    return membership, objection


@require_POST
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Explain, or open a revision."""
    membership, objection = _objection(request, pk, permissions.can_answer_objection)
    form = ObjectionAnswerForm(request.POST)
    if form.is_valid():
        objections.answer_objection(
            objection=objection,
            answer=form.cleaned_data["answer"],
            opens_revision=form.cleaned_data["opens_revision"],
            seen_version=seen_version(request),
            actor=membership,
        )
        messages.success(request, _("Answered."))
    else:
        messages.error(request, _("Write an answer of at most 1,000 characters."))
    return redirect(f"{objection.entry.dossier.get_absolute_url()}#co-owned")


@require_POST
def objection_end(request: HttpRequest, pk: int, to_state: str) -> HttpResponse:
    """Withdraw it, or say that it is settled."""
    may = {
        ObjectionState.WITHDRAWN: permissions.can_withdraw_objection,
        ObjectionState.SETTLED: permissions.can_settle_objection,
    }
    state = ObjectionState(to_state)
    membership, objection = _objection(request, pk, may[state])
    form = EndingForm(request.POST)
    if form.is_valid():
        objections.end_objection(
            objection=objection,
            to_state=state,
            note=form.cleaned_data["note"],
            seen_version=seen_version(request),
            actor=membership,
        )
        messages.success(request, _("Done."))
    else:
        messages.error(request, _("A note has at most 500 characters."))
    return redirect(f"{objection.entry.dossier.get_absolute_url()}#co-owned")
