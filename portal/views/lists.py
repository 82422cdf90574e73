"""What every list has: saved views, export, and the palette that goes anywhere."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.access import membership_of, require, seen_version, visible_or_404
from portal.errors import StaleVersion
from portal.forms.merging import MergingForm
from portal.forms.saved_views import SavedViewForm, ViewQueryForm
from portal.lists import finding
from portal.lists.asking import understand
from portal.lists.export import FORMATS, ask_for_export
from portal.lists.registry import list_named
from portal.lists.saved import address_of, storable
from portal.lists.spec import ListSpec
from portal.models import Membership, SavedView
from portal.services import saved_views


def _list_or_404(name: str, membership: Membership) -> ListSpec:
    """A registered list that this membership may open; 404 for others, as for unknown ones."""
    spec = list_named(name)
    if spec is None or not spec.may_open(membership):
        raise Http404
    return spec


def _query(spec: ListSpec, membership: Membership, text: str) -> str:
    """What of an address a view may keep."""
    question = understand(spec, membership, QueryDict(text[:8_000]))
    names = [column.key for column in question.columns]
    form = question.filterset.form
    return storable(question.asked.GET, form, question.order, names, spec.scope)


def _back(spec: ListSpec, view: SavedView | None, query: str = "") -> str:
    """The list that the address named where the person stood; without one that of the view."""
    return reverse(spec.url_name) + address_of(view, spec, QueryDict(query[:8_000]))


@require_POST
def new_view(request: HttpRequest) -> HttpResponse:
    """Keep what a list shows now under a name."""
    membership = membership_of(request)
    spec = _list_or_404(request.POST.get("list", ""), membership)
    query = request.POST.get("query", "")
    form = SavedViewForm(request.POST, membership=membership)
    if not form.is_valid():
        messages.error(request, " ".join(str(e[0]) for e in form.errors.values()))
        return redirect(_back(spec, None, query))
    try:
        view = saved_views.save_view(
            list_name=spec.name,
            name=form.cleaned_data["name"],
            query=_query(spec, membership, query),
            shared=form.cleaned_data["shared"],
            actor=membership,
        )
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(_back(spec, None, query))
    if form.cleaned_data["is_usual"]:
        saved_views.choose_usual_view(list_name=spec.name, view=view, actor=membership)
    messages.success(request, _("The view was saved."))
    return redirect(_back(spec, view, query))


def _own(membership: Membership, pk: int) -> tuple[SavedView, ListSpec]:
    """A view to be changed: 404 invisible, 403 another person's."""
    view = visible_or_404(SavedView.objects.visible_to(membership), pk=pk)
    require(view.owner_id == membership.pk)
    return view, _list_or_404(view.list_name, membership)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename and share."""
    membership = membership_of(request)
    view, _spec = _own(membership, pk)
    form = SavedViewForm(request.POST or None, instance=view, membership=membership)
    form.fields.pop("is_usual")
    return _change_view(request, view, form, reload_url=request.path)


@require_POST
def overwrite_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Put what the list shows now into the view."""
    membership = membership_of(request)
    view, spec = _own(membership, pk)
    posted = request.POST.copy()
    query = posted.get("query", "")
    posted["query"] = _query(spec, membership, query)
    form = ViewQueryForm(posted, instance=view, spec=spec, membership=membership)
    return _change_view(request, view, form, reload_url=_back(spec, view, query))


def _change_view(
    request: HttpRequest, view: SavedView, form: MergingForm, reload_url: str
) -> HttpResponse:
    """Save what a form of a view holds; its page where something is to be mended or chosen."""
    membership = membership_of(request)
    spec, version, name = _list_or_404(view.list_name, membership), view.version, view.name
    if request.method == "POST" and form.agrees(seen_version(request)) and form.is_valid():
        try:
            saved_views.change_view(
                view=view,
                values=form.cleaned_data,
                seen_version=version,
                actor=membership,
            )
        except StaleVersion:
            change = edit_view if "name" in form.fields else overwrite_view
            return change(request, view.pk)
        messages.success(request, _("Saved."))
        return redirect(_back(spec, view, request.POST.get("query", "")))
    context = {
        "form": form,
        "view": view,
        "name": name,
        "spec": spec,
        **form.conflict(reload_url),
    }
    status = 409 if form.merge else 422 if form.errors else 200
    return render(request, "portal/saved_view_form.html", context, status=status)


@require_POST
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    view, spec = _own(membership, pk)
    saved_views.delete_view(view=view, seen_version=seen_version(request), actor=membership)
    messages.success(request, _("The view was deleted."))
    return redirect(_back(spec, None, view.query))


@require_POST
def choose_usual(request: HttpRequest) -> HttpResponse:
    """Open a list with a view from now on, or with all rows (no view)."""
    membership = membership_of(request)
    spec = _list_or_404(request.POST.get("list", ""), membership)
    chosen = request.POST.get("view", "")
    view = None
    if chosen.isdecimal() and len(chosen) <= 18:
        own = SavedView.objects.visible_to(membership).filter(list_name=spec.name)
        view = visible_or_404(own, pk=chosen)
    saved_views.choose_usual_view(list_name=spec.name, view=view, actor=membership)
    return redirect(_back(spec, view, request.POST.get("query", "")))


@require_POST
def export_list(request: HttpRequest) -> HttpResponse:
    """Have the rows of a list written as a file in the background."""
    membership = membership_of(request)
    spec = _list_or_404(request.POST.get("list", ""), membership)
    file_format = request.POST.get("format", "")
    job = ask_for_export(
        list_name=spec.name,
        query=request.POST.get("query", ""),
        file_format=file_format if file_format in FORMATS else FORMATS[0],
        has_all_columns=request.POST.get("columns") == "all",
        actor=membership,
    )
    return redirect("portal:job-detail", pk=job.pk)


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Pages, saved views and records by a word; the palette asks for the results alone."""
    membership = membership_of(request)
    words = request.GET.get("q", "").strip()[:200]
    context = {"groups": finding.find(words, membership), "words": words}
    is_palette = getattr(request, "htmx", None) and request.htmx.target == "palette-results"  # type: ignore[attr-defined]
    template = "components/found.html" if is_palette else "portal/find.html"
    return render(request, template, context)
