"""Filling in a dossier: the page, saving as one types, copying one's last one, submitting, commenting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import merging, permissions
from inventory.dossier_fields import COPIED_FIELDS
from inventory.exports.sheet import contact_of
from inventory.forms.comments import AnswerForm, CommentForm
from inventory.forms.dossier_sheet import DossierSheet
from inventory.models import Dossier, FieldComment
from inventory.queries import dossiers as queries
from inventory.services import comments, reviews
from inventory.services import dossiers as services
from inventory.views import dossier_pages
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import InvalidTransition, StaleVersion
from portal.lists.place import in_drawer, place_in_list
from portal.merging import Merge
from portal.models import Membership
from portal.services import personal
from portal.text import shortened
from portal.views.revealing import render_revealed


def _visible(request: HttpRequest, pk: int) -> tuple[Membership, Dossier]:
    membership = membership_of(request)
    found = queries.with_all(Dossier.objects.visible_to(membership))
    return membership, visible_or_404(found, pk=pk)


def _to_fill_in(request: HttpRequest, pk: int) -> tuple[Membership, Dossier]:
    """The dossier to be filled in: 404 invisible, 403 not one's own, 409 under review or complete."""
    membership, dossier = _visible(request, pk)
    require(permissions.can_edit_dossier(membership, dossier))
    if request.method == "POST" and not dossier.is_editable:
        raise InvalidTransition(
            _("The dossier is in the state “%(state)s” and takes no changes now.")
            % {"state": dossier.get_state_display()}
        )
    return membership, dossier


