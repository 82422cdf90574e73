"""The personnel list: who is on it, which namesakes are one person, the list as a workbook."""

from __future__ import annotations

import io
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import audit, merging, permissions
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.audit_words import field_label, field_value
from portal.errors import StaleVersion
from portal.forms.invitations import NamesakeForm
from portal.forms.merging import FORM_ID
from portal.listing import page_of, render_list
from portal.lists.staff import STAFF, leavers_of
from portal.merging import Merge
from portal.models import Membership, StaffMember, Unit
from portal.services import staff
from portal.staff_table import ask_for_export, write_template

# what the page says about a doubtful line
SHOWN = ("name", "staff_number", "unit", "title", "category", "is_doubtful")
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def list_staff(request: HttpRequest) -> HttpResponse:
    """The list as far as one keeps it; contact details masked."""
    membership = membership_of(request)
    page = page_of(request, STAFF)
    context = {
        "doubtful": StaffMember.objects.visible_to(membership).filter(is_doubtful=True).count(),
        "leavers": leavers_of(membership).count(),
        "export_actions": [
            {
                "label": _("Workbook to change and upload again"),
                "url": reverse("portal:staff-export"),
            }
        ],
        "empty_action": {
            "label": _("Import a personnel list"),
            "url": reverse("portal:import-new"),
        },
    }
    return render_list(request, "portal/staff_list.html", page, context)


@never_cache
@require_http_methods(["GET", "POST"])
def settle_namesake(request: HttpRequest, pk: int) -> HttpResponse:
    """One person or two: the doubtful line beside those of the same name."""
    membership = membership_of(request)
    member = visible_or_404(StaffMember.objects.visible_to(membership).with_names(), pk=pk)
    namesakes = _namesakes(membership, member)
    form = NamesakeForm(request.POST or None, namesakes=namesakes)
    news = _news(request, member) if request.method == "POST" else None
    if request.method == "POST" and (news is None or news.is_settled) and form.is_valid():
        seen, chosen = member.version, form.chosen
        try:
            staff.settle_doubt(member=member, same_as=chosen, seen_version=seen, actor=membership)
        except StaleVersion:
            return settle_namesake(request, pk)
        messages.success(request, _("Settled."))
        return redirect("portal:staff-list")
    context = {
        "member": member,
        "namesakes": namesakes,
        "form": form,
        "form_id": FORM_ID if member.is_doubtful else "",
        "version": request.POST.get("version", member.version),
        "conflict": news and {**_in_words(news, membership), "reload_url": request.path},
    }
    status = 409 if news else 200
    return render(request, "portal/staff_namesake.html", context, status=status)


@require_POST
def export_staff(request: HttpRequest) -> HttpResponse:
    """The list as a workbook, which can be changed and uploaded again; made in the background."""
    membership = membership_of(request)
    require(permissions.can_keep_staff(membership))
    return redirect("portal:job-detail", pk=ask_for_export(actor=membership).pk)


@require_safe
def staff_template(request: HttpRequest) -> FileResponse:
    """The blank workbook."""
    require(permissions.can_keep_staff(membership_of(request)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "template.xlsx")
        write_template(path)
        content = io.BytesIO(path.read_bytes())
    return FileResponse(
        content, as_attachment=True, filename=_("Personnel list.xlsx"), content_type=WORKBOOK
    )


def _namesakes(membership: Membership, member: StaffMember) -> list[StaffMember]:
    """Others of the same name as far as one keeps them."""
    visible = StaffMember.objects.visible_to(membership).with_names()
    same = visible.filter(name_key=member.name_key).exclude(pk=member.pk).order_by("pk")
    return list(same[:20])


def _news(request: HttpRequest, member: StaffMember) -> Merge | None:
    """What became of the doubtful line since the page was opened; None where nothing did."""
    seen = seen_version(request)
    if seen == member.version:
        return None
    facts = {name: audit.plain(getattr(member, name)) for name in SHOWN}
    return merging.news(member, seen=seen, facts=facts, posted=request.POST)


def _in_words(news: Merge, membership: Membership) -> dict[str, Any]:
    units = Unit.objects.visible_to(membership).in_bulk(
        [
            pk
            for row in news.rows
            if row.name == "unit"
            for pk in (row.base["unit"], row.theirs["unit"])
        ]
    )
    return merging.shown(
        news,
        label_of=partial(field_label, StaffMember),
        words_of=lambda name, value: (
            str(units.get(value, "")) if name == "unit" else field_value(StaffMember, name, value)
        ),
    )
