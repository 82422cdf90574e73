"""Saved views at work: which of them a list offers, and what a view's query comes to in an address."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from portal.lists.spec import ListSpec
from portal.models import Membership, SavedView
from portal.models.saved_views import QUERY_LENGTH

#: `view=0`: every row, although a usual view was chosen
NO_VIEW = "0"
#: parts of an address that say where one stands, not what one asks
PLACES = frozenset({"view", "cursor", "row"})


def views_of(spec: ListSpec, membership: Membership) -> list[SavedView]:
    """The saved views of this list that the membership may open, own ones first."""
    found = (
        SavedView.objects.visible_to(membership)
        .filter(list_name=spec.name)
        .select_related("owner__user")
        .with_usual(membership)
        .order_by("name", "pk")
    )
    return sorted(found, key=lambda view: view.owner_id != membership.pk)


def scope_of(given: QueryDict, scope: Sequence[str]) -> list[tuple[str, str]]:
    """The part of an address that says which list it is."""
    return [(name, value) for name in scope for value in given.getlist(name) if value]


def address_of(view: SavedView | None, spec: ListSpec, given: QueryDict | None = None) -> str:
    """Where a view opens, or every row without one: in the list that the address given names, else in its own."""
    named = scope_of(given, spec.scope) if given is not None else []
    if view is not None and not named:
        named = scope_of(QueryDict(view.query), spec.scope)
    return f"?{urlencode([('view', view.pk if view else NO_VIEW), *named])}"


def applied(
    given: QueryDict, views: Sequence[SavedView], scope: Sequence[str]
) -> tuple[SavedView | None, bool]:
    """Put the view that the address names into it; the view, and whether one was named that is not to be had.

    An address with nothing but the view takes the view's query; with anything else it is the whole state itself and
    the view only says where it came from. Which list it is says the address before the view: what was saved of one
    batch may be asked of another.
    """
    named = given.get("view", "")
    if not named or named == NO_VIEW:
        return None, False
    view = next((each for each in views if str(each.pk) == named), None)
    if view is None:
        given.pop("view")
        return None, True
    if not set(given) - PLACES - set(scope):
        left_out = scope if scope_of(given, scope) else ()
        for name, values in QueryDict(view.query).lists():
            if name not in left_out:
                given.setlist(name, values)
    return view, False


def storable(
    given: QueryDict,
    form: forms.BaseForm,
    order: str,
    columns: Sequence[str],
    scope: Sequence[str],
) -> str:
    """Of an address what a view keeps: which list it is, filters of the allow-list, the order, the columns."""
    kept = QueryDict(mutable=True)
    for name, value in scope_of(given, scope):
        kept.appendlist(name, value)
    for name, target in form.fields.items():
        suffixes = getattr(target.widget, "suffixes", None)
        for key in [f"{name}_{suffix}" for suffix in suffixes] if suffixes else [name]:
            values = [value for value in given.getlist(key) if value]
            if values:
                kept.setlist(key, values)
    kept["order"] = order
    if given.get("columns"):
        kept["columns"] = ",".join(columns)
    return kept.urlencode()[:QUERY_LENGTH]
