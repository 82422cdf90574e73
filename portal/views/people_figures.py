"""Accounts and organisations in figures: an administrator's start page asks for them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import permissions
from portal.access import membership_of, require
from portal.models import Membership, Organisation, User


@never_cache
@require_safe
def people_figures(request: HttpRequest) -> HttpResponse:
    """Active accounts, accounts without a role, organisations."""
    membership = membership_of(request)
    require(permissions.can_count_people(membership))
    return render(request, "portal/panels/people.html", _figures(membership))


def _figures(membership: Membership) -> dict[str, Any]:
    people = User.objects.visible_to(membership)
    active = people.active()
    list_url = reverse("portal:people-list")
    return {
        "figures": [
            {
                "label": _("Active accounts"),
                "value": active.count(),
                "url": f"{list_url}?is_active=true",
            },
            {
                "label": _("Accounts without a role"),
                "value": active.without_role().count(),
                "url": f"{list_url}?is_active=true&has_role=false",
            },
            {
                "label": _("Organisations"),
                "value": Organisation.objects.visible_to(membership).active().count(),
                "url": f"{reverse('portal:organisation-list')}?is_active=true",
            },
        ]
    }
