"""From an address to a question: what of it this role may ask, and whether something of it is kept back.

The answer is the same whether the hidden thing exists or not: a foreign record, a column of another role and a
misspelt value are all "not for you, or not there".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.lists import columns, saved
from portal.lists.columns import Column
from portal.lists.keyset import Keys, keys_of
from portal.lists.spec import Asked, Empty, ListSpec
from portal.lists.words import Understood, filters_in_use, understand_words
from portal.models import Membership, SavedView


@dataclass(frozen=True)
class Question:
    """What a person asks of a list, cut to his rights."""

    spec: ListSpec
    asked: Asked
    filterset: django_filters.FilterSet
    order: str
    columns: Sequence[Column]
    # something of the address fell away
    is_cut: bool
    views: Sequence[SavedView] = ()
    view: SavedView | None = None
    # words of the search box that are no filters of this list: nothing is shown then
    problems: Sequence[str] = ()
    # the address in which words have become filters, or the usual view is named; "" where this one is it
    moved_to: str = ""

    @property
    def keys(self) -> Keys:
        """The columns of the order, the primary key last."""
        name = self.order.lstrip("-")
        return keys_of(self.spec.orderings[name].fields, is_reversed=self.order.startswith("-"))

    @property
    def empty(self) -> Empty:
        """What the list says when there is nothing in it."""
        empty = self.spec.empty
        return empty if isinstance(empty, Empty) else empty(self.asked)


def understand(spec: ListSpec, membership: Membership, query: QueryDict) -> Question:
    """Keep of a query what this membership may ask; `is_cut` says that something fell away."""
    given = query.copy()
    views = saved.views_of(spec, membership)
    view, is_cut = saved.applied(given, views, spec.scope)
    orders = spec.orders_for(membership)
    order = given.get("order", "")
    if order.lstrip("-") not in orders:
        is_cut |= bool(order)
        given.pop("order", None)
        order = next(iter(orders))
    if view is not None:
        # the state of a view is whole: without this, a view whose last filter was removed would come back
        given["order"] = order
    asked = Asked(membership, given)
    wanted = given.getlist("columns")
    shown, missing = columns.chosen(spec.columns_for(asked), membership, wanted)
    if missing:
        given["columns"] = ",".join(column.key for column in shown)
    filterset, is_narrower = _allowed(spec, membership, given)
    words = understand_words(given.get("q", ""), filterset.form, spec.words)
    if words.problems:
        filterset = _filterset(spec, membership, given, is_empty=True)
    return Question(
        spec=spec,
        asked=asked,
        filterset=filterset,
        order=order,
        columns=shown,
        is_cut=is_cut or bool(missing) or is_narrower,
        views=views,
        view=view,
        problems=words.problems,
        moved_to=_moved(spec, query, given, views, words),
    )


def in_words(spec: ListSpec, membership: Membership, query: str) -> str:
    """What a saved view asks, as a person would say it: filters, order and, where some were chosen, columns."""
    question = understand(spec, membership, QueryDict(query))
    form = question.filterset.form
    said = {str(form[name].label): value for name, value in filters_in_use(form).items()}
    order = str(spec.orderings[question.order.lstrip("-")].label)
    is_reversed = question.order.startswith("-")
    said[_("Order")] = _("%(order)s (reversed)") % {"order": order} if is_reversed else order
    if question.asked.GET.get("columns"):
        said[_("Columns")] = "、".join(str(column.label) for column in question.columns)
    return "；".join(f"{label}：{value}" for label, value in said.items())


def _moved(
    spec: ListSpec,
    query: QueryDict,
    given: QueryDict,
    views: Sequence[SavedView],
    words: Understood,
) -> str:
    """Where the same question stands in an address that can be sent; "" where it does already."""
    if not query:
        usual = next((view for view in views if view.is_usual), None)  # type: ignore[attr-defined]
        return saved.address_of(usual, spec) if usual else ""
    if not words.filters or words.problems:
        return ""
    target = given.copy()
    target.pop("cursor", None)
    for name, values in words.filters.items():
        target.setlist(name, values)
    target["q"] = words.rest
    if not words.rest:
        target.pop("q")
    return f"?{target.urlencode()}"


def _allowed(
    spec: ListSpec, membership: Membership, given: QueryDict
) -> tuple[django_filters.FilterSet, bool]:
    """The FilterSet without values that this membership cannot choose."""
    filterset = _filterset(spec, membership, given)
    foreign = [
        name
        for name in spec.filterset.base_filters
        if name not in filterset.filters and given.get(name)
    ]
    refused = [name for name in filterset.form.errors if _is_choice(filterset.form, name)]
    if not foreign and not refused:
        return filterset, False
    for name in foreign:
        given.pop(name)
    for name in refused:
        field: Any = filterset.form.fields[name]
        is_list = isinstance(field, forms.MultipleChoiceField)
        kept = [v for v in given.getlist(name) if is_list and field.valid_value(v)]
        given.setlist(name, kept)
        if not kept:
            given.pop(name)
    return _filterset(spec, membership, given), True


def _filterset(
    spec: ListSpec, membership: Membership, given: QueryDict, *, is_empty: bool = False
) -> django_filters.FilterSet:
    asked = Asked(membership, given)
    rows = spec.rows(asked)
    return spec.filterset(given, queryset=rows.none() if is_empty else rows, request=asked)


def _is_choice(form: forms.BaseForm, name: str) -> bool:
    return isinstance(form.fields[name], forms.ChoiceField)
