"""The answer to a click on "Show": full contacts as a fragment for htmx, as a page without script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_revealed(request: HttpRequest, title: str, values: Mapping[str, str]) -> HttpResponse:
    """`values` as {field: text}; blank ones are left out. Call it after the entry in the trail was written."""
    context: dict[str, Any] = {"title": title, "values": [v for v in values.values() if v]}
    is_partial = bool(getattr(request, "htmx", None))
    template = "components/revealed.html" if is_partial else "portal/revealed.html"
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response
