"""Which lists exist, and what a registered list holds under a query string."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from portal.errors import DomainError
from portal.lists.spec import Asked, ListSpec
from portal.lists.words import understand_words
from portal.models import Membership

_lists: dict[str, ListSpec] = {}


def register(*specs: ListSpec) -> None:
    """Add lists; called from AppConfig.ready."""
    for spec in specs:
        _lists[spec.name] = spec


def all_lists() -> list[ListSpec]:
    return list(_lists.values())


def list_named(name: str) -> ListSpec | None:
    """The registered list of this name, None for none."""
    return _lists.get(name)


def lists_for(membership: Membership) -> list[ListSpec]:
    """The lists that this membership may open."""
    return [spec for spec in _lists.values() if spec.may_open(membership)]


def narrowed(name: str, query: str, membership: Membership) -> QuerySet[Any]:
    """The rows of the list `name` that this membership sees under a query string, in no particular order.

    The same rows as on the page: for exports, bulk acts and neighbours. Whoever may not open the list is refused
    (PermissionDenied); a filter that is not understood is refused (DomainError) and never passed over, because the
    answer would hold more rows than the person saw.
    """
    spec = _lists[name]
    if not spec.may_open(membership):
        raise PermissionDenied(_("Your role does not allow this."))
    return narrowed_rows(spec, Asked(membership, QueryDict(query)))


def narrowed_rows(spec: ListSpec, asked: Asked) -> QuerySet[Any]:
    """The rows of a list under a question; DomainError where a filter is not understood or the list is gone."""
    if gone := spec.refusal(asked):
        raise DomainError(gone)
    filterset = spec.filterset(asked.GET, queryset=spec.rows(asked), request=asked)
    words = understand_words(asked.GET.get("q", ""), filterset.form, spec.words)
    if words.has_words:
        raise DomainError(
            words.problems[0] if words.problems else _("Open the list with this search first.")
        )
    if not filterset.form.is_valid():
        names = "、".join(str(filterset.form[field].label) for field in filterset.form.errors)
        raise DomainError(
            _("These filters are not understood, or not for your role: %(names)s.")
            % {"names": names}
        )
    found: QuerySet[Any] = filterset.qs
    return found
