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

from portal.lists import columns
from portal.lists.columns import Column
from portal.lists.keyset import Keys, keys_of
from portal.lists.spec import Asked, ListSpec
from portal.models import Membership


@dataclass(frozen=True)
class Question:
    """What a person asks of a list, cut to his rights."""

    spec: ListSpec
    asked: Asked
    filterset: django_filters.FilterSet
    order: str
    columns: Sequence[Column]
    is_cut: bool

    @property
    def keys(self) -> Keys:
        """The columns of the order, the primary key last."""
        name = self.order.lstrip("-")
        return keys_of(self.spec.orderings[name].fields, is_reversed=self.order.startswith("-"))


def understand(spec: ListSpec, membership: Membership, query: QueryDict) -> Question:
    """Keep of a query what this membership may ask; `is_cut` says that something fell away."""
    given = query.copy()
    orders = spec.orders_for(membership)
    order = given.get("order", "")
    is_cut = False
    if order.lstrip("-") not in orders:
        is_cut = bool(order)
        given.pop("order", None)
        order = next(iter(orders))
    shown, missing = columns.chosen(spec.columns, membership, given.getlist("columns"))
    if missing:
        given["columns"] = ",".join(column.key for column in shown)
    filterset, is_narrower = _allowed(spec, membership, given)
    asked = Asked(membership, filterset.data)
    return Question(spec, asked, filterset, order, shown, is_cut or bool(missing) or is_narrower)


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
        given.setlist(name, [v for v in given.getlist(name) if is_list and field.valid_value(v)])
    return _filterset(spec, membership, given), True


def _filterset(
    spec: ListSpec, membership: Membership, given: QueryDict
) -> django_filters.FilterSet:
    asked = Asked(membership, given)
    return spec.filterset(given, queryset=spec.rows(asked), request=asked)


def _is_choice(form: forms.BaseForm, name: str) -> bool:
    return isinstance(form.fields[name], forms.ChoiceField)
