"""Co-owned patents: who files, and the offers to hand filing over."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from inventory import bulk_holders
from inventory.lists.co_owned import CO_OWNED, HANDOVERS
from portal.access import membership_of
from portal.bulk.pages import bar_of
from portal.listing import page_of, render_list


@require_safe
def co_owned_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, CO_OWNED)
    context = {
        "bulk_actions": bar_of(membership, bulk_holders.OFFER),
        "empty_action": {"url": reverse("inventory:entry-list"), "label": _("Go to the work list")},
    }
    return render_list(request, "inventory/co_owned_list.html", page, context)


@require_safe
def handover_list(request: HttpRequest) -> HttpResponse:
    membership = membership_of(request)
    page = page_of(request, HANDOVERS)
    to_list = reverse("inventory:co-owned-list")
    names = [f"inventory.handovers.{name}" for name in bulk_holders.ANSWERS]
    context = {
        "bulk_actions": bar_of(membership, *names),
        "empty_action": {"url": to_list, "label": _("Go to the co-owned patents")},
    }
    return render_list(request, "inventory/handover_list.html", page, context)
