"""Records by the number people know them by (an application number, say): apps say what a number means."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db.models import Q

#: text → (kind of record, keys)
Finder = Callable[[str], Iterable[tuple[str, list[int]]]]
_finders: list[Finder] = []


def add_finder(finder: Finder) -> None:
    _finders.append(finder)


def about_number(text: str) -> Q:
    """Condition on entries of the trail: about a record with this number; about nothing where nobody knows it."""
    condition = Q(pk__in=[])
    for finder in _finders:
        for kind, keys in finder(text):
            if keys:
                condition |= Q(object_type=kind, object_id__in=keys)
    return condition
