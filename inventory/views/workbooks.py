"""Round-trip workbooks: made per unit and person, all at once, mailed; and the conflicts of what comes back."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import permissions
from inventory.importing import workbook_decisions
from inventory.importing.workbook_decisions import Choice
from inventory.queries import workbooks as queries
from inventory.queries.workbooks import Target
from inventory.services import workbooks
from portal import clock
from portal.access import membership_of, require, seen_version, visible_or_404
from portal.choices import ImportState, Role
from portal.intake import pages, recognition
from portal.merging import MINE, THEIRS
from portal.models import ImportBatch, Membership, Unit
from portal.services import imports

_CHOICE = re.compile(r"keep-(\d{1,9})-([a-z_]{1,30})")


@require_safe
def workbook_list(request: HttpRequest) -> HttpResponse:
    """The units with their patents and the workbook made last, and the people in charge."""
    membership = membership_of(request)
    require(permissions.can_export_dossiers(membership))
    context = {
        "lines": queries.target_lines(membership),
        "people": queries.people_in_charge(membership),
        "now": clock.now(),
        "is_manager": membership.role == Role.INSTITUTION_MANAGER,
    }
    return render(request, "inventory/workbook_list.html", context)


@require_POST
def workbook_make(request: HttpRequest) -> HttpResponse:
    """The workbook of ?unit=, of ?person=, or of the patents without a unit."""
    membership = membership_of(request)
    require(permissions.can_export_dossiers(membership))
    job = workbooks.ask_for_workbook(target=_target(request, membership), actor=membership)
    return redirect("portal:job-detail", pk=job.pk)


@require_POST
def workbook_all(request: HttpRequest) -> HttpResponse:
    """The workbooks of all units in one archive; with `send` each unit's manager is told of the own one."""
    membership = membership_of(request)
    require(permissions.can_make_all_workbooks(membership))
    job = workbooks.ask_for_all(actor=membership, is_sent=bool(request.POST.get("send")))
    return redirect("portal:job-detail", pk=job.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def workbook_conflicts(request: HttpRequest, pk: int) -> HttpResponse:
    """What file and portal both changed: exported, portal, file; the owner chooses and the file is compared again."""
    membership = membership_of(request)
    batch = _batch(membership, pk)
    if request.method == "POST":
        return _decide(request, batch, membership)
    if batch.state != ImportState.PREVIEW:
        return redirect("portal:import-detail", pk=pk)
    rows = workbook_decisions.waiting(batch)
    conflicts = workbook_decisions.conflicts_in(batch, list(rows[: workbook_decisions.PAGE]))
    context = {
        "batch": batch,
        "total": rows.count(),
        "conflicts": workbook_decisions.shown(conflicts),
        "steps": pages.steps(batch),
    }
    return render(request, "inventory/workbook_conflicts.html", context)


def _decide(request: HttpRequest, batch: ImportBatch, membership: Membership) -> HttpResponse:
    version = seen_version(request)
    if request.POST.get("again"):
        imports.check_again(actor=membership, batch=batch, seen_version=version)
        return redirect("portal:import-detail", pk=batch.pk)
    keep = request.POST.get("all", "")
    if keep in (MINE, THEIRS):
        count = workbook_decisions.decide_all(
            batch=batch, seen_version=version, keep=keep, actor=membership
        )
    else:
        choices = _choices(request)
        if not choices:
            messages.warning(
                request, _("Nothing was chosen yet: tick a value in at least one line.")
            )
            return redirect("inventory:workbook-conflicts", pk=batch.pk)
        count = workbook_decisions.decide(
            batch=batch, seen_version=version, choices=choices, actor=membership
        )
    line = ngettext(
        "%(count)s choice was kept. The file is being compared again.",
        "%(count)s choices were kept. The file is being compared again.",
        count,
    )
    messages.success(request, line % {"count": count})
    return redirect("portal:import-detail", pk=batch.pk)


def _choices(request: HttpRequest) -> dict[tuple[int, str], Choice]:
    """keep-<row>-<unit> = mine or theirs, beside sides-<row>-<unit>: the three values as they were seen."""
    found: dict[tuple[int, str], Choice] = {}
    for name, value in request.POST.items():
        matched = _CHOICE.fullmatch(name)
        if matched and value in (MINE, THEIRS):
            row, unit = matched.groups()
            sides = request.POST.get(f"sides-{row}-{unit}", "")
            found[int(row), unit] = Choice(str(value), str(sides))
    return found


def _batch(membership: Membership, pk: int) -> ImportBatch:
    """An upload of the national template that this person may go on with."""
    batches = ImportBatch.objects.visible_to(membership).select_related("file", "membership__user")
    batch = visible_or_404(batches, pk=pk)
    require(permissions.can_import_dossiers(membership))
    if batch.kind != "national" or not recognition.importer_of(batch).may_import(membership):
        raise Http404(_("This upload has no conflicts to decide."))
    return batch


def _target(request: HttpRequest, membership: Membership) -> Target:
    """What was asked for, if this person may have it."""
    unit, person = request.POST.get("unit", ""), request.POST.get("person", "")
    if person:
        known = {pk for pk, _name, _count in queries.people_in_charge(membership)}
        if not person.isdecimal() or int(person) not in known:
            raise Http404
        return Target(person=int(person))
    if unit:
        if not unit.isdecimal():
            raise Http404
        found: Any = visible_or_404(
            Unit.objects.visible_to(membership),
            pk=int(unit),
            organisation=membership.organisation_id,
        )
        return Target(unit=found.pk)
    require(permissions.can_make_all_workbooks(membership))
    return Target()
