"""The registry of lists: every list page is in it, and a query means the same everywhere."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.errors import DomainError
from portal.lists import registry
from portal.lists.registry import narrowed
from tests import factories
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


def test_a_query_means_the_same_rows_as_on_the_page(cast: Cast, client_of) -> None:
    draft = factories.entry(cast.participation, state="draft")
    factories.entry(cast.participation)
    factories.entry(cast.other_participation, state="draft")

    found = narrowed("inventory.entries", "state=draft", cast.manager)
    page = client_of(cast.manager).get(reverse("inventory:entry-list"), {"state": "draft"})

    assert list(found) == [draft]
    assert [row.pk for row in page.context["page"].items] == [draft.pk]


@pytest.mark.parametrize("query", ["state=zzz", "unit=999999", "unit=x", "state=draft&stars=9"])
def test_what_is_not_understood_is_refused_and_never_passed_over(cast: Cast, query: str) -> None:
    factories.entry(cast.participation, state="draft")

    with pytest.raises(DomainError):
        narrowed("inventory.entries", query, cast.manager)


def test_a_list_that_is_not_ones_own_is_refused(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        narrowed("inventory.reviews", "", cast.city)


def test_lists_have_pages_of_their_own() -> None:
    addresses = [reverse(spec.url_name) for spec in registry.all_lists()]

    assert len(set(addresses)) == len(addresses) >= 13
