"""The number doctor: paste numbers, get them back healed. Nothing is kept."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from inventory import permissions
from inventory.exports.healed import workbook
from inventory.forms.numbers import NumbersForm
from inventory.number_doctor import MOST_LINES
from inventory.queries.healing import Line, lines_of
from portal.access import membership_of, require

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def number_doctor(request: HttpRequest) -> HttpResponseBase:
    """The pasted numbers with what is certain, what may be chosen and what is refused."""
    membership = membership_of(request)
    require(permissions.can_import_dossiers(membership))
    form = NumbersForm(request.POST or None)
    lines: list[Line] = []
    if request.method == "POST" and form.is_valid():
        lines = lines_of(membership, form.cleaned_data["numbers"])
        form.choose(lines)
        if not form.errors and request.POST.get("act") == "download":
            return FileResponse(
                io.BytesIO(workbook(lines)),
                as_attachment=True,
                filename=_("Healed numbers.xlsx"),
                content_type=WORKBOOK,
            )
    status = 422 if form.errors else 200
    return render(request, "inventory/number_doctor.html", _context(form, lines), status=status)


def _context(form: NumbersForm, lines: Sequence[Line]) -> dict[str, Any]:
    counts = Counter(_standing(line) for line in lines)
    return {
        "form": form,
        "lines": lines,
        "most": MOST_LINES,
        "healed": "\n".join(line.healed for line in lines),
        "certain": counts["certain"],
        "open": counts["open"],
        "refused": counts["refused"],
        "known": sum(line.patent is not None for line in lines),
    }


def _standing(line: Line) -> str:
    """Whether a line is certain, waits for a choice, cannot be healed, or is blank."""
    if line.healed:
        return "certain"
    if not line.finding.typed:
        return "blank"
    return "open" if line.proposals else "refused"
