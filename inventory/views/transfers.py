"""“Not ours” between units, and “not mine” of an inventor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.forms.belonging import AnswerForm, DecideForm, NotMineForm, PassOnForm
from inventory.lists.belonging import TRANSFERS
from inventory.models import Dossier, UnitTransfer
from inventory.services import transfers
from inventory.services.unassigned import disown_dossier
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.listing import page_of, render_list
from portal.models import Membership

FORM = "inventory/transfer_form.html"


@require_safe
def transfer_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, TRANSFERS)
    rows = UnitTransfer.objects.visible_to(membership)
    context = {"waiting": rows.waiting_for(membership).count()}
    return render_list(request, "inventory/transfer_list.html", page, context)


@require_safe
def transfer_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    return _page(request, membership, _visible(membership, pk))


@require_http_methods(["GET", "POST"])
def pass_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossier is another unit's: to which, and why."""
    membership = membership_of(request)
    dossier = _dossier(membership, pk)
    require(permissions.can_pass_on(membership, dossier))
    initial = {"to_unit": request.GET.get("unit", "")}
    form = PassOnForm(request.POST or None, dossier=dossier, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = transfers.pass_on(
            dossier_id=pk, seen_version=seen_version(request), actor=membership, **form.cleaned_data
        )
        messages.success(request, made.get_state_display())
        return _after(membership, pk)
    return _ask(request, dossier, form, _("Not ours: pass on to another unit"))


@require_http_methods(["GET", "POST"])
def not_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """An inventor says that the patent is somebody else's."""
    membership = membership_of(request)
    dossier = _dossier(membership, pk)
    require(permissions.can_disown(membership, dossier))
    form = NotMineForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        disown_dossier(
            dossier_id=pk,
            seen_version=seen_version(request),
            reason=form.cleaned_data["reason"],
            actor=membership,
        )
        messages.success(request, _("Your unit is told; the patent is no longer in your list."))
        return redirect("inventory:my-patents")
    return _ask(request, dossier, form, _("This is not my patent"))


@require_POST
def transfer_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over or refuse."""
    membership = membership_of(request)
    transfer = _visible(membership, pk)
    require(permissions.can_answer_transfer(membership, transfer))
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, transfer, answer_form=form)
    transfers.answer_transfer(
        transfer=transfer,
        accepts=form.cleaned_data["accepts"] == "yes",
        answer=form.cleaned_data["reason"],
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Your answer is recorded."))
    return redirect("inventory:transfer-list")


@require_POST
def transfer_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The manager says whose it is."""
    membership = membership_of(request)
    transfer = _visible(membership, pk)
    require(permissions.can_decide_transfer(membership, transfer))
    form = DecideForm(request.POST, dossier=transfer.dossier)
    if form.is_valid():
        try:
            transfers.decide_transfer(
                transfer=transfer,
                unit=form.cleaned_data["to_unit"],
                answer=form.cleaned_data["reason"],
                seen_version=seen_version(request),
                actor=membership,
            )
        except ValidationError as problem:
            form.add_error(None, problem.messages[0])
        else:
            messages.success(request, _("Your decision is recorded."))
            return redirect("inventory:transfer-list")
    return _page(request, membership, transfer, decide_form=form)


@require_POST
def transfer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    transfer = _visible(membership, pk)
    require(permissions.can_withdraw_transfer(membership, transfer))
    transfers.withdraw_transfer(
        transfer=transfer, seen_version=seen_version(request), actor=membership
    )
    messages.success(request, _("Taken back."))
    return redirect("inventory:transfer-list")


def _visible(membership: Membership, pk: int) -> UnitTransfer:
    rows = UnitTransfer.objects.visible_to(membership).with_names()
    return visible_or_404(rows.select_related("dossier__participation"), pk=pk)


def _dossier(membership: Membership, pk: int) -> Dossier:
    rows = Dossier.objects.visible_to(membership)
    return visible_or_404(rows.select_related("participation", "unit", "patent"), pk=pk)


def _ask(request: HttpRequest, dossier: Dossier, form: Any, title: str) -> HttpResponse:
    context = {"dossier": dossier, "form": form, "title": title}
    return render(request, FORM, context, status=422 if form.errors else 200)


def _after(membership: Membership, pk: int) -> HttpResponse:
    """Back to the dossier while one still sees it."""
    still = Dossier.objects.visible_to(membership).filter(pk=pk).first()
    return redirect(still) if still else redirect("inventory:my-patents")


def _page(
    request: HttpRequest,
    membership: Membership,
    transfer: UnitTransfer,
    *,
    answer_form: AnswerForm | None = None,
    decide_form: DecideForm | None = None,
) -> HttpResponse:
    may = {
        "can_answer": transfer.state == "at_unit"
        and permissions.can_answer_transfer(membership, transfer),
        "can_decide": transfer.state == "at_manager"
        and permissions.can_decide_transfer(membership, transfer),
        "can_withdraw": transfer.is_open
        and permissions.can_withdraw_transfer(membership, transfer),
    }
    context = {
        "transfer": transfer,
        **may,
        "answer_form": answer_form or AnswerForm(),
        "decide_form": decide_form or DecideForm(dossier=transfer.dossier),
        "sees_dossier": Dossier.objects.visible_to(membership)
        .filter(pk=transfer.dossier_id)
        .exists(),
    }
    is_refused = (answer_form or decide_form) is not None
    return render(
        request, "inventory/transfer_detail.html", context, status=422 if is_refused else 200
    )
