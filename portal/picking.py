"""Rows ticked in a list: single ones with the version seen, or all that match the filter in the address."""

from __future__ import annotations

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

# more than this at once is a job of its own
PICK_CAP = 1000


def picked_versions(
    request: HttpRequest,
    queryset: QuerySet[Any],
    filterset_class: type[django_filters.FilterSet],
    *,
    key: str = "pk",
    version: str = "version",
) -> dict[int, int]:
    """{key: version seen} of the ticked rows of a scoped queryset, ValidationError for none or too many.

    A tick posts `pick=<key>-<version>`; `all_matching=1` means every row the filter in the query string leaves.
    """
    if request.POST.get("all_matching") == "1":
        narrowed = filterset_class(request.GET, queryset=queryset, request=request).qs
        rows = list(narrowed.order_by("pk").values_list(key, version)[: PICK_CAP + 1])
        if len(rows) > PICK_CAP:
            raise ValidationError(
                _("More than %(count)s rows match; narrow the filter first.") % {"count": PICK_CAP}
            )
        found = dict(rows)
    else:
        seen = dict(_pairs(request.POST.getlist("pick")))
        allowed = set(queryset.filter(**{f"{key}__in": seen}).values_list(key, flat=True))
        found = {pk: number for pk, number in seen.items() if pk in allowed}
    if not found:
        raise ValidationError(_("Tick at least one row."))
    return found


def _pairs(texts: list[str]) -> list[tuple[int, int]]:
    pairs = []
    for text in texts[:PICK_CAP]:
        key, _dash, version = text.partition("-")
        if _is_number(key) and _is_number(version):
            pairs.append((int(key), int(version)))
    return pairs


def picked_keys(request: HttpRequest) -> list[int]:
    """Keys of ticked rows that carry no version: `pick=<key>`."""
    return [int(text) for text in request.POST.getlist("pick")[:PICK_CAP] if _is_number(text)]


def _is_number(text: str) -> bool:
    """Plain digits that fit a key column."""
    return text.isascii() and text.isdecimal() and len(text) <= 18
