"""Help with the writing: drafts, similar dossiers, phrases."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions
from inventory.exports.sheet import groups
from inventory.forms.writing import CopyForm, DraftForm, PhraseForm, TakeForm
from inventory.models import Dossier, Phrase, TextDraft
from inventory.queries import dossiers as dossier_queries
from inventory.queries import similar as queries
from inventory.services import dossiers, drafts, language_drafts, phrases
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.models import Membership


def _to_fill_in(request: HttpRequest, pk: int) -> tuple[Membership, Dossier]:
    membership = membership_of(request)
    found = dossier_queries.with_all(Dossier.objects.visible_to(membership))
    dossier = visible_or_404(found, pk=pk)
    require(permissions.can_edit_dossier(membership, dossier))
    return membership, dossier


def _draft(request: HttpRequest, pk: int) -> tuple[Membership, TextDraft]:
    membership = membership_of(request)
    seen = TextDraft.objects.visible_to(membership)
    draft = visible_or_404(seen.select_related("dossier__participation", "dossier__unit"), pk=pk)
    require(permissions.can_edit_dossier(membership, draft.dossier))
    return membership, draft


def _back(dossier_id: int, name: str) -> HttpResponse:
    return redirect(f"{reverse('inventory:dossier-edit', args=[dossier_id])}#help-{name}")


@require_POST
def draft_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft by extraction at once; one by the language service as a job."""
    membership, dossier = _to_fill_in(request, pk)
    form = DraftForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a text to draft."))
        return redirect("inventory:dossier-edit", pk=pk)
    name = form.cleaned_data["field"]
    if form.cleaned_data["service"]:
        job = language_drafts.ask_for_draft(dossier=dossier, name=name, actor=membership)
        return redirect("portal:job-detail", pk=job.pk)
    drafts.propose_draft(dossier=dossier, name=name, actor=membership)
    return _back(pk, name)


@require_POST
def draft_take(request: HttpRequest, pk: int) -> HttpResponse:
    membership, draft = _draft(request, pk)
    form = TakeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The text must have between 1 and 500 characters."))
        return _back(draft.dossier_id, draft.field)
    drafts.take_draft(
        draft=draft,
        text=form.cleaned_data["text"],
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Taken over. From now on it is your text."))
    return _back(draft.dossier_id, draft.field)


@require_POST
def draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    membership, draft = _draft(request, pk)
    drafts.discard_draft(draft=draft, actor=membership)
    return _back(draft.dossier_id, draft.field)


@require_safe
def similar(request: HttpRequest, pk: int) -> HttpResponse:
    """Approved dossiers of similar patents, one of them opened as a preview."""
    membership, dossier = _to_fill_in(request, pk)
    matches = queries.similar_dossiers(dossier, membership)
    chosen = request.GET.get("source", "")
    opened = next((m.dossier for m in matches if str(m.dossier.pk) == chosen), None)
    context = {
        "dossier": dossier,
        "matches": matches,
        "opened": opened,
        "groups": groups(opened, membership) if opened else [],
        "form": CopyForm(initial={"fields_taken": ["advantages", "prospects"]}),
    }
    return render(request, "inventory/dossier_similar.html", context)


@require_POST
def similar_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Copy the chosen fields; the form then marks them."""
    membership, dossier = _to_fill_in(request, pk)
    form = CopyForm(request.POST)
    source = None
    if form.is_valid():
        source = queries.readable_source(form.cleaned_data["source"], membership)
    if source is None:
        messages.error(request, _("Choose a dossier and at least one field."))
        return redirect("inventory:dossier-similar", pk=pk)
    names = form.cleaned_data["fields_taken"]
    dossiers.copy_fields(
        dossier_id=pk,
        seen_version=seen_version(request),
        source=source,
        names=names,
        actor=membership,
    )
    query = urlencode([("copied", source.pk), *(("field", name) for name in names)])
    return redirect(f"{reverse('inventory:dossier-edit', args=[dossier.pk])}?{query}")


@require_safe
def phrase_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_keep_phrases(membership))
    return _phrases(request, membership, PhraseForm())


@require_POST
def phrase_new(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    require(permissions.can_keep_phrases(membership))
    form = PhraseForm(request.POST)
    if not form.is_valid():
        return _phrases(request, membership, form, status=422)
    phrases.keep_phrase(actor=membership, **form.cleaned_data)
    messages.success(request, _("The phrase was kept."))
    return redirect("inventory:phrase-list")


@require_POST
def phrase_remove(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    phrase = visible_or_404(Phrase.objects.visible_to(membership), pk=pk)
    require(permissions.can_remove_phrase(membership, phrase))
    phrases.remove_phrase(phrase=phrase, seen_version=seen_version(request), actor=membership)
    return redirect("inventory:phrase-list")


def _phrases(
    request: HttpRequest, membership: Membership, form: PhraseForm, status: int = 200
) -> HttpResponse:
    found = Phrase.objects.visible_to(membership).select_related("owner", "unit")[: phrases.MOST]
    rows = [(each, permissions.can_remove_phrase(membership, each)) for each in found]
    context = {"rows": rows, "form": form}
    return render(request, "inventory/phrase_list.html", context, status=status)
