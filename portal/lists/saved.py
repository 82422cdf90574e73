"""Saved views at work: which of them a list offers, and what a view's query comes to in an address."""

from __future__ import annotations

from collections.abc import Sequence

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


def applied(
    given: QueryDict, views: Sequence[SavedView], scope: Sequence[str]
) -> tuple[SavedView | None, bool]:
    """Put the view that the address names into it; the view, and whether one was named that is not to be had.

    An address with nothing but the view takes the view's query; with anything else it is the whole state itself and
    the view only says where it came from.
    """
    named = given.get("view", "")
    if not named or named == NO_VIEW:
        return None, False
    view = next((each for each in views if str(each.pk) == named), None)
    if view is None:
        given.pop("view")
        return None, True
    if not set(given) - PLACES - set(scope):
        for name, values in QueryDict(view.query).lists():
            given.setlist(name, values)
    return view, False


def storable(given: QueryDict, form: forms.BaseForm, order: str, columns: Sequence[str]) -> str:
    """Of an address what a view keeps: filters of the allow-list, the order, the columns."""
    kept = QueryDict(mutable=True)
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
