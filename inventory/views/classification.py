"""Classification tables: the built-in ones, the loaded editions, and the industries of a patent."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from inventory import permissions
from inventory.choices import TableKind
from inventory.classification import clusters, industries, ipc, regions, strategic
from inventory.lists.classification import CODES, RULES, table_of
from inventory.models import ClassificationTable, Patent
from inventory.services import classification
from inventory.views.key_industries import tabs
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.listing import ListPage, page_of, render_list
from portal.lists.spec import Asked

# name, edition, number of codes: what ships with the portal
BUILT_IN = (
    (
        gettext_lazy("国民经济行业: sections and divisions"),
        industries.VERSION,
        len(industries.INDUSTRIES),
    ),
    (
        gettext_lazy("战略性新兴产业: branches and groups"),
        strategic.VERSION,
        len(strategic.STRATEGIC),
    ),
    (gettext_lazy("IPC: sections and classes"), ipc.VERSION, len(ipc.ENTRIES)),
    (gettext_lazy("十大高精尖产业"), clusters.VERSION, len(clusters.CLUSTERS)),
    (gettext_lazy("Districts of Beijing and 经开区"), regions.VERSION, len(regions.DISTRICTS)),
)


@require_safe
def classification_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    tables = (
        ClassificationTable.objects.visible_to(membership)
        .select_related("loaded_by__user")
        .annotate(size=Count("codes", distinct=True) + Count("rules", distinct=True))
        .order_by("scheme", "kind", "-pk")
    )
    context = {
        "built_in": BUILT_IN,
        "tables": tables,
        "can_load": permissions.can_load_classifications(membership),
        "tabs": tabs("classification-list"),
    }
    return render(request, "inventory/classification_list.html", context)


@require_safe
def classification_codes(request: HttpRequest) -> HttpResponse:
    """One edition of codes with names."""
    return _edition(request, page_of(request, CODES), TableKind.CODES)


@require_safe
def classification_rules(request: HttpRequest) -> HttpResponse:
    """One edition of a concordance."""
    return _edition(request, page_of(request, RULES), TableKind.CONCORDANCE)


def _edition(request: HttpRequest, page: ListPage, kind: TableKind) -> HttpResponse:
    membership = membership_of(request)
    table = table_of(Asked(membership, request.GET), kind)
    if table is None:
        raise Http404
    may_force = permissions.can_put_classification_in_force(membership)
    context = {"table": table, "can_force": may_force and not table.is_current}
    return render_list(request, "inventory/classification_rows.html", page, context)


@require_POST
def classification_force(request: HttpRequest, pk: int) -> HttpResponse:
    membership = membership_of(request)
    table = visible_or_404(ClassificationTable.objects.visible_to(membership), pk=pk)
    require(permissions.can_put_classification_in_force(membership))
    classification.put_in_force(table=table, seen_version=seen_version(request), actor=membership)
    messages.success(request, _("In force. The patents are classified in the background."))
    return redirect(table)


@require_POST
def industry_decide(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Confirm or reject what a table proposes for a patent."""
    membership = membership_of(request)
    visible = Patent.objects.visible_to(membership).prefetch_related("holders")
    patent = visible_or_404(visible, industries__pk=pk)
    require(permissions.can_decide_industry(membership, patent))
    industry = visible_or_404(patent.industries.all(), pk=pk)
    classification.decide_industry(
        industry=industry,
        is_confirmed=act == "confirm",
        seen_version=seen_version(request),
        actor=membership,
    )
    messages.success(request, _("Saved."))
    return redirect(patent)
