"""Which acts on many rows exist. Apps register theirs in AppConfig.ready and mount `portal.views.bulk.start_run`.

An act judges and writes rows of one model; the kernel freezes the selection, checks versions, cuts it into chunks,
keeps what was before, shows progress, cancels and undoes. See docs/how-to/add-a-bulk-act.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django import forms
from django.db.models import Model, QuerySet
from django.urls import reverse

from portal.choices import BulkOutcome
from portal.lists.registry import list_named, narrowed
from portal.models import Membership

Params = Mapping[str, Any]


@dataclass(frozen=True)
class RowResult:
    """What became, or would become, of one row.

    `note` says why it was refused, or of a written row what is lost with it, the same words for the same reason: notes
    are counted. `before` is what `undo` needs
    (plain JSON; keys named phone, email or contact_phone are encrypted); blank in a preview.
    """

    id: int
    outcome: BulkOutcome
    note: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)


def refused(key: int, note: Any) -> RowResult:
    """This row is left as it is, because …"""
    return RowResult(key, BulkOutcome.REFUSED, str(note))


def judged(key: int, why: Any = "", **before: Any) -> RowResult:
    """Refused where there is a reason, else changed, with what undoing needs."""
    return refused(key, why) if why else RowResult(key, BulkOutcome.CHANGED, before=before)


def unchanged(key: int) -> RowResult:
    return RowResult(key, BulkOutcome.UNCHANGED)


class Answered(Protocol):
    """What a service says of many records: those that took the step, and each other one with the reason in words."""

    @property
    def done(self) -> Sequence[Any]: ...

    @property
    def refused(self) -> Sequence[tuple[Any, str]]: ...


def answered(outcome: Answered, key: str = "pk") -> list[RowResult]:
    """A service's answer row by row; `key` names the column of its records that is the row's key."""
    answers = [*((one, "") for one in outcome.done), *outcome.refused]
    return [judged(getattr(one, key), why) for one, why in answers]


@dataclass(frozen=True)
class BulkAct:
    """One act on many rows of `model`.

    It is picked from the list `list_name` (portal.lists.registry), of which `narrows(queryset, membership)` may leave
    out rows; `key` and `version` are the paths in it to the model's key and version ("" for a model without one).
    `form(data, membership=…)` asks for the parameters; a field `reason` goes into the trail. `preview` and `apply` get
    ids of one chunk and the form's cleaned data, check rights and states of every row themselves, and use a constant
    number of queries per chunk; `apply` runs in a transaction with the rows locked and their versions checked.
    `undo` gets {id: before} of rows that nobody changed since, and the reason. `labels` names rows on the result
    page: {id: (text, address)}. `more(membership, rows)` gets the picked records of the model.
    """

    name: str
    label: Any
    icon: str
    model: type[Model]
    url_name: str
    list_name: str
    allowed: Callable[[Membership], bool]
    form: Callable[..., forms.Form]
    preview: Callable[[Membership, Sequence[int], Params], Iterable[RowResult]]
    apply: Callable[[Membership, Sequence[int], Params], Iterable[RowResult]]
    labels: Callable[[Membership, Sequence[int]], Mapping[int, tuple[str, str]]]
    undo: (
        Callable[[Membership, Mapping[int, Mapping[str, Any]], str], Iterable[RowResult]] | None
    ) = None
    narrows: Callable[[QuerySet[Any], Membership], QuerySet[Any]] | None = None
    key: str = "pk"
    version: str = "version"
    # of the frozen rows only these, given by chunks: for an act on what is worked out row by row
    keeps: Callable[[Membership, Sequence[int]], Collection[int]] | None = None
    # what is said when no row is kept
    none_kept: Any = ""
    # a template of the act's own for its form; without, the fields stand one below the other
    form_template: str = ""
    # one line of explanation above the form
    hint: Any = ""
    # consequences and form on one page: the preview does not wait for the parameters, which only say why
    is_one_page: bool = False
    # why an act without `undo` is not taken back, said before it is applied
    no_undo: Any = ""
    # its button in the bar of the list; `confirm` or the label without
    short: Any = ""
    # the button that applies it (“Apply” without), and its tone
    confirm: Any = ""
    tone: str = ""
    # what becomes of the rows it changes, in the preview (“will be changed” without)
    will: Any = ""
    # {count} → what is said when it is done at once
    said: Callable[[int], str] | None = None
    # what else the page of consequences shows: a template, and {name: value} for it
    more_template: str = ""
    more: Callable[[Membership, QuerySet[Any]], Mapping[str, Any]] | None = None

    @property
    def bar_label(self) -> Any:
        """What the button in the bar of the list says."""
        return self.short or (self.is_one_page and self.confirm) or self.label

    @property
    def list_url(self) -> str:
        """The address of the list it is picked from."""
        spec = list_named(self.list_name)
        return reverse(spec.url_name) if spec is not None else "/"

    def rows(self, membership: Membership, query: str) -> QuerySet[Any]:
        """The rows a person may pick from, under the list's query string."""
        found = narrowed(self.list_name, query, membership)
        return self.narrows(found, membership) if self.narrows is not None else found

    def shown(self, membership: Membership, query: str) -> int:
        """How many records the list shows under its query string, whether they may be picked or not."""
        found = narrowed(self.list_name, query, membership).order_by()
        return found.values(self.key).distinct().count()


_acts: dict[str, BulkAct] = {}


def register(act: BulkAct) -> None:
    _acts[act.name] = act


def all_acts() -> list[BulkAct]:
    return list(_acts.values())


def act_named(name: str) -> BulkAct | None:
    return _acts.get(name)


def known_act(name: str) -> BulkAct:
    """KeyError for an act that this version does not know."""
    return _acts[name]