@require_safe
def dossier_detail(request: HttpRequest, pk: int) -> HttpResponse:
    membership, dossier = _visible(request, pk)
    if in_drawer(request):
        context = dossier_pages.preview(dossier, membership)
        context["place_in_list"] = place_in_list(request)
        return render(request, "inventory/dossier_drawer.html", context)
    return render(
        request, "inventory/dossier_detail.html", dossier_pages.detail(dossier, membership)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The page; a plain POST saves and shows it again, or goes on to the next one."""
    membership, dossier = _to_fill_in(request, pk)
    if request.method == "POST":
        return _save_plainly(request, dossier, membership)
    if not dossier.is_editable:
        return redirect(dossier)
    return _page(request, DossierSheet(dossier), membership)


def _save_plainly(request: HttpRequest, dossier: Dossier, membership: Membership) -> HttpResponse:
    sheet = DossierSheet(dossier, request.POST)
    merge = _merge(request, sheet)
    if merge is not None and not (merge.is_settled and sheet.is_valid()):
        return _page(request, sheet, membership, status=409, merge=merge)
    try:
        saved = _save(sheet, membership, merge)
    except StaleVersion:
        return _save_plainly(request, _visible(request, dossier.pk)[1], membership)
    if not sheet.is_valid():
        return _page(request, sheet, membership, status=422, version=saved.version)
    messages.success(request, _("Saved."))
    if request.POST.get("then") == "next":
        return _go_on(dossier, membership)
    return redirect("inventory:dossier-edit", pk=dossier.pk)


@require_POST
def dossier_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Autosave: keeps every field whose shape is right and answers with what is still missing.

    A fragment of its own: the page calls it after each change and must not be drawn anew while one types.
    """
    membership, dossier = _to_fill_in(request, pk)
    sheet = DossierSheet(dossier, request.POST)
    merge = _merge(request, sheet)
    if merge is not None:
        # what both say is put together by a person, with the button of the merge view
        context = merging.shown(merge, dossier)
        return render(request, "components/merge.html", context, status=409)
    try:
        saved = _save(sheet, membership)
    except StaleVersion:
        return dossier_save(request, pk)
    response = render(request, "inventory/dossier_missing.html", {"missing": sheet.missing})
    if errors := sheet.shape_errors():
        answer = {"errors": errors, "saved": True, "html": response.content.decode()}
        response = JsonResponse(answer, status=422)
    response["X-Version"] = str(saved.version)
    return response


@require_POST
def dossier_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what stands on the page, then hand it in; what is missing comes back beside the fields."""
    membership, dossier = _to_fill_in(request, pk)
    require(permissions.can_submit_dossier(membership, dossier))
    sheet = DossierSheet(dossier, request.POST if "statuses-TOTAL_FORMS" in request.POST else None)
    merge = _merge(request, sheet)
    if merge is not None:
        # what was put together is looked at once more before it is handed in
        return _save_plainly(request, dossier, membership)
    version = _save(sheet, membership).version if sheet.is_bound else dossier.version
    if (sheet.is_bound and not sheet.is_valid()) or sheet.errors:
        sheet.mark_errors()
        return _page(request, sheet, membership, status=422, version=version)
    outcome = reviews.submit_dossiers(versions={pk: version}, actor=membership)
    if outcome.refused:
        raise InvalidTransition(outcome.refused[0][1])
    messages.success(
        request, _("“%(title)s” was submitted.") % {"title": shortened(dossier.patent.title)}
    )
    if request.POST.get("then") == "next":
        return _go_on(dossier, membership)
    return redirect(dossier)


@require_POST
def dossier_copy_last(request: HttpRequest, pk: int) -> HttpResponse:
    """Same as my last one; the page then marks what was copied."""
    membership, _dossier = _to_fill_in(request, pk)
    source = services.copy_from_last(
        dossier_id=pk, seen_version=seen_version(request), actor=membership
    )
    page = reverse("inventory:dossier-edit", args=[pk])
    if source is None:
        messages.info(request, _("There is no dossier of yours to copy from yet."))
        return redirect(page)
    return redirect(f"{page}?copied={source.pk}")


@require_POST
def dossier_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """A reviewer's remark on one field."""
    membership, dossier = _visible(request, pk)
    require(permissions.can_comment_on_dossier(membership, dossier))
    form = CommentForm(request.POST)
    if not form.is_valid():
        context = {**dossier_pages.detail(dossier, membership), "comment_form": form}
        return render(request, "inventory/dossier_detail.html", context, status=422)
    comments.comment_on_field(
        dossier=dossier,
        name=form.cleaned_data["field"],
        text=form.cleaned_data["text"],
        actor=membership,
    )
    messages.success(request, _("The comment was added."))
    return redirect(f"{dossier.get_absolute_url()}#field-{form.cleaned_data['field']}")


@require_POST
def comment_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer to a reviewer's remark, settling it where the button says so."""
    membership = membership_of(request)
    seen = FieldComment.objects.visible_to(membership).select_related(
        "dossier__participation", "dossier__unit"
    )
    comment = visible_or_404(seen, pk=pk)
    require(permissions.can_answer_comment(membership, comment))
    form = AnswerForm(request.POST)
    if form.is_valid():
        comments.answer_comment(
            comment=comment,
            text=form.cleaned_data["answer"],
            is_settled=form.cleaned_data["settle"],
            actor=membership,
        )
        messages.success(request, _("Kept."))
    else:
        messages.error(request, _("Write an answer, or settle the comment."))
    is_filling = comment.dossier.is_editable
    page = "inventory:dossier-edit" if is_filling else "inventory:dossier-detail"
    anchor = f"#comment-{pk}" if is_filling else f"#field-{comment.field}"
    return redirect(reverse(page, args=[comment.dossier_id]) + anchor)


@require_POST
def dossier_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """The contact in full: an act that is in the trail."""
    membership, dossier = _visible(request, pk)
    require(permissions.can_read_confidential(membership, dossier))
    values = contact_of(dossier)
    personal.record_reveal(
        target=dossier,
        values=values,
        owner=dossier.participation.institution_id,
        actor=membership,
    )
    return render_revealed(request, dossier.patent.title, values)


def _merge(request: HttpRequest, sheet: DossierSheet) -> Merge | None:
    """None while the dossier is as it was seen, else what both say; what was chosen is in the posted form."""
    seen = seen_version(request)
    if seen == sheet.dossier.version:
        return None
    return merging.merge_of(sheet.dossier, sheet.content, seen=seen, posted=request.POST)


def _save(sheet: DossierSheet, membership: Membership, merge: Merge | None = None) -> Dossier:
    """Save on top of the version the sheet was compared with; fields kept from the other stay out."""
    left = merge.theirs_kept if merge is not None else frozenset()
    return services.save_dossier(
        dossier_id=sheet.dossier.pk,
        seen_version=sheet.dossier.version,
        values={name: value for name, value in sheet.values().items() if name not in left},
        statuses=None if "statuses" in left else sheet.new_statuses(),
        intents=None if "intents" in left else sheet.new_intents(),
        actor=membership,
    )


def _page(
    request: HttpRequest,
    sheet: DossierSheet,
    membership: Membership,
    *,
    status: int = 200,
    version: int | None = None,
    merge: Merge | None = None,
) -> HttpResponse:
    dossier = sheet.dossier
    context: dict[str, Any] = dossier_pages.edit(
        dossier, sheet, membership, copied=_copied(request)
    )
    context["version"] = version or dossier.version
    context["is_refused"] = status == 422
    if merge is not None:
        context["conflict"] = merging.shown(merge, dossier)
        context["version"] = request.POST.get("version", "")
    return render(request, "inventory/dossier_edit.html", context, status=status)


def _copied(request: HttpRequest) -> tuple[str, ...]:
    """The fields that were just copied, as the address says: all that can be, or those named."""
    if not request.GET.get("copied", "").isdecimal():
        return ()
    named = request.GET.getlist("field")
    return tuple(name for name in COPIED_FIELDS if not named or name in named)


def _go_on(dossier: Dossier, membership: Membership) -> HttpResponse:
    """To the next dossier that is still to be filled in, else back to the list."""
    place = queries.place_of(dossier, membership)
    if place.next_open is None:
        return redirect("inventory:entry-list" if place.done is None else "inventory:my-patents")
    return redirect("inventory:dossier-edit", pk=place.next_open)
